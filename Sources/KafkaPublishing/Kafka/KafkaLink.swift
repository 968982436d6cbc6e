import KafkaDriver
import Synchronization

/// A producer that has reached the cluster, and the ear for the loss of its connection.
struct KafkaLink: Sendable {
    /// What the producer needs beyond the driver's defaults: a legal event is larger than librdkafka's own limit, and a failed record
    /// must not be overtaken.
    private static let properties = [
        "message.max.bytes": String(TopicSettings.maxMessageBytes), "enable.gapless.guarantee": "true",
    ]

    let producer: KafkaProducer
    let topic: KafkaTopic
    let signal: DisturbanceSignal

    /// From here on a lost connection is noticed, also when there is nothing to send.
    static func reached(
        _ topic: String, _ configuration: KafkaConfiguration, within timeout: Duration
    ) async throws(KafkaError) -> KafkaLink {
        var configuration = configuration
        configuration.properties.merge(properties) { given, _ in given }
        let signal = DisturbanceSignal()
        let producer = try KafkaProducer(configuration, observer: KafkaObserver(error: { signal.receive($0) }))
        _ = try await producer.metadata(of: topic, timeout: timeout)
        signal.arm()
        return KafkaLink(producer: producer, topic: try producer.topic(topic), signal: signal)
    }

    /// Keeps the link that was made before the ends of the partitions were read, until a session takes it over: a broker that comes
    /// back with fewer records in between must be noticed as well.
    final class Slot: Sendable {
        private let link = Mutex<KafkaLink?>(nil)

        func put(_ new: KafkaLink) { link.withLock { $0 = new } }
        func take() -> KafkaLink? { link.withLock { $0.take() } }
    }
}
