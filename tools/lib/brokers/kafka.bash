# Apache Kafka of the reader's own, in $KAFKA_HOME: one node in KRaft mode, heap 512 MB.
# Nobody has run this against a real Apache Kafka yet. Whoever does: please take this remark and kafka_introduce's away.

kafka_needs() { :; }

kafka_introduce() {
    [ -x "${KAFKA_HOME:-}/bin/kafka-server-start.sh" ] ||
        die "--broker kafka needs KAFKA_HOME, the directory of an Apache Kafka 3.3 or newer (with bin/kafka-server-start.sh)"
    command -v java >/dev/null || [ -x "${JAVA_HOME:-}/bin/java" ] || die "--broker kafka needs Java on the PATH"
    printf 'the broker is Apache Kafka in %s; this is untested until someone has run it' "$KAFKA_HOME"
}

kafka_start() {
    local port=$1 properties="$INSTANCE/kafka/server.properties"
    mkdir -p "$INSTANCE/kafka/log"
    kafka_properties "$port" "$(port_choose)" >"$properties"
    [ -f "$INSTANCE/kafka/data/meta.properties" ] || kafka_format "$properties"
    LOG_DIR="$INSTANCE/kafka/log" KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:--Xms256m -Xmx512m}" \
        process_launch "$INSTANCE/broker.pid" "$INSTANCE/broker.log" \
        "$KAFKA_HOME/bin/kafka-server-start.sh" "$properties"
}

kafka_format() {
    "$KAFKA_HOME/bin/kafka-storage.sh" format --ignore-formatted --config "$1" \
        --cluster-id "$("$KAFKA_HOME/bin/kafka-storage.sh" random-uuid)" >&2 ||
        die "Apache Kafka's storage could not be formatted"
}

kafka_properties() {
    cat <<PROPERTIES
# Written by tools/services at every start.
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
advertised.listeners=PLAINTEXT://127.0.0.1:$1
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$2
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$INSTANCE/kafka/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
PROPERTIES
}

kafka_stop() { broker_end broker; }

kafka_wipe() { rm -rf "$INSTANCE/kafka"; }

kafka_alive() { process_alive "$INSTANCE/broker.pid"; }

kafka_detail() { process_pid "$INSTANCE/broker.pid"; }
