import EventModel
import FoundationEssentials
import KafkaDriver
import KafkaPublishing
import PostgresEventStore

/// A topic of a bench's own, deleted afterwards.
struct BenchTopic: Sendable {
    let settings: KafkaSettings
    let name: String

    static func with<R: Sendable>(_ settings: KafkaSettings, _ body: (BenchTopic) async throws -> R) async throws -> R {
        let topic = BenchTopic(settings: settings, name: "lockstep.bench.\(UUID().uuidString.lowercased())")
        try await topic.records.prepare(lanes: settings.partitions)
        let result: Result<R, any Error>
        do { result = .success(try await body(topic)) } catch { result = .failure(error) }
        _ = try? await KafkaAdmin(settings.kafka).deleteTopic(topic.name)
        return try result.get()
    }

    /// The topic as the publisher sees it.
    var records: KafkaRecordTopic {
        KafkaRecordTopic(
            name, configuration: settings.kafka, settings: TopicSettings(replicationFactor: settings.replication))
    }

    /// The publisher of a store's log to this topic.
    func publisher(
        of store: PostgresEventStore
    ) -> Publisher<PostgresEventStore, PostgresEventStore, PostgresEventStore, KafkaRecordTopic> {
        Publisher(
            from: store, to: records, checkpoints: store, leases: store, holder: name,
            options: PublisherOptions(lanes: settings.partitions), logger: BenchServices.logger)
    }

    /// Hands every message out, until `count` have come.
    func readAll(_ count: Int, _ body: (KafkaMessage) -> Void) async throws {
        let consumer = try KafkaConsumer(settings.kafka)
        try consumer.assign(
            (0..<settings.partitions).map { KafkaStart(topic: name, partition: Int32($0), offset: .beginning) })
        var seen = 0
        let clock = ContinuousClock()
        var deadline = clock.now + .seconds(30)
        while seen < count {
            for case .message(let message) in try await consumer.next(maxMessages: 5_000) {
                body(message)
                seen += 1
                deadline = clock.now + .seconds(30)
            }
            guard clock.now < deadline else {
                throw BenchFault.incomplete("\(seen) of \(count) records came back from \(name)")
            }
        }
        try await consumer.close()
    }
}
