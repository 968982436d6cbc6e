# The real Parlant server, for tests: installed once, then started with our module and a model that follows a script,
# in both ways of loading the module: as a program of the SDK, and by its command line.
#   parlant_install   fetch it into PARLANT_HOME_DIR (2 GB, a few minutes); nothing when it is there
#   parlant_start     start both on free ports of this machine, and another one of the SDK for the tests that need both engines;
#                     sets LOCKSTEP_PARLANT_URL, LOCKSTEP_PARLANT_CLI_URL and LOCKSTEP_PARLANT_BOTH_URL
#   parlant_stop      end them and remove what they have written
# In the instance: parlant.pid, parlant.log, parlant/ (data) of the SDK; parlant-cli.* of the command line; parlant-both.*.

PARLANT_HOME_DIR=$LOCKSTEP_HOME/parlant
parlant_source=$CHECKOUT/ops/parlant

# The environment counts as installed when it bears the versions that are asked for now; the mark comes last, with its
# place, which Python remembers in its files. Every installation has a place of its own: one that was killed may have left
# a pip behind that goes on writing, and must not write here. Sets parlant_venv.
parlant_install() {
    local wanted mark=$PARLANT_HOME_DIR/installed python
    wanted=$(cat "$parlant_source/requirements.txt" "$parlant_source/testing/requirements.txt")
    if [ -f "$mark" ] && [ "$(sed 1d "$mark")" = "$wanted" ]; then
        parlant_venv=$(head -n 1 "$mark")
        return
    fi
    packages_require python
    python=$(parlant_python) || die_with "$STATUS_MISSING" "Parlant needs a Python from 3.10 to 3.14 that has venv"
    note "installing Parlant (2 GB, a few minutes)"
    rm -rf "${PARLANT_HOME_DIR:?}" 2>/dev/null || true
    mkdir -p "$PARLANT_HOME_DIR"
    parlant_venv=$(mktemp -d "$PARLANT_HOME_DIR/venv.XXXXXX")
    {
        "$python" -m venv "$parlant_venv" &&
            "$parlant_venv/bin/python" -m pip install --quiet --disable-pip-version-check \
                -r "$parlant_source/testing/requirements.txt"
    } >&2 </dev/null 9<&- || die "Parlant could not be fetched from the Python package index"
    printf '%s\n' "$parlant_venv" "$wanted" >"$mark.new"
    mv -f "$mark.new" "$mark"
    # What an abandoned one has written since.
    find "$PARLANT_HOME_DIR" -mindepth 1 -maxdepth 1 ! -name "${mark##*/}" ! -name "${parlant_venv##*/}" \
        -exec rm -rf {} + 2>/dev/null || true
}

# The first Python that Parlant takes and that can make a virtual environment.
parlant_python() {
    local python
    for python in python3 python3.{13,12,11,10} /usr/bin/python3; do
        if "$python" -c 'import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 15))' 2>/dev/null
        then
            printf '%s\n' "$python"
            return
        fi
    done
    return 1
}

parlant_start() {
    parlant_stop
    parlant_start_one parlant parlant_sdk
    export LOCKSTEP_PARLANT_URL=http://127.0.0.1:$parlant_port
    parlant_start_one parlant-cli parlant_cli
    export LOCKSTEP_PARLANT_CLI_URL=http://127.0.0.1:$parlant_port
    # The model of a server does what it was told last, so one server is for one test at a time.
    parlant_start_one parlant-both parlant_sdk
    export LOCKSTEP_PARLANT_BOTH_URL=http://127.0.0.1:$parlant_port
}

# parlant_start_one NAME FUNCTION: starts a server by FUNCTION, which is given its pid file, log, directory and port.
# Another program may take the port first, so it is tried three times. Sets parlant_port.
parlant_start_one() {
    local attempt directory=$INSTANCE/$1
    for attempt in 1 2 3; do
        parlant_port=$(port_choose)
        mkdir -p "$directory"
        "$2" "$directory.pid" "$directory.log" "$directory" "$parlant_port"
        if wait_until 120 parlant_answers_or_gone "$parlant_port" "$directory.pid" && process_alive "$directory.pid"; then
            note "Parlant ($1) is running at 127.0.0.1:$parlant_port"
            return
        fi
        parlant_stop_one "$1"
    done
    show_end_of_log "$directory.log"
    die "Parlant ($1) does not start"
}

parlant_sdk() {
    process_launch "$1" "$2" \
        env PORT="$4" TOOL_PORT="$(port_choose)" PARLANT_HOME="$3" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
        "$parlant_venv/bin/python" "$parlant_source/testing/serve.py"
}

# The server wants to be told of a model before its module brings another one; nobody is asked with this key.
parlant_cli() {
    process_launch "$1" "$2" \
        env PARLANT_HOME="$3" OPENAI_API_KEY=none PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
        ANONYMIZED_TELEMETRY=False PYTHONPATH="$parlant_source:$parlant_source/testing" \
        "$parlant_venv/bin/parlant-server" run --host 127.0.0.1 -p "$4" \
        --module scripted_cli_module --module lockstep_module
}

parlant_stop() {
    parlant_stop_one parlant
    parlant_stop_one parlant-cli
    parlant_stop_one parlant-both
}

parlant_stop_one() {
    process_end "$INSTANCE/$1.pid" TERM:5 || true
    rm -rf "${INSTANCE:?}/$1"
}

parlant_answers_or_gone() { parlant_answers "$1" || ! process_alive "$2"; }

# parlant_answers PORT: our module is there. It answers at once or not at all; nobody waits for it longer than five seconds.
parlant_answers() {
    (
        exec 3<>"/dev/tcp/127.0.0.1/$1"
        printf 'GET /lockstep/module HTTP/1.0\r\n\r\n' >&3
        while IFS= read -r -t 5 line <&3 || [ -n "$line" ]; do
            case $line in *'"module":"lockstep"'*) exit 0 ;; esac
            line=''
        done
        exit 1
    ) 2>/dev/null
}
