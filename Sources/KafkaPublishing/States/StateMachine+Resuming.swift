import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels

extension StateMachine {
    mutating func begin(_ checkpoint: PublishingCheckpoint?, _ found: [StateFindings]) -> Action {
        if let odd = checkpoint.oddPartitions(beside: found.count, expecting: configuration.lanes) {
            return end(.refused(.partitionCount(topic: configuration.topic, found: odd, expected: configuration.lanes)))
        }
        let newest = found.map(\.newestFold).max() ?? 0
        guard newest <= projection.version else {
            return end(.refused(.newerFold(topic: configuration.topic, found: newest, known: projection.version)))
        }
        phase = .inspecting(checkpoint, found)
        var positions = Set(found.compactMap(\.highest?.position))
        if let position = checkpoint?.progress.position, position > .start { positions.insert(position) }
        return .inspectLog(positions.sorted())
    }

    /// Decides where to go on, and says so to the session. The head was read after the partitions were, so it is at or behind everything in them.
    mutating func resume(
        _ checkpoint: PublishingCheckpoint?, _ found: [StateFindings], head: LogHead, events: [RecordedEvent],
        skips: SkippedEvents, standing keys: [StateKey]
    ) -> Action {
        let history = HistoryComparison(
            topic: configuration.topic, earlierIncarnations: configuration.earlierIncarnations, head: head,
            events: events)
        if let refusal = refusal(checkpoint, found, history) { return end(.refused(refusal)) }
        self.skips = skips
        self.head = head.position
        for key in keys { standing[key] = Standing() }
        stored = checkpoint?.progress.position ?? .start
        lanes = found.map { Self.lane($0, checkpointed: stored) }
        suspects = found.reduce(into: Set<StateKey>()) { $0.formUnion($1.suspects) }.union(keys).sorted()
        progress = progress(behind: checkpoint, head: head)
        tell(checkpoint, found)
        phase = .opening(behind: found.map(\.endOffset))
        return .open(behind: found.map(\.endOffset))
    }

    /// What the partition holds for certain. Everything up to the checkpoint was acknowledged, so as long as its record is there, nothing up to
    /// there is missing.
    private static func lane(_ found: StateFindings, checkpointed position: GlobalPosition) -> StateLane {
        let isWhole = found.standing != .rewritten
        return StateLane(
            held: isWhole ? max(position, found.through) : found.through, sequence: found.sequence,
            nextOffset: found.endOffset, record: found.last)
    }

    /// Goes on at the checkpoint as long as no partition holds less; else the log is read again from its start, which costs a reading and
    /// never a state: what the partitions hold is not written again.
    private func progress(behind checkpoint: PublishingCheckpoint?, head: LogHead) -> ConsumerProgress {
        guard var kept = checkpoint?.progress, lanes.allSatisfy({ $0.held >= kept.position }) else {
            return ConsumerProgress(of: progress.key, incarnation: head.incarnation)
        }
        kept.incarnation = head.incarnation
        kept.lastError = nil
        kept.state = (kept.position >= head.position ? PublisherState.live : .catchingUp).rawValue
        return kept
    }

    private func refusal(
        _ checkpoint: PublishingCheckpoint?, _ found: [StateFindings], _ history: HistoryComparison
    ) -> PublishingRefusal? {
        if let flaw = history.refusal(checkpoint?.progress) { return flaw }
        return history.refusal(
            of: found.map { $0.highest.map { (position: $0.position, event: $0.eventID, incarnation: $0.incarnation) } }
        )
    }

    private mutating func tell(_ checkpoint: PublishingCheckpoint?, _ found: [StateFindings]) {
        let isNew =
            checkpoint.map { $0.ends.values.contains { $0.position > .start } } ?? false
            && found.allSatisfy { $0.endOffset == 0 }
        if isNew {
            notice(.newGeneration(published: stored))
        } else {
            for (index, partition) in found.enumerated() where partition.standing == .rewritten {
                notice(.lost(lane: Lane(Int32(index)), heldThrough: partition.through))
            }
        }
        if checkpoint == nil, found.allSatisfy({ $0.highest == nil }) {
            notice(.firstPublication(fold: projection.version))
        }
        let late = found.reduce(0) { $0 + $1.suspects.count }
        if late > 0 { notice(.stragglers(count: late)) }
    }

    /// Stores where the run goes on before anything is written: a checkpoint that names records which are gone must not meet what is written
    /// in their place.
    mutating func start() -> Action { save(isLast: false) }
}

extension StateKey: Comparable {
    /// By workspace, then by sync key.
    public static func < (left: StateKey, right: StateKey) -> Bool {
        (left.workspace.rawValue, left.syncKey) < (right.workspace.rawValue, right.syncKey)
    }
}
