#include "lib/status.h"

const char *ff_strerror(int status)
{
    switch ((enum ff_status)status) {
#define FF_STATUS(name, value, text)                                           \
    case name:                                                                 \
        return text;
        FF_STATUS_MAP(FF_STATUS)
#undef FF_STATUS
    }
    return "unknown error";
}
