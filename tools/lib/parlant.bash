# The real Parlant server, for tests: installed once, then started with our module and a model that follows a script.
#   parlant_install   fetch it into PARLANT_HOME_DIR (1.3 GB, a few minutes); nothing when it is there
#   parlant_start     start it on free ports of this machine; sets LOCKSTEP_PARLANT_URL
#   parlant_stop      end it and remove what it has written
# In the instance: parlant.pid, parlant.log, parlant/ (its data).

PARLANT_HOME_DIR=$LOCKSTEP_HOME/parlant
parlant_source=$CHECKOUT/ops/parlant

# The environment counts as installed when it bears the versions that are asked for now. Python remembers the place of
# an environment in its files, so it is made where it stays; the mark comes last.
parlant_install() {
    local wanted=$parlant_source/requirements.txt mark=$PARLANT_HOME_DIR/installed python
    ! cmp -s "$wanted" "$mark" || return 0
    packages_require python
    python=$(parlant_python) || die_with "$STATUS_MISSING" "Parlant needs a Python from 3.10 to 3.14 that has venv"
    note "installing Parlant (1.3 GB, a few minutes)"
    rm -rf "${PARLANT_HOME_DIR:?}"
    mkdir -p "$PARLANT_HOME_DIR"
    {
        "$python" -m venv "$PARLANT_HOME_DIR/venv" &&
            "$PARLANT_HOME_DIR/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
    } >&2 </dev/null 9<&- || die "Parlant could not be fetched from the Python package index"
    cp "$wanted" "$mark"
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
    local attempt port
    parlant_stop
    for attempt in 1 2 3; do
        port=$(port_choose)
        mkdir -p "$INSTANCE/parlant"
        process_launch "$INSTANCE/parlant.pid" "$INSTANCE/parlant.log" \
            env PORT="$port" TOOL_PORT="$(port_choose)" PARLANT_HOME="$INSTANCE/parlant" \
            PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
            "$PARLANT_HOME_DIR/venv/bin/python" "$parlant_source/testing/serve.py"
        if wait_until 90 parlant_answers_or_gone "$port" && process_alive "$INSTANCE/parlant.pid"; then
            export LOCKSTEP_PARLANT_URL=http://127.0.0.1:$port
            note "Parlant is running at 127.0.0.1:$port"
            return
        fi
        parlant_stop
    done
    show_end_of_log "$INSTANCE/parlant.log"
    die "Parlant does not start"
}

parlant_stop() {
    process_end "$INSTANCE/parlant.pid" TERM:5 || true
    rm -rf "${INSTANCE:?}/parlant"
}

parlant_answers_or_gone() { parlant_answers "$1" || ! process_alive "$INSTANCE/parlant.pid"; }

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
