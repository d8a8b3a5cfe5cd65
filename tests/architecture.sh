#!/bin/sh
# Who may include whom (README.md, the map). Prints each offence; fails if any.
#   ffctl -> libffclient -> proto <- daemon -> lib
cd "$(dirname "$0")/.." || exit 2
bad=0

# allow FOLDER PATTERN: every project include in FOLDER matches PATTERN.
allow() {
    if grep -rnE '^#include "' "$1" --include='*.[ch]' --include='*.def' |
        grep -vE "#include \"($2)\""; then
        echo "$1 may include only $2" >&2
        bad=1
    fi
}

# only HEADER PATTERN: a library's header is included only where PATTERN says.
only() {
    if grep -rlE "^#include <$1" lib proto daemon clients |
        grep -vE "^($2)"; then
        echo "<$1> belongs to $2" >&2
        bad=1
    fi
}

allow lib 'lib/.*'
allow proto 'proto/.*'
allow clients/c 'clients/c/.*|proto/.*'
allow clients/cli 'clients/cli/.*|clients/c/ffclient\.h'
allow daemon 'daemon/.*|proto/.*|lib/ff\.h'
only 'uv\.h>' 'daemon/'
only 'openssl/' 'daemon/(tls|tokens)\.c|clients/c/tls\.c'
only '(cblas|f77blas)\.h>' 'lib/mat\.c'
only 'sqlite3\.h>' 'daemon/segment'
only 'yaml\.h>' 'daemon/yaml\.h'
only 'msgpack' 'proto/|clients/c/'
only 'microhttpd' 'daemon/http/'
exit $bad
