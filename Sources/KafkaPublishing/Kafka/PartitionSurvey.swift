import EventModel
import EventSourcing
import KafkaDriver

/// What finds out, as a value, what one partition holds.
protocol PartitionReading {
    associatedtype Findings

    var origin: PartitionScan.Origin { get }

    /// Takes the next record.
    mutating func receive(_ message: KafkaMessage) -> ScanStep<Findings>
    /// The partition has no record at or behind `offset` now.
    mutating func reachedEnd(at offset: Int64) -> ScanStep<Findings>
    /// The offset to start from is not in the partition.
    mutating func outOfRange() -> ScanStep<Findings>
    /// The broker answered nothing in time; `nil` when it is not available.
    mutating func stayedSilent() -> ScanStep<Findings>?
}

/// Reads every partition of a topic to its end, by the end marks of fetch replies: `ListOffsets` is not reliable everywhere.
struct PartitionSurvey<Scan: PartitionReading> {
    private static var messagesPerPull: Int { 10_000 }
    /// One wait for messages; the silence that is tolerated is counted in these.
    private static var slice: Duration { .milliseconds(500) }

    private let topic: String
    private let silence: Duration
    private var scans: [Scan]
    private var findings: [Scan.Findings?]
    /// Partitions that are being read in this round.
    private var pending: Set<Int> = []
    /// Partitions that must be read again from the beginning.
    private var again: Set<Int> = []

    /// - Parameter scans: one for each partition.
    init(topic: String, scans: [Scan], silence: Duration) {
        self.topic = topic
        self.silence = silence
        self.scans = scans
        findings = Array(repeating: nil, count: scans.count)
    }

    /// Reads until the end of every partition is known.
    mutating func run(with consumer: KafkaConsumer) async throws -> [Scan.Findings] {
        again = Set(scans.indices)
        while !again.isEmpty {
            pending = again
            again = []
            try consumer.assign(pending.sorted().map { start(of: $0) })
            try await readRound(with: consumer)
        }
        return findings.compactMap { $0 }
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
            settle(partition, scans[partition].receive(message))
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

    private mutating func settle(_ partition: Int, _ step: ScanStep<Scan.Findings>) {
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

extension PartitionScan: PartitionReading {
    mutating func receive(_ message: KafkaMessage) -> Step { receive(RecordMark(message), at: message.offset) }
}

extension StateScan: PartitionReading {
    mutating func receive(_ message: KafkaMessage) -> Step {
        receive(StateMark(message), of: message.withKey { $0.flatMap { StateKey(bytes: $0) } }, at: message.offset)
    }
}

extension PartitionSurvey {
    /// The findings of every partition, by a consumer of its own.
    mutating func run(_ configuration: KafkaConfiguration) async throws -> [Scan.Findings] {
        let consumer = try KafkaConsumer(configuration)
        do {
            let findings = try await run(with: consumer)
            try? await consumer.close()
            return findings
        } catch {
            try? await consumer.close()
            throw error
        }
    }
}
