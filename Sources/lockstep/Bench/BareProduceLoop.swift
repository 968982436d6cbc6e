import CRDKafka
import KafkaDriver

/// librdkafka's own produce loop over messages in memory: what any publisher could get at best.
///
/// The messages are those that our publisher wrote, read back, so keys, values, headers and partitions are the same bytes.
final class BareProduceLoop {
    private let bootstrap: String
    private let properties: [String: String]
    private var messages: [Message] = []

    private struct Message {
        let partition: Int32
        let timestamp: Int64
        let key: [UInt8]
        let value: [UInt8]
        let headers: OpaquePointer?
    }

    init(bootstrap: String, properties: [String: String]) {
        self.bootstrap = bootstrap
        self.properties = properties
    }

    deinit { for message in messages { rd_kafka_headers_destroy(message.headers) } }

    var count: Int { messages.count }

    /// Keeps a copy of a message, its headers in librdkafka's own form.
    func keep(_ message: KafkaMessage) {
        let headers = rd_kafka_headers_new(24)
        message.headers.forEach { name, value in
            let name = name.bindMemory(to: CChar.self)
            rd_kafka_header_add(
                headers, name.baseAddress, name.count, value?.baseAddress, value.map { $0.count } ?? -1)
        }
        messages.append(
            Message(
                partition: message.partition, timestamp: message.timestampMilliseconds ?? 0, key: message.key ?? [],
                value: message.value ?? [], headers: headers))
    }

    /// Produces every message to `topic` and waits for all acknowledgements.
    ///
    /// - Returns: the seconds from the first message to the last acknowledgement.
    func run(topic name: String) throws -> Double {
        let client = try client()
        defer { rd_kafka_destroy(client) }
        guard let topic = rd_kafka_topic_new(client, name, nil) else { throw BenchFault.incomplete("no topic \(name)") }
        defer { rd_kafka_topic_destroy(topic) }
        let start = ContinuousClock.now
        for message in messages { try produce(message, topic, client) }
        let left = rd_kafka_flush(client, 120_000)
        guard left == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BenchFault.incomplete("the broker did not answer") }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func produce(_ message: Message, _ topic: OpaquePointer, _ client: OpaquePointer) throws {
        let headers = rd_kafka_headers_copy(message.headers)
        while true {
            let error = message.key.withUnsafeBytes { key in
                message.value.withUnsafeBytes { value in
                    crdkafka_produce(
                        client, topic, message.partition, key.baseAddress, key.count, value.baseAddress, value.count,
                        message.timestamp, headers, nil)
                }
            }
            guard let error else { return }
            let code = rd_kafka_error_code(error)
            rd_kafka_error_destroy(error)
            guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL else {
                throw BenchFault.incomplete(String(cString: rd_kafka_err2str(code)))
            }
            rd_kafka_poll(client, 10)
        }
    }

    /// The settings of our own producer.
    private func client() throws -> OpaquePointer {
        let configuration = rd_kafka_conf_new()
        var properties = KafkaProducer.defaults.merging(properties) { _, given in given }
        properties["bootstrap.servers"] = bootstrap
        for (name, value) in properties { rd_kafka_conf_set(configuration, name, value, nil, 0) }
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0) else {
            throw BenchFault.incomplete("no producer")
        }
        return client
    }
}
