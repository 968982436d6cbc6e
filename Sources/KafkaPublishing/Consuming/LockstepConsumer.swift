import EventModel
import KafkaDriver

/// Every event of some partitions of a topic, exactly once, in order, for ever: the consumer rule applied.
///
/// A consumer remembers only where it is (``Iterator/positions``), so it is resumed by making a new one from the stored positions. It is
/// pulled, so it needs no buffer of its own, and it joins no group.
public struct LockstepConsumer: AsyncSequence, Sendable {
    /// An accepted record.
    public typealias Element = LockstepRecord

    private let topic: String
    private let configuration: KafkaConfiguration
    private let partitions: [Int32]?
    private let resume: [Int32: ConsumerPosition]

    /// A consumer of a topic.
    ///
    /// - Parameters:
    ///   - partitions: which ones; all of the topic's when `nil`.
    ///   - resume: where an earlier consumer was; partitions that are not named are read from their oldest record.
    public init(
        of topic: String = KafkaRecordTopic.defaultName, configuration: KafkaConfiguration, partitions: [Int32]? = nil,
        resumingFrom resume: [Int32: ConsumerPosition] = [:]
    ) {
        self.topic = topic
        self.configuration = configuration
        self.partitions = partitions
        self.resume = resume
    }

    /// Begins to read; the cluster is reached at the first pull.
    public func makeAsyncIterator() -> Iterator {
        Iterator(topic: topic, configuration: configuration, partitions: partitions, resume: resume)
    }

    /// The pulling end of a consumer.
    public struct Iterator: AsyncIteratorProtocol {
        private static let messagesPerPull = 1_000

        /// Where each partition is: after the last record that was handed out.
        public private(set) var positions: [Int32: ConsumerPosition]
        private let topic: String
        private let configuration: KafkaConfiguration
        private let partitions: [Int32]?
        private var consumer: KafkaConsumer?
        private var batch: KafkaMessageBatch?
        private var next = 0
        private var rule = ConsumerRule()
        private var known: Set<Int32> = []
        private var holes = HoleWatch()

        init(
            topic: String, configuration: KafkaConfiguration, partitions: [Int32]?, resume: [Int32: ConsumerPosition]
        ) {
            self.topic = topic
            self.configuration = configuration
            self.partitions = partitions
            positions = resume
        }

        /// The next event, waiting for it when everything was read; `nil` when the task is cancelled.
        public mutating func next() async throws -> LockstepRecord? {
            while let step = try await step() {
                if case .record(let record) = step { return record }
            }
            return nil
        }

        /// The next thing that happens, for who wants to know about ignored records and ends; `nil` when the task is cancelled.
        public mutating func step() async throws -> ConsumerStep? {
            do {
                let consumer = try await open()
                while true {
                    while let batch, next < batch.count {
                        defer { next += 1 }
                        if let step = try await take(batch[next], consumer) { return step }
                    }
                    (batch, next) = (try await consumer.next(maxMessages: Self.messagesPerPull), 0)
                    if Task.isCancelled { return nil }
                }
            } catch let error as KafkaError {
                if error.code == .cancelled || error.code == .closed { return nil }
                throw ConsumerError.failed(reason: error.description)
            }
        }

        private mutating func open() async throws -> KafkaConsumer {
            if let consumer { return consumer }
            let opened = try KafkaConsumer(configuration)
            try opened.assign(try await numbers().map { start(of: $0) })
            consumer = opened
            return opened
        }

        private func numbers() async throws -> [Int32] {
            if let partitions { return partitions }
            guard let metadata = try await KafkaAdmin(configuration).metadata(of: topic) else {
                throw ConsumerError.unknownTopic(topic)
            }
            return metadata.partitions.map(\.number)
        }

        private mutating func start(of partition: Int32) -> KafkaStart {
            guard let position = positions[partition] else {
                return KafkaStart(topic: topic, partition: partition, offset: .beginning)
            }
            known.insert(partition)
            rule.begin(partition, at: .after(position.lastAccepted))
            return KafkaStart(topic: topic, partition: partition, offset: .at(position.offset + 1))
        }

        private mutating func take(
            _ element: KafkaMessageBatch.Element, _ consumer: KafkaConsumer
        ) async throws -> ConsumerStep? {
            switch element {
            case .message(let message): return judge(message)
            case .endOfPartition(let end):
                let partition = end.partition.partition
                guard holes.mustRewind(partition, lastAccepted: rule.lastAccepted(partition)) else {
                    return .caughtUp(partition: partition, offset: end.offset)
                }
                return try await rewind(partition, consumer)
            case .failure(let failure):
                guard failure.isOffsetOutOfRange, let partition = failure.partition?.partition else {
                    guard failure.error.isRetriable else { throw failure.error }
                    return nil
                }
                return try await rewind(partition, consumer)
            case .rebalance: return nil
            }
        }

        private mutating func judge(_ message: KafkaMessage) -> ConsumerStep {
            let (partition, offset) = (message.partition, message.offset)
            if known.insert(partition).inserted { rule.begin(partition, at: offset == 0 ? .beginning : .anywhere) }
            guard let record = LockstepRecord(message) else {
                return .ignored(partition: partition, offset: offset, .foreign)
            }
            switch rule.accept(partition: partition, previous: record.mark.previous, position: record.position) {
            case .accepted:
                positions[partition] = ConsumerPosition(offset: offset, lastAccepted: record.position)
                return .record(record)
            case .ignored(let reason):
                if case .hole = reason { holes.note(partition) }
                return .ignored(partition: partition, offset: offset, reason)
            }
        }

        private mutating func rewind(_ partition: Int32, _ consumer: KafkaConsumer) async throws -> ConsumerStep {
            try await consumer.seek(to: [KafkaStart(topic: topic, partition: partition, offset: .beginning)])
            return .rewound(partition: partition)
        }
    }
}

/// Remembers which partitions have shown a hole, so that each is looked for from the beginning once.
///
/// A hole is normally filled by the publisher, behind it. When the broker lost records and they were filled in before the consumer
/// looked again, they may lie before the consumer's offset: then reading the partition again finds them.
struct HoleWatch: Sendable {
    private var open: Set<Int32> = []
    private var rewoundAt: [Int32: GlobalPosition] = [:]

    mutating func note(_ partition: Int32) { open.insert(partition) }

    /// At the end of a partition: whether a hole is open for which the partition was not yet read again.
    mutating func mustRewind(_ partition: Int32, lastAccepted: GlobalPosition?) -> Bool {
        guard open.remove(partition) != nil, let lastAccepted, rewoundAt[partition] != lastAccepted else {
            return false
        }
        rewoundAt[partition] = lastAccepted
        return true
    }
}
