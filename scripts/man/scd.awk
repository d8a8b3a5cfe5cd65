# Plain text, as help and comments are written, in scdoc's language:
#
#     Words of a paragraph, over as many lines as
#     it takes.
#       --term VALUE   two spaces before it, two or more behind it; what it is,
#                      which goes on where a line begins with three spaces
#
# scd_line() takes a line, scd_end() ends what is open. Paragraphs are written
# as one line each, since what begins a line may mean something to scdoc.
# scd_indent: tabs before all of it. scd_markup(text): how inline text is marked;
# scd_term(text): how a term is. Both are the page's, and begin with scd_escape.

function scd_escape(text)
{
    gsub(/[\\*_\[\]|#`]/, "\\\\&", text)
    return text
}

function scd_tabs(n,    tabs)
{
    for (tabs = ""; n > 0; n--)
        tabs = tabs "\t"
    return tabs
}

function scd_end()
{
    if (scd_text != "")
        printf "%s%s\n", scd_tabs(scd_indent + scd_in_term),
            scd_markup(scd_text)
    if (scd_text != "" || scd_in_term)
        print ""
    scd_text = ""
    scd_in_term = 0
}

function scd_line(line,    at)
{
    if (line ~ /^  [^ ]/) {
        scd_end()
        line = substr(line, 3)
        at = match(line, /   *[^ ]/)
        scd_in_term = 1
        printf "%s%s\n", scd_tabs(scd_indent),
            scd_term(at ? substr(line, 1, at - 1) : line)
        scd_text = at ? substr(line, at + RLENGTH - 1) : ""
        return
    }
    if (line ~ /^ *$/ || (scd_in_term && line !~ /^   /))
        scd_end()
    sub(/^ */, "", line)
    if (line != "")
        scd_text = scd_text == "" ? line : scd_text " " line
}
