# The official image of Apache Kafka, one container per instance, kept (with its data) until it is wiped.
# Nobody has run this yet. Whoever does: please take this remark and docker_introduce's away.

docker_image=${LOCKSTEP_KAFKA_IMAGE:-apache/kafka:3.9.1}

docker_needs() { :; }

docker_introduce() {
    docker info >/dev/null 2>&1 || die "--broker docker needs a Docker daemon that this user may talk to"
    printf 'the broker is Apache Kafka in Docker (%s); this is untested until someone has run it' "$docker_image"
}

docker_start() {
    local port=$1 name
    name=$(docker_name)
    # The port is part of a container: one that was made for another port cannot serve.
    if [ "$(docker inspect --format '{{index .Config.Labels "lockstep.port"}}' "$name" 2>/dev/null)" = "$port" ]; then
        docker start "$name" >"$INSTANCE/broker.log" 2>&1 || true
        return
    fi
    docker rm --force --volumes "$name" >/dev/null 2>&1 || true
    docker run --detach --name "$name" --label "lockstep.port=$port" --publish "127.0.0.1:$port:$port" \
        --env KAFKA_NODE_ID=1 \
        --env KAFKA_PROCESS_ROLES=broker,controller \
        --env "KAFKA_LISTENERS=PLAINTEXT://:$port,CONTROLLER://:9093" \
        --env "KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://127.0.0.1:$port" \
        --env KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER \
        --env KAFKA_CONTROLLER_QUORUM_VOTERS=1@localhost:9093 \
        --env KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT \
        --env KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1 \
        --env KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR=1 \
        --env KAFKA_TRANSACTION_STATE_LOG_MIN_ISR=1 \
        --env KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS=0 \
        "$docker_image" >"$INSTANCE/broker.log" 2>&1 || true
}

docker_stop() { ! docker_alive || docker stop "$(docker_name)" >/dev/null; }

docker_wipe() {
    [ -f "$INSTANCE/broker.container" ] || return 0
    docker rm --force --volumes "$(docker_name)" >/dev/null 2>&1 || true
    rm -f "$INSTANCE/broker.container"
}

docker_alive() {
    [ -f "$INSTANCE/broker.container" ] &&
        [ "$(docker inspect --format '{{.State.Running}}' "$(docker_name)" 2>/dev/null)" = true ]
}

docker_detail() { docker_name; }

# Random and remembered: two checkouts, or two machines with one daemon, must not share a container.
docker_name() {
    [ -s "$INSTANCE/broker.container" ] ||
        replace_file "$INSTANCE/broker.container" "lockstep-kafka-$(od -An -N 6 -tx1 /dev/urandom | tr -d ' \n')"
    cat "$INSTANCE/broker.container"
}
