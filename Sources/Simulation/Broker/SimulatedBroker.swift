import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import KafkaPublishing
import Synchronization

/// The broker: partitions that can lose, repeat and forget what a broker can.
final class SimulatedBroker: Sendable {
    /// A record of the log.
    struct Record: Sendable {
        var mark: RecordMark
        var event: RecordedEvent
    }

    /// What lies in a partition; not a record of the log when somebody else has written there.
    struct Stored: Sendable {
        var record: Record?
        var offset: Int64
    }

    struct Partition: Sendable {
        var records: [Stored] = []
        var nextOffset: Int64 = 0
        var firstOffset: Int64 { records.first?.offset ?? nextOffset }

        mutating func append(_ record: Record?) -> Int64 {
            defer { nextOffset += 1 }
            records.append(Stored(record: record, offset: nextOffset))
            return nextOffset
        }

        /// An unclean election: the newest records are gone and their offsets are given out again.
        mutating func truncate(by loss: Int) {
            let kept = max(0, records.count - loss)
            guard kept < records.count else { return }
            nextOffset = records[kept].offset
            records.removeSubrange(kept...)
        }
    }

    private struct State {
        var partitions: [Partition]
        var isAway = false
        /// Whether the topic lacks its oldest records.
        var isCut = false
        var sessions: [SimulatedSession] = []
    }

    let world: World
    let lanes: Int
    private let state: Mutex<State>

    init(world: World, lanes: Int) {
        self.world = world
        self.lanes = lanes
        state = Mutex(State(partitions: Array(repeating: Partition(), count: lanes)))
    }

    var partitions: [Partition] { state.withLock { $0.partitions } }
    var isAway: Bool { state.withLock { $0.isAway } }
    /// Whether the topic lacks its oldest records: not before it is made anew it is whole again.
    var isCut: Bool { state.withLock { $0.isCut } }

    func admit(_ session: SimulatedSession) { state.withLock { $0.sessions.append(session) } }

    func dismiss(_ session: SimulatedSession) { state.withLock { $0.sessions.removeAll { $0 === session } } }

    /// Writes records to a partition; `nil` while away.
    func append(_ records: [Record], to lane: Lane) -> [Int64]? {
        state.withLock { state in
            guard !state.isAway else { return nil }
            return records.map { state.partitions[Int(lane.rawValue)].append($0) }
        }
    }

    /// Somebody writes something of their own to a partition.
    func intrude() {
        world.count(.foreignRecord)
        let lane = world.roll { $0.below(lanes) }
        state.withLock { state in
            if !state.isAway { _ = state.partitions[lane].append(nil) }
        }
    }

    /// Restarts, perhaps without the newest records of some partitions. Whoever is connected notices.
    func restart(losing most: Int, awayFor duration: Duration) {
        world.count(most > 0 ? .truncation : .brokerRestart)
        let losses = world.roll { random in (0..<lanes).map { _ in most > 0 ? random.below(most + 1) : 0 } }
        world.note("broker restarts without the last \(losses) records")
        interrupt(for: duration) { state in
            for (index, loss) in losses.enumerated() where loss > 0 { state.partitions[index].truncate(by: loss) }
        }
    }

    /// Somebody has given the topic a retention: a partition loses its oldest records.
    func retain(withoutOldest count: Int) {
        world.count(.retention)
        let lane = world.roll { $0.below(lanes) }
        world.note("retention removes \(count) records of partition \(lane)")
        state.withLock { state in
            state.partitions[lane].records.removeFirst(min(count, state.partitions[lane].records.count))
            state.isCut = true
        }
    }

    /// Somebody deletes the topic and makes it again.
    func recreate(awayFor duration: Duration) {
        world.count(.topicRecreated)
        world.note("topic made anew")
        interrupt(for: duration) { state in
            state.partitions = Array(repeating: Partition(), count: state.partitions.count)
            state.isCut = false
        }
    }

    private func interrupt(for duration: Duration, _ change: (inout State) -> Void) {
        let sessions = state.withLock { state in
            change(&state)
            state.isAway = true
            return state.sessions
        }
        for session in sessions { session.disturb(.disconnected(reason: "simulated restart")) }
        world.scheduler.plan(after: duration) { self.recover() }
    }

    func recover() { state.withLock { $0.isAway = false } }

    /// Reads the ends as the production code judges them.
    func ends(from checkpoint: PublishingCheckpoint?) -> TopicEnds {
        TopicEnds(
            partitions: partitions.enumerated().map { index, partition in
                let recorded = checkpoint?.ends[Lane(Int32(index))]
                var findings = Self.scan(partition, recorded)
                if world.mutation == .truncationOverlooked, let recorded, findings.standing == .rewritten {
                    findings.standing = .confirmed
                    findings.last = recorded
                    findings.mark = nil
                }
                return findings
            })
    }

    private static func scan(_ partition: Partition, _ checkpoint: PartitionEnd?) -> PartitionFindings {
        var scan = PartitionScan(checkpoint: checkpoint)
        while true {
            if case .done(let findings) = pass(partition, &scan) { return findings }
        }
    }

    private static func pass(_ partition: Partition, _ scan: inout PartitionScan) -> PartitionScan.Step {
        var start: Int64 = 0
        if case .offset(let offset) = scan.origin {
            guard offset <= partition.nextOffset else { return scan.outOfRange() }
            start = offset
        }
        for record in partition.records where record.offset >= start {
            if scan.receive(record.record?.mark, at: record.offset) == .restart { return .restart }
        }
        return scan.reachedEnd(at: partition.nextOffset)
    }
}
