# Parts of ffctl(1), from what ffctl itself says:
#   awk -v ffctl=build/dev/bin/ffctl -f scd.awk -f ffctl.awk verbs
#
#   verbs     each with its usage and what --help tells of it
#   inputs    the options of verbs that take frames
#   options   those of every verb

# Options bold, VALUES underlined.
function mark_word(word)
{
    if (word ~ /^-/)
        return "*" scd_escape(word) "*"
    return word ~ /^[A-Z]+$/ ? "_" word "_" : scd_escape(word)
}

function scd_term(text,    words, n, i, out, open, shut)
{
    n = split(text, words, " ")
    for (i = 1; i <= n; i++) {
        open = shut = ""
        while (words[i] ~ /^[(\[]/) {
            open = open substr(words[i], 1, 1)
            words[i] = substr(words[i], 2)
        }
        while (words[i] ~ /[])|,.]$/) {
            shut = substr(words[i], length(words[i])) shut
            words[i] = substr(words[i], 1, length(words[i]) - 1)
        }
        out = out (i > 1 ? " " : "") scd_escape(open) \
            mark_word(words[i]) scd_escape(shut)
    }
    return out
}

function scd_markup(text,    words, n, i, out, shut)
{
    n = split(text, words, " ")
    for (i = 1; i <= n; i++) {
        shut = ""
        if (words[i] ~ /^--?[a-z]/ && match(words[i], /[),.;:]+$/)) {
            shut = substr(words[i], RSTART)
            words[i] = substr(words[i], 1, RSTART - 1)
        }
        out = out (i > 1 ? " " : "") (words[i] ~ /^--?[a-z]/ ? \
            mark_word(words[i]) : scd_escape(words[i])) shut
    }
    return out
}

function sentence(text)
{
    return toupper(substr(text, 1, 1)) substr(text, 2) "."
}

# Lines of a command into line[1..]; how many.
function read(command,    n)
{
    for (n = 0; (command | getline line[n + 1]) > 0; n++)
        ;
    if (close(command) != 0 || n == 0) {
        print "ffctl.awk: no answer from " command > "/dev/stderr"
        exit 1
    }
    return n
}

function verb(name,    n, i, usage)
{
    n = read(ffctl " " name " --help")
    usage = line[1]
    sub(/^.*--json\] [^ ]+ ?/, "", usage)
    printf "*%s* %s\n", scd_escape(name), scd_term(usage)
    scd_indent = 1
    scd_line(sentence(line[3]))
    for (i = 4; i <= n && line[i] !~ /^Inputs/; i++)
        scd_line(line[i])
    scd_end()
}

function verbs(    n, i, names, count)
{
    n = read(ffctl " --help")
    for (i = 1; i <= n && line[i] !~ /^  /; i++)
        ;
    for (; line[i] ~ /^  /; i++) {
        split(line[i], words, " ")
        names[++count] = words[1]
    }
    for (i = 1; i <= count; i++)
        verb(names[i])
}

# What stands between a line of help that begins with from, and an empty one.
function between(command, from,    n, i)
{
    n = read(ffctl " " command)
    for (i = 1; i <= n && index(line[i], from) != 1; i++)
        ;
    for (; i <= n && line[i] != ""; i++)
        if (line[i] ~ /^  /)
            scd_line(line[i])
    scd_end()
}

BEGIN {
    if (ARGV[1] == "verbs")
        verbs()
    else if (ARGV[1] == "inputs")
        between("feed --help", "Inputs")
    else if (ARGV[1] == "options")
        between("--help", "  -s, --server")
    else
        exit 1
}
