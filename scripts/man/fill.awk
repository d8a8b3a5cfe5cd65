# Fill a page: a line @PART@ becomes what the command `gen PART` prints.
#   awk -v gen=COMMAND -f fill.awk PAGE.scd
/^@[a-z]+@$/ {
    fflush()
    if (system(gen " " substr($0, 2, length($0) - 2)) != 0) {
        print FILENAME ":" FNR ": no part " $0 > "/dev/stderr"
        exit 1
    }
    next
}
{ print }
