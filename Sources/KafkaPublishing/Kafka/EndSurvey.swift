import EventModel
import EventSourcing
import KafkaDriver

/// Reads every partition of a topic to its end, by the end marks of fetch replies: `ListOffsets` is not reliable everywhere.
struct EndSurvey {
    private static let messagesPerPull = 10_000
    /// One wait for messages; the silence that is tolerated is counted in these.
    private static let slice: Duration = .milliseconds(500)

    private let topic: String
    private let silence: Duration
    private var scans: [PartitionScan]
    private var findings: [PartitionFindings?]
    /// Partitions that are being read in this round.
    private var pending: Set<Int> = []
    /// Partitions that must be read again from the beginning.
    private var again: Set<Int> = []

    init(topic: String, checkpoint: PublishingCheckpoint?, lanes: Int, silence: Duration) {
        self.topic = topic
        self.silence = silence
        scans = (0..<lanes).map { PartitionScan(checkpoint: checkpoint?.ends[Lane(Int32($0))]) }
        findings = Array(repeating: nil, count: lanes)
    }

    /// Reads until the end of every partition is known.
    mutating func run(with consumer: KafkaConsumer) async throws -> TopicEnds {
        again = Set(scans.indices)
        while !again.isEmpty {
            pending = again
            again = []
            try consumer.assign(pending.sorted().map { start(of: $0) })
            try await readRound(with: consumer)
        }
        return TopicEnds(partitions: findings.compactMap { $0 })
    }

    private func start(of partition: Int) -> KafkaStart {
        switch scans[partition].origin {
        case .beginning: KafkaStart(topic: topic, partition: Int32(partition), offset: .beginning)
        case .offset(let offset): KafkaStart(topic: topic, partition: Int32(partition), offset: .at(offset))
        }
    }

    private mutating func readRound(with consumer: KafkaConsumer) async throws {
        var silent: Duration = .zero
        while !pending.isEmpty {
            let batch = try await consumer.next(maxMessages: Self.messagesPerPull, timeout: Self.slice)
            silent = batch.isEmpty ? silent + Self.slice : .zero
            for element in batch { try take(element) }
            if silent >= silence { try giveUpWaiting() }
        }
    }

    private mutating func take(_ element: KafkaMessageBatch.Element) throws {
        switch element {
        case .message(let message):
            let partition = Int(message.partition)
            guard pending.contains(partition) else { return }
            settle(partition, scans[partition].receive(RecordMark(message), at: message.offset))
        case .endOfPartition(let position):
            let partition = Int(position.partition.partition)
            guard pending.contains(partition) else { return }
            settle(partition, scans[partition].reachedEnd(at: position.offset))
        case .failure(let failure): try take(failure)
        case .rebalance: break
        }
    }

    private mutating func take(_ failure: KafkaPartitionFailure) throws {
        guard failure.isOffsetOutOfRange, let partition = failure.partition.map({ Int($0.partition) }) else {
            guard failure.error.isRetriable else { throw failure.error }
            return
        }
        guard pending.contains(partition) else { return }
        guard scans[partition].origin != .beginning else {
            throw TopicError.unavailable(reason: "partition \(partition) of topic \(topic) has no beginning")
        }
        settle(partition, scans[partition].outOfRange())
    }

    private mutating func settle(_ partition: Int, _ step: PartitionScan.Step) {
        switch step {
        case .more: break
        case .restart:
            pending.remove(partition)
            again.insert(partition)
        case .done(let found):
            pending.remove(partition)
            findings[partition] = found
        }
    }

    private mutating func giveUpWaiting() throws {
        for partition in pending.sorted() {
            guard let step = scans[partition].stayedSilent() else {
                throw TopicError.unavailable(
                    reason: "partition \(partition) of topic \(topic) gave no answer for \(silence)")
            }
            settle(partition, step)
        }
    }
}
