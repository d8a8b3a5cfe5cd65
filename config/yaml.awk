# The keys of ffd.yaml(5), from the reference file itself:
#   awk -v config=config/ffd.yaml -f scd.awk -f yaml.awk keys
#
# A key's text is the comment right above it; its path comes from the
# indentation, its default from the file.

function scd_markup(text)
{
    return scd_escape(text)
}

function scd_term(text)
{
    return text
}

function key(line,    depth, name, value, i, path)
{
    match(line, /^ */)
    depth = RLENGTH / 2
    name = line
    sub(/^ */, "", name)
    value = name
    sub(/:.*$/, "", name)
    sub(/^[^:]*: */, "", value)
    part[depth] = name
    for (i = 0; i <= depth; i++)
        path = path (i ? "." : "") part[i]
    sub(/^models\.example/, "models.NAME", path)
    printf "*%s*%s\n", scd_escape(path),
        value != "" && value !~ /:$/ ? ": " scd_escape(value) : ""
    for (i = 1; i <= comments; i++)
        print (comment[i] == "" ? "" : "\t" scd_escape(comment[i]))
    print ""
}

BEGIN {
    if (ARGV[1] != "keys")
        exit 1
    while ((getline text < config) > 0) {
        if (text ~ /^ *#/) {
            sub(/^ *# ?/, "", text)
            sub(/^ +/, "", text)
            comment[++comments] = text
        } else if (text ~ /^ *[a-z_]+:/) {
            key(text)
            comments = 0
        } else {
            comments = 0
        }
    }
    exit 0
}
