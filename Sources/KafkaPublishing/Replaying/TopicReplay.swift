import DequeModule
import EventModel
import EventSourcing
import FoundationEssentials

/// A topic that can be told from one that nobody has written to.
public protocol ReplayTopic: RecordTopic {
    /// Whether no record was ever written to it. It must have been prepared.
    func isUntouched(lanes: Int) async throws(TopicError) -> Bool
}

/// Replays to a topic of its own, in records of the publisher's form. `ls_previous` chains the records of this topic, so the consumer rule
/// holds on it, also where a selection leaves positions out.
public actor TopicReplay<Topic: ReplayTopic>: ReplayTarget {
    /// Batches that may be under way to the broker.
    private static var window: Int { 4 }

    private struct Flight {
        let delivery: any RecordDelivery
        let lanes: [Lane]
    }

    private let topic: Topic
    private let lanes: Int
    private let incarnation: UUID
    private var session: Topic.Session?
    /// Listens for the loss of the session's connection: no record is waited for that a broker which is away would have to take.
    private var watch: Task<Void, Never>?
    /// What has gone wrong with the session by itself.
    private var disturbance: String?
    private var chains = ReplayChains([])
    /// The offset that each partition's next record must get.
    private var offsets: [Lane: Int64] = [:]
    private var flights: Deque<Flight> = []
    private var batches = 0
    /// Records that this run has written.
    public private(set) var written = 0
    /// Replayed events that the topic held already.
    public private(set) var recognised = 0

    /// A replay to `topic`.
    ///
    /// - Parameter incarnation: of the log that is replayed.
    public init(_ topic: Topic, named name: ReplayTopicName, lanes: Int, incarnation: UUID) throws(ReplayFault) {
        guard topic.name == name.text else {
            throw .refused(reason: "\(topic.name) is not \(name.text)", cure: "open the topic by its checked name")
        }
        self.topic = topic
        self.lanes = lanes
        self.incarnation = incarnation
    }

    deinit { watch?.cancel() }

    /// Creates the topic if it is absent, and reads the ends of its partitions to go on behind them.
    public func open(resuming isResuming: Bool) async throws(ReplayFault) -> ReplayResumption {
        let lasts = try await asking { () throws(TopicError) in
            try await self.topic.prepare(lanes: self.lanes)
            return isResuming ? try await self.survey() : try await self.untouched()
        }
        guard let lasts else { throw foreign(isResuming) }
        chains = ReplayChains(lasts)
        session = try await asking { () throws(TopicError) in
            try await self.topic.open(incarnation: self.incarnation)
        }
        listen()
        let marks = lasts.compactMap { $0.map { ReplayMark(position: $0.position, eventID: $0.eventID) } }
        return ReplayResumption(after: chains.after, marks: marks)
    }

    /// Hands the records over that the topic does not hold.
    public func write(_ batch: ReplayBatch) async throws(ReplayFault) {
        guard let session else { throw .unavailable(target: topic.name, reason: "it is not open") }
        let records = try await records(of: batch)
        guard !records.isEmpty else { return }
        let outgoing = OutgoingBatch(number: batches, events: batch.events, records: records)
        let delivery = try await asking { () throws(TopicError) in try await session.submit(outgoing) }
        batches += 1
        flights.append(Flight(delivery: delivery, lanes: records.map(\.lane)))
        if flights.count >= Self.window { try await land() }
    }

    /// Waits for every acknowledgement, then looks whether each partition ends as it must.
    public func finish() async throws(ReplayFault) {
        while !flights.isEmpty { try await land() }
        if written > 0 { try await confirm() }
        await abandon()
    }
}

extension TopicReplay {
    /// The partitions of a topic that nobody has written to; `nil` when somebody has.
    private func untouched() async throws(TopicError) -> [RecordMark?]? {
        guard try await topic.isUntouched(lanes: lanes) else { return nil }
        return Array(repeating: nil, count: lanes)
    }

    /// The last record of each partition by the consumer rule; `nil` when there are other records than ours.
    private func survey() async throws(TopicError) -> [RecordMark?]? {
        let found = try await topic.ends(from: nil, lanes: lanes).partitions
        for (index, partition) in found.enumerated() { offsets[Lane(Int32(index))] = partition.endOffset }
        guard !found.contains(where: { $0.last == nil && $0.endOffset > 0 }) else { return nil }
        return found.map(\.mark)
    }

