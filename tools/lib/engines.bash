# Stand-ins for both engines, Sim and Parlant, for the demonstration.
#
# Each has a keeper that starts it again when it dies; what it was told is in a file, so it goes on where it was. Both
# are of this checkout, whatever the environment names: nobody's engines are broken for a demonstration.

# engines_start DIRECTORY: starts both programs of a build, in a new world. Exports where they are.
engines_start() {
    engines_stop
    rm -f "$INSTANCE/sim-stand-in.state" "$INSTANCE/parlant-stand-in.state"
    engine_start sim-stand-in "$1/SimStandIn" --workflow "$CHECKOUT/Schemas/demo/workflows/demo_refund_export.json" \
        --decide amount=else --decide decision=if --delay 500
    export LOCKSTEP_SIM_URL=http://127.0.0.1:$engine_port LOCKSTEP_SIM_API_KEY=stand-in-key
    engine_start parlant-stand-in "$1/ParlantStandIn" --delay 40
    export LOCKSTEP_PARLANT_URL=http://127.0.0.1:$engine_port
    unset LOCKSTEP_PARLANT_AUTHORIZATION
}

# engine_start NAME COMMAND…: on a free port, which is kept over restarts. Sets engine_port.
engine_start() {
    local name=$1 attempt
    shift
    for attempt in 1 2 3; do
        engine_port=$(port_choose)
        # shellcheck disable=SC2016 # the keeper expands these
        process_launch "$INSTANCE/$name.pid" "$INSTANCE/$name.log" bash -c '
            trap "kill \$child 2>/dev/null; exit 0" TERM
            while :; do
                "$@" & child=$!
                wait "$child"
                sleep 0.2
            done' "$name" "$@" --port "$engine_port" --state "$INSTANCE/$name.state"
        ! wait_until 20 port_connect 127.0.0.1 "$engine_port" || return 0
        engine_stop "$name"
    done
    show_end_of_log "$INSTANCE/$name.log"
    die "$name does not start"
}

engines_stop() {
    engine_stop sim-stand-in
    engine_stop parlant-stand-in
}

engine_stop() { process_end "$INSTANCE/$1.pid" TERM:5 || true; }
