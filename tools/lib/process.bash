# Long-running processes and the records by which they are found again.
#
# A record is a file with one line, "PID IDENTITY". A process id alone proves nothing: after kill -9, a reboot or the
# restart of a container the number may belong to a stranger. The identity (time of start and boot of the machine)
# tells them apart, so a tool ends exactly what it started and nothing else.

# process_identity PID: fails when there is no such process, or only its remains are left (a zombie).
process_identity() {
    local stat fields
    if [ -d /proc/self ]; then
        { stat=$(cat "/proc/$1/stat"); } 2>/dev/null || return 1
        # The command's name comes second, in parentheses, and may hold anything; the rest are plain fields.
        read -r -a fields <<<"${stat##*) }"
        case ${fields[0]} in Z | X) return 1 ;; esac
        printf '%s@%s\n' "${fields[19]}" "$(cat /proc/sys/kernel/random/boot_id)"
    else
        stat=$(ps -o state= -o lstart= -p "$1" 2>/dev/null) || return 1
        read -r -a fields <<<"$stat"
        case ${fields[0]} in Z*) return 1 ;; esac
        (IFS=- && printf '%s\n' "${fields[*]:1}")
    fi
}

# process_record FILE PID
process_record() {
    local identity
    identity=$(process_identity "$2") || return 1
    replace_file "$1" "$2 $identity"
}

# replace_file FILE LINE: whole or not at all, also when a file of another owner stands there.
replace_file() {
    local half
    half=$(mktemp "$1.XXXXXX")
    printf '%s\n' "$2" >"$half"
    chmod 644 "$half" # the checkout's owner reads what root has started, and the other way round
    mv -f "$half" "$1"
}

# process_pid FILE: the process id of a record, or nothing.
process_pid() {
    local pid='' rest
    [ ! -s "$1" ] || read -r pid rest <"$1" || true
    printf '%s' "$pid"
}

# process_alive FILE: does the recorded process, and not a stranger with its number, still run?
process_alive() {
    local pid='' identity=''
    [ -s "$1" ] || return 1
    read -r pid identity <"$1" || return 1
    [ -n "$pid" ] && [ "$(process_identity "$pid")" = "$identity" ]
}

# process_launch RECORD LOG COMMAND…: start a process of its own session that outlives the tool.
# It writes its record itself before it becomes the command: a tool killed at any moment leaves no unknown process.
# The lock (descriptor 9) is let go only after that.
process_launch() {
    local record=$1 log=$2
    shift 2
    [ ! -f "$log" ] || mv -f "$log" "$log.1"
    (
        cd /
        process_record "$record" "${BASHPID:-$(exec sh -c 'echo $PPID')}"
        if command -v setsid >/dev/null; then
            exec setsid "$@" 9<&-
        else
            exec perl -MPOSIX=setsid -e 'setsid(); exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\n"' "$@" 9<&-
        fi
    ) >"$log" 2>&1 </dev/null &
    wait_until 5 test -s "$record"
}

# process_end RECORD SIGNAL:SECONDS…: ask with each signal in turn, then insist. The record goes last.
process_end() {
    local record=$1 step
    shift
    for step in "$@" KILL:10; do
        process_alive "$record" || break
        kill -s "${step%:*}" "$(process_pid "$record")" 2>/dev/null || true
        wait_until "${step#*:}" process_gone "$record" || true
    done
    process_gone "$record" || return 1
    rm -f "$record"
}

process_gone() { ! process_alive "$1"; }

# process_directory PID: its working directory; fails when that may not be known.
process_directory() {
    if [ -d /proc/self ]; then
        readlink "/proc/$1/cwd" 2>/dev/null
    else
        lsof -a -d cwd -p "$1" -Fn 2>/dev/null | sed -n 's/^n//p'
    fi
}

# wait_until SECONDS COMMAND…: true as soon as the command is; false after the time.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -le "$end" ] || return 1
        sleep 0.05
    done
}

# process_descendants PID: its children, theirs, and so on, as "PID GROUP IDENTITY" lines.
process_descendants() {
    local pid group
    ps -A -o pid= -o ppid= -o pgid= | awk -v root="$1" '
        { parent[$1] = $2; group[$1] = $3 }
        END {
            for (pid in parent) {
                for (p = pid; p in parent && p != root && p != parent[p]; p = parent[p]) {}
                if (p == root && pid != root) print pid, group[pid]
            }
        }' | while read -r pid group; do
        printf '%s %s %s\n' "$pid" "$group" "$(process_identity "$pid" || true)"
    done
}

# within SECONDS COMMAND…: the command's status, or that of a killed process when it takes longer.
within() {
    local seconds=$1 worker watchdog status=0
    shift
    "$@" &
    worker=$!
    (sleep "$seconds" && kill -s KILL "$worker") </dev/null >/dev/null 2>&1 9<&- &
    watchdog=$!
    wait "$worker" 2>/dev/null || status=$?
    kill "$watchdog" 2>/dev/null || true
    wait "$watchdog" 2>/dev/null || true
    return "$status"
}
