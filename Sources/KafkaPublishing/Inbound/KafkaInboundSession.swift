import EventModel
import EventSourcing
import FoundationEssentials
import KafkaDriver
import Synchronization

/// Reads some partitions of an inbound topic behind their bookmarks, by hand: leases say who reads, not a group of the broker.
public final class KafkaInboundSession: InboundSession {
    /// The longest wait for messages.
    private static let slice = Duration.milliseconds(500)
    /// What the consumer needs beyond the driver's defaults: memory is bounded by bytes, whatever the size of messages.
    private static let consumerProperties = ["queued.max.messages.kbytes": "8192"]
    private static let producerProperties = [
        "message.max.bytes": String(KafkaInboundTopic.messageBytes + KafkaInboundTopic.reasonBytes)
    ]

    private let name: InboundTopicName
    private let rejected: String
    private let consumer: KafkaConsumer
    private let producer: KafkaProducer
    private let time: any Timekeeper
    private let resumptions: Mutex<[Int32: PartitionResumption]>

    init(
        _ name: InboundTopicName, rejected: String, configuration: KafkaConfiguration,
        resumptions: [PartitionResumption], time: any Timekeeper
    ) throws(KafkaError) {
        self.name = name
        self.rejected = rejected
        self.time = time
        var reading = configuration
        reading.properties.merge(Self.consumerProperties) { given, _ in given }
        var writing = configuration
        writing.properties.merge(Self.producerProperties) { given, _ in given }
        consumer = try KafkaConsumer(reading)
        producer = try KafkaProducer(writing)
        self.resumptions = Mutex(Dictionary(uniqueKeysWithValues: resumptions.map { ($0.partition, $0) }))
        try consumer.assign(
            resumptions.map { resumption in
                KafkaStart(
                    topic: name.topic, partition: resumption.partition,
                    offset: resumption.start.map(KafkaStart.Offset.at) ?? .beginning)
            })
    }

    /// As the protocol says.
    public func next() async throws(InboundTopicError) -> KafkaInboundDelivery {
        do {
            let batch = try await consumer.next(maxMessages: InboundLimits.messages, timeout: Self.slice)
            let receivedAt = time.now()
            let (delivery, rewound, failure) = resumptions.withLock { resumptions in
                var taking = InboundTaking(name, resumptions, receivedAt: receivedAt)
                for element in batch { taking.take(element) }
                let delivery = taking.finished()
                resumptions = taking.resumptions
                return (delivery, taking.rewound, taking.failure)
            }
            if let failure { throw failure }
            if !rewound.isEmpty {
                try await consumer.seek(
                    to: rewound.sorted().map { KafkaStart(topic: name.topic, partition: $0, offset: .beginning) })
            }
            return delivery
        } catch {
            throw InboundTopicError(error)
        }
    }

    /// As the protocol says.
    public func tell(_ messages: [RejectedMessage]) async throws(InboundTopicError) {
        do {
            try await send(messages.map { RejectedRecord($0, topic: rejected) })
        } catch {
            throw InboundTopicError(error)
        }
    }

    /// As the protocol says.
    public func close() async {
        try? await consumer.close()
        producer.abandon()
    }

    /// A message that the topic cannot hold sealed is told without its content, which the log's database has.
    private func send(_ kept: [RejectedRecord]) async throws {
        var rest = kept.map { (record: $0, isWhole: true) }
        while !rest.isEmpty {
            let deliveries = try await producer.send(
                rest.map { $0.isWhole ? $0.record.whole : $0.record.withoutContent })
            var again: [(record: RejectedRecord, isWhole: Bool)] = []
            for (index, delivery) in deliveries.enumerated() {
                switch delivery.error {
                case nil: break
                case let error? where error.code == .messageTooLarge && rest[index].isWhole:
                    again.append((rest[index].record, false))
                // A refused one keeps those behind it in the batch from being sent.
                case let error? where error.code == .notAttempted: again.append(rest[index])
                case let error?: throw error
                }
            }
            rest = again
        }
    }
}