    private func foreign(_ isResuming: Bool) -> ReplayFault {
        isResuming
            ? .refused(
                reason: "topic \(topic.name) holds records that no replay has written", cure: "give another name")
            : .refused(
                reason: "topic \(topic.name) holds records already",
                cure: "give another name, or --resume when an earlier run of this replay has written them")
    }

    private func records(of batch: ReplayBatch) async throws(ReplayFault) -> [OutgoingBatch.Record] {
        var records: [OutgoingBatch.Record] = []
        for index in batch.indices {
            let event = batch.events[index]
            let lane = Lane(of: event, count: lanes)
            do throws(ReplayChains.Mismatch) {
                if let previous = try chains.take(event, in: lane) {
                    records.append(OutgoingBatch.Record(index: index, lane: lane, previous: previous))
                } else {
                    recognised += 1
                }
            } catch {
                throw await giveUp(.otherSelection(target: topic.name, at: error.position))
            }
        }
        return records
    }

    /// Waits for the oldest batch. Its offsets must follow each other: whatever else they do, the broker has lost records, or somebody
    /// else writes to the topic.
    private func land() async throws(ReplayFault) {
        guard let flight = flights.popFirst() else { return }
        switch await flight.delivery.outcome() {
        case .failed(let reason): throw await giveUp(.unavailable(target: topic.name, reason: disturbance ?? reason))
        case .acknowledged(let acknowledged):
            for (lane, offset) in zip(flight.lanes, acknowledged) {
                let expected = offsets[lane, default: 0]
                guard offset >= expected else { throw await giveUp(lost(lane)) }
                guard offset == expected || topic.expectsGaps else {
                    throw await giveUp(
                        .refused(
                            reason: "somebody else writes to topic \(topic.name)", cure: "replay to one of your own"))
                }
                offsets[lane] = offset + 1
            }
            written += flight.lanes.count
        }
    }

    /// Looks at the last record of each partition: where it is, everything before it is as well.
    private func confirm() async throws(ReplayFault) {
        let key = ConsumerProgress.Key(consumer: topic.name, kind: "replay")
        var ends: [Lane: PartitionEnd] = [:]
        for (lane, position) in chains.ends {
            guard let next = offsets[lane], next > 0 else { continue }
            ends[lane] = PartitionEnd(position: position, offset: next - 1)
        }
        let checkpoint = PublishingCheckpoint(
            progress: ConsumerProgress(of: key, incarnation: incarnation), topic: topic.name, ends: ends)
        let found = try await asking { () throws(TopicError) in
            try await self.topic.ends(from: checkpoint, lanes: self.lanes).partitions
        }
        for (index, partition) in found.enumerated() {
            let lane = Lane(Int32(index))
            guard partition.last?.position == chains.ends[lane] else { throw await giveUp(lost(lane)) }
        }
    }

    private func lost(_ lane: Lane) -> ReplayFault {
        .unavailable(target: topic.name, reason: "the broker has lost records of partition \(lane)")
    }

    private func listen() {
        guard let session else { return }
        watch = Task { [weak self] in
            let cause = await session.untilDisturbed()
            guard !Task.isCancelled, let reason = cause.reason else { return }
            await self?.disturbed(reason)
        }
    }

    /// Every record under way is answered now, with a failure.
    private func disturbed(_ reason: String) async {
        disturbance = reason
        await session?.abandon()
    }

    private func abandon() async {
        watch?.cancel()
        await session?.abandon()
        session = nil
        flights.removeAll()
    }

    private func giveUp(_ fault: ReplayFault) async -> ReplayFault {
        await abandon()
        return fault
    }

    private func asking<R: Sendable>(
        _ ask: () async throws(TopicError) -> R
    ) async throws(ReplayFault) -> R {
        do throws(TopicError) {
            return try await ask()
        } catch {
            if case .unavailable(let reason) = error {
                throw await giveUp(.unavailable(target: topic.name, reason: disturbance ?? reason))
            }
            throw await giveUp(.refused(reason: "\(error)", cure: "give another topic, or mend that first"))
        }
    }
}

extension Disturbance {
    /// What has gone wrong; `nil` when nothing has.
    fileprivate var reason: String? {
        switch self {
        case .disconnected(let reason), .deliveryFailed(let reason): reason
        case .offsetWentBack(let lane, _, _): "the broker has lost records of partition \(lane)"
        case .offsetJumped(let lane, _, _), .foreignRecord(let lane, _): "somebody else writes to partition \(lane)"
        case .abandoned: nil
        }
    }
}
