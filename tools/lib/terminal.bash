# What the tools say to a person. Progress goes to standard error, so that standard output carries results only.

readonly STATUS_USAGE=2   # the command line is not understood
readonly STATUS_MISSING=3 # something has to be installed first, and the tool may not do it itself

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$'\033[1m' yellow=$'\033[33m' red=$'\033[31m' plain=$'\033[0m'
else
    bold='' yellow='' red='' plain=''
fi

# Progress, one line.
note() { printf '%s%s:%s %s\n' "$bold" "${0##*/}" "$plain" "$*" >&2; }

# Something the reader should know although the tool goes on.
warn() { printf '%s%s:%s %s\n' "$yellow" "${0##*/}" "$plain" "$*" >&2; }

# The tool cannot go on. Ends the process with status 1.
die() { die_with 1 "$@"; }

# die_with STATUS SENTENCE…
die_with() {
    local status=$1
    shift
    printf '%s%s:%s %s\n' "$red" "${0##*/}" "$plain" "$*" >&2
    exit "$status"
}

die_usage() { die_with "$STATUS_USAGE" "$* (see tools/${0##*/} --help)"; }

# print_help FILE: the comment block at the top of a tool is its manual.
print_help() { awk 'NR == 1 { next } /^#/ { sub(/^# ?/, ""); print; next } { exit }' "$1"; }

# The last lines of a log, to standard error.
show_end_of_log() {
    [ -s "$1" ] || return 0
    printf -- '--- the end of %s\n' "$1" >&2
    tail -n 15 "$1" >&2
    printf -- '---\n' >&2
}
