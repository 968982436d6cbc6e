import EventModel
import FoundationEssentials

/// The topic of a log as a source of its lanes: each is a partition. Who should have which lane is said by a group; where a lane begins is said by its
/// checkpoint, which is kept with the rows; the broker's own offsets are hints.
public protocol LaneTopic: Sendable {
    /// Its name, for people.
    var name: String { get }

    /// Takes part in a group among whose members the lanes are given out.
    ///
    /// - Parameter lanes: how many lanes the log has.
    /// - Throws: ``LaneTopicError/lanes(topic:found:needed:)`` when the topic has another number of partitions.
    func join(_ group: String, lanes: Int) async throws(LaneTopicError) -> any LaneMembership

    /// Begins to read lanes, each from a place of its own.
    func open(_ starts: [Int: LaneStart]) async throws(LaneTopicError) -> any LaneReader

    /// How far the log has been copied to the topic, as the publisher has stored it; `nil` before the first time.
    func published() async throws(StoreError) -> PublishingCheckpoint?

    /// The incarnations that the log continues by decision of an operator, each with the last position that is theirs.
    func earlierIncarnations() async throws(StoreError) -> [UUID: GlobalPosition]
}

/// One process's part in a group.
public protocol LaneMembership: Sendable {
    /// Waits for the group's next decision. Must be called again and again: a member that is silent for minutes is taken for gone.
    ///
    /// - Returns: what holds from now on; `nil` when there is no news in time.
    func next(atMost patience: Duration) async throws(LaneTopicError) -> LaneDecision?

    /// The offsets that were left for whoever reads these lanes next; lanes without one are absent.
    func hints(for lanes: [Int]) async throws(LaneTopicError) -> [Int: Int64]

    /// Leaves offsets for whoever reads these lanes next, without waiting. What is lost costs time, never events.
    func leave(hints: [Int: Int64])

    /// Takes part no more, so that the others need not wait.
    func close() async
}

/// What a group says of its lanes.
public enum LaneDecision: Sendable, Hashable {
    /// This process should have these, and no others.
    case given(Set<Int>)
    /// It has taken lanes and has not come to say for a long time whose they are. Members must do without it until it does.
    case undecided
}

/// Reads lanes from a topic. One task at a time pulls.
public protocol LaneReader: Sendable {
    /// Waits for something to come, then returns what is there, in the order of each lane.
    ///
    /// - Parameters:
    ///   - limit: of records.
    ///   - patience: an empty answer comes after it.
    func next(limit: Int, atMost patience: Duration) async throws(LaneTopicError) -> [LaneNews]

    /// Goes on elsewhere in these lanes; what was read ahead of them is dropped.
    func rewind(_ starts: [Int: LaneStart]) async throws(LaneTopicError)

    /// Ends reading.
    func close() async
}

/// Where reading of a lane begins in its partition.
public enum LaneStart: Sendable, Hashable {
    /// At the oldest record that is still there.
    case beginning
    /// At this offset.
    case offset(Int64)
}

/// What reading brings.
public enum LaneNews: Sendable {
    /// A record.
    case record(LaneRecord)
    /// A record that is not of a log.
    case foreign(lane: Int, offset: Int64)
    /// The present end of a lane: its next record will have this offset.
    case end(lane: Int, offset: Int64)
    /// The place to begin at is not there any more, or not yet.
    case missing(lane: Int)

    /// Which lane.
    public var lane: Int {
        switch self {
        case .record(let record): record.lane
        case .foreign(let lane, _), .end(let lane, _), .missing(let lane): lane
        }
    }
}

/// An event as its partition holds it, with its place in the chain of its lane.
public struct LaneRecord: Sendable {
    /// The lane, which is the partition.
    public var lane: Int
    /// The offset in it.
    public var offset: Int64
    /// The position of the lane's event before it, 0 for none.
    public var previous: GlobalPosition
    /// The history it was published from.
    public var incarnation: UUID
    /// The event.
    public var event: RecordedEvent

    /// A record by its parts.
    public init(lane: Int, offset: Int64, previous: GlobalPosition, incarnation: UUID, event: RecordedEvent) {
        self.lane = lane
        self.offset = offset
        self.previous = previous
        self.incarnation = incarnation
        self.event = event
    }
}

/// Why a topic cannot be read.
public enum LaneTopicError: Error, Sendable, Hashable {
    /// It cannot be reached, or is not there yet; wait.
    case unavailable(reason: String)
    /// It has another number of partitions than the log has lanes.
    case lanes(topic: String, found: Int, needed: Int)
    /// The cluster refuses, and waiting does not help.
    case refused(reason: String)
}

extension LaneTopicError: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .unavailable(let reason): "the topic cannot be read for now: \(reason)"
        case .lanes(let topic, let found, let needed):
            "topic \(topic) has \(found) partitions and the generation has \(needed) lanes"
        case .refused(let reason): "the topic cannot be read: \(reason)"
        }
    }
}
