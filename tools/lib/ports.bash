# TCP ports of this machine.

# Below the range from which Linux (32768) and macOS (49152) take the ports of outgoing connections: a client that
# keeps trying a dead server's port inside that range can connect to itself and then occupies the port for good.
readonly PORT_LOWEST=15000 PORT_COUNT=17000

# port_choose [PREFERRED]: a free port of 127.0.0.1, the preferred one if it is free.
port_choose() {
    local port=${1:-} attempt
    for attempt in {1..100}; do
        if [ -n "$port" ] && port_free "$port"; then
            printf '%s\n' "$port"
            return
        fi
        port=$((PORT_LOWEST + RANDOM % PORT_COUNT))
    done
    die "found no free port between $PORT_LOWEST and $((PORT_LOWEST + PORT_COUNT - 1)) in $attempt attempts"
}

# port_free PORT: nobody answers there, and the kernel would give it to us.
port_free() {
    ! port_connect 127.0.0.1 "$1" || return 1
    ! command -v python3 >/dev/null || python3 - "$1" <<'PYTHON' 2>/dev/null
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", int(sys.argv[1])))
PYTHON
}

# port_connect HOST PORT: somebody accepts connections there. May take minutes for a host that does not answer at all.
port_connect() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }
