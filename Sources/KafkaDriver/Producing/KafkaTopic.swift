internal import CRDKafka

/// A topic as one producer sees it: looked up once, used for every message.
///
/// `@unchecked Sendable`: `rd_kafka_topic_t` may be used from any thread and is freed once, in `deinit`.
public final class KafkaTopic: @unchecked Sendable {
    /// The topic's name.
    public let name: String
    let handle: OpaquePointer
    let client: KafkaClient

    init(_ name: String, _ client: KafkaClient) throws(KafkaError) {
        guard let handle = rd_kafka_topic_new(client.handle, name, nil) else {
            throw KafkaError(rd_kafka_last_error(), subject: .topic(name))
        }
        self.name = name
        self.handle = handle
        self.client = client
    }

    deinit { rd_kafka_topic_destroy(handle) }
}
