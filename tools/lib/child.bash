# The one long-running child of a tool.
#
# It gets a process group of its own, so that a signal to the tool, from the terminal or from anywhere, reaches the
# child and all its children exactly once, and the tool still lives to clear up after them.

child=''

# child_run COMMAND…: its status. Its standard input is empty.
child_run() {
    local status=0
    set -m
    "$@" </dev/null 9<&- &
    child=$!
    set +m
    wait "$child" || status=$?
    child=''
    return "$status"
}

# child_end_on_signals: from here on INT, TERM and HUP end the child first, then the tool (by way of its EXIT trap).
child_end_on_signals() {
    trap 'child_forward INT 130' INT
    trap 'child_forward TERM 143' TERM
    trap 'child_forward HUP 129' HUP
}

# child_forward SIGNAL STATUS: half a minute for an orderly end, then none. A test runner puts the program that holds
# the tests into a group of its own and does not pass signals on, so the members of other groups are told one by one.
child_forward() {
    trap '' INT TERM HUP
    if [ -n "$child" ]; then
        child_elsewhere=$(process_descendants "$child" | awk -v group="$child" '$2 != group { print $1, $3 }')
        child_signal "$1"
        wait_until 30 child_gone || child_signal KILL
    fi
    exit "$2"
}

child_signal() {
    local pid identity
    kill -s "$1" -- "-$child" 2>/dev/null || true
    while read -r pid identity; do
        if [ -n "$identity" ] && [ "$(process_identity "$pid")" = "$identity" ]; then
            kill -s "$1" "$pid" 2>/dev/null || true
        fi
    done <<<"$child_elsewhere"
}

child_gone() {
    local pid identity
    ! kill -0 -- "-$child" 2>/dev/null || return 1
    while read -r pid identity; do
        [ -z "$identity" ] || [ "$(process_identity "$pid")" != "$identity" ] || return 1
    done <<<"$child_elsewhere"
}
