import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Synchronization

/// The topic of a log and the groups that share its lanes, in memory: records come more than once, and early, as a broker may have them.
final class ModelLaneTopic: LaneTopic {
    struct State {
        var partitions: [[LaneRecord]]
        /// Records that retention has removed, by lane.
        var removed: [Int: Int] = [:]
        var ends: [Lane: PartitionEnd] = [:]
        var published = GlobalPosition.start
        var publishedID: UUID?
        var groups: [String: Group] = [:]
        var random: SeededGenerator
    }

    /// The members of a group in the order of their joining, and what each has not been told yet.
    struct Group {
        var members: [Int] = []
        var next = 0
        var news: [Int: LaneDecision] = [:]
        var hints: [Int: Int64] = [:]

        mutating func share(_ lanes: Int) {
            for (place, member) in members.enumerated() {
                news[member] = .given(Set((0..<lanes).filter { $0 % members.count == place }))
            }
        }
    }

    let name = "model.events"
    let lanes: Int
    private let log: InMemoryEventStore
    let state: Mutex<State>

    init(_ log: InMemoryEventStore, lanes: Int, seed: UInt64 = 1) {
        self.log = log
        self.lanes = lanes
        state = Mutex(
            State(partitions: Array(repeating: [], count: lanes), random: SeededGenerator(seed: seed)))
    }

    /// Copies what the log holds.
    func publish() async throws(StoreError) {
        let after = state.withLock { $0.published }
        let events = try await log.read(EventQuery(after: after, limit: 10_000)).events
        let incarnation = try await log.head().incarnation
        state.withLock { state in
            for event in events where event.position > state.published {
                let lane = Lane(of: event, count: lanes)
                let (index, previous) = (Int(lane.rawValue), state.ends[lane]?.position ?? .start)
                if state.random.below(4) == 0, let again = state.partitions[index].randomElement(using: &state.random) {
                    state.append(again, to: index)
                }
                let offset = state.append(
                    LaneRecord(lane: index, offset: 0, previous: previous, incarnation: incarnation, event: event),
                    to: index)
                state.ends[lane] = PartitionEnd(position: event.position, offset: offset)
                (state.published, state.publishedID) = (event.position, event.id)
            }
        }
    }

    /// Every group takes all lanes from everybody and comes to no decision.
    func leaveUndecided() {
        state.withLock { state in
            for (name, group) in state.groups {
                for member in group.members { state.groups[name]?.news[member] = .undecided }
            }
        }
    }

    /// Removes the first records of a lane.
    func retain(_ lane: Int, from offset: Int) { state.withLock { $0.removed[lane] = offset } }

    func published() async throws(StoreError) -> PublishingCheckpoint? {
        let head = try await log.head()
        return state.withLock { state in
            var progress = ConsumerProgress(
                of: .init(consumer: name, kind: "publisher"), incarnation: head.incarnation)
            (progress.position, progress.lastEventID) = (state.published, state.publishedID)
            return PublishingCheckpoint(progress: progress, topic: name, ends: state.ends)
        }
    }

    func earlierIncarnations() async throws(StoreError) -> [UUID: GlobalPosition] { [:] }

    func join(_ group: String, lanes: Int) async throws(LaneTopicError) -> any LaneMembership {
        guard lanes == self.lanes else { throw .lanes(topic: name, found: self.lanes, needed: lanes) }
        return state.withLock { state in
            var joined = state.groups[group] ?? Group()
            joined.next += 1
            joined.members.append(joined.next)
            joined.share(lanes)
            state.groups[group] = joined
            return ModelMembership(topic: self, group: group, number: joined.next)
        }
    }

    func open(_ starts: [Int: LaneStart]) async throws(LaneTopicError) -> any LaneReader {
        ModelLaneReader(topic: self, starts)
    }
}

extension ModelLaneTopic.State {
    @discardableResult mutating func append(_ record: LaneRecord, to lane: Int) -> Int64 {
        var record = record
        record.offset = Int64(partitions[lane].count)
        partitions[lane].append(record)
        return record.offset
    }
}

struct ModelMembership: LaneMembership {
    let topic: ModelLaneTopic
    let group: String
    let number: Int

    func next(atMost patience: Duration) async throws(LaneTopicError) -> LaneDecision? {
        let news = topic.state.withLock { $0.groups[group]?.news.removeValue(forKey: number) }
        if news == nil { try? await SystemTimekeeper().sleep(for: .milliseconds(1)) }
        return news
    }

    func hints(for lanes: [Int]) async throws(LaneTopicError) -> [Int: Int64] {
        topic.state.withLock { $0.groups[group]?.hints.filter { lanes.contains($0.key) } ?? [:] }
    }

    func leave(hints: [Int: Int64]) {
        topic.state.withLock { $0.groups[group]?.hints.merge(hints) { $1 } }
    }

    func close() async {
        topic.state.withLock { state in
            state.groups[group]?.members.removeAll { $0 == number }
            state.groups[group]?.share(topic.lanes)
        }
    }
}

final class ModelLaneReader: LaneReader {
    private let topic: ModelLaneTopic
    private let offsets: Mutex<[Int: Int]>

    init(topic: ModelLaneTopic, _ starts: [Int: LaneStart]) {
        self.topic = topic
        offsets = Mutex(starts.mapValues(Self.offset))
    }

    private static func offset(_ start: LaneStart) -> Int {
        switch start {
        case .beginning: 0
        case .offset(let offset): Int(offset)
        }
    }

    func next(limit: Int, atMost patience: Duration) async throws(LaneTopicError) -> [LaneNews] {
        let news = topic.state.withLock { state in
            offsets.withLock { offsets -> [LaneNews] in
                var news: [LaneNews] = []
                var room = limit
                for (lane, wanted) in offsets.shuffled(using: &state.random) where room > 0 {
                    let first = max(wanted, state.removed[lane] ?? 0)
                    let records = state.partitions[lane].dropFirst(first).prefix(1 + state.random.below(room))
                    room -= records.count
                    news += records.map { .record($0) }
                    if records.isEmpty { news.append(.end(lane: lane, offset: Int64(first))) }
                    offsets[lane] = first + records.count
                }
                return news
            }
        }
        if !news.contains(where: { if case .record = $0 { true } else { false } }) {
            try? await SystemTimekeeper().sleep(for: .milliseconds(1))
        }
        return news
    }

    func rewind(_ starts: [Int: LaneStart]) async throws(LaneTopicError) {
        offsets.withLock { $0.merge(starts.mapValues(Self.offset)) { $1 } }
    }

    func close() async {}
}
