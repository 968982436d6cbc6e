# noida-db: one program, no Java, starts in a moment, keeps its data. Not Apache Kafka: kill -9 loses the last second,
# replication factor 1 only, a killed member of a consumer group is never evicted.

readonly NOIDA_VERSION=0.2.3

noida_needs() { [ -x "$SOFTWARE/noida-db-$NOIDA_VERSION" ] || printf 'python\n'; }

noida_introduce() {
    printf 'the broker is noida-db %s, a stand-in for Apache Kafka, good for development only' "$NOIDA_VERSION"
}

noida_start() {
    local program
    program=$(broker_program noida-db "$NOIDA_VERSION" noida_db/noida-db)
    process_launch "$INSTANCE/broker.pid" "$INSTANCE/broker.log" \
        "$program" start --only kafka --host 127.0.0.1 --kafka-port "$1" --data-dir "$INSTANCE/noida"
}

noida_stop() { broker_end broker; }

noida_wipe() { rm -rf "$INSTANCE/noida"; }

noida_alive() { process_alive "$INSTANCE/broker.pid"; }

noida_detail() { process_pid "$INSTANCE/broker.pid"; }
