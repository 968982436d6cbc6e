import EventModel
import EventSourcing
import FoundationEssentials

/// A record of the state topic: how one key stands.
public struct StateRecord: Sendable, Hashable {
    /// Whose state.
    public var key: StateKey
    /// The partition.
    public var lane: Lane
    /// What state of which history it is.
    public var mark: StateMark
    /// When the event at the position was recorded.
    public var recordedAt: Timestamp
    /// The row as JSON; `nil` when there is none any more.
    public var value: [UInt8]?

    /// A record by its parts.
    public init(key: StateKey, lane: Lane, mark: StateMark, recordedAt: Timestamp, value: [UInt8]?) {
        self.key = key
        self.lane = lane
        self.mark = mark
        self.recordedAt = recordedAt
        self.value = value
    }
}

/// Which state a record holds, and its place in its partition.
public struct StateMark: Sendable, Hashable {
    /// `ls_position`: the event that made the state what it is. With ``fold`` it says which state of its key this is: of two states of one key the
    /// one with the greater position is the newer.
    public var position: GlobalPosition
    /// `ls_event`: the id of the event at the position.
    public var eventID: UUID
    /// `ls_incarnation`: the history it belongs to.
    public var incarnation: UUID
    /// `ls_fold`: the version of the fold.
    public var fold: Int
    /// `ls_through`: with this record, the partition holds the states of its keys up to here. Only writers need it, to know where to go on.
    public var through: GlobalPosition
    /// `ls_sequence`: counts the records of the partition, from 1. Only writers need it, to see where records are missing; readers meet gaps,
    /// which compaction makes.
    public var sequence: Int64
    /// `ls_writer`: the fencing token of its writer's lease. A record with a lower one than a record before it is late.
    public var writer: Int64

    /// A mark by its parts.
    public init(
        position: GlobalPosition, eventID: UUID, incarnation: UUID, fold: Int, through: GlobalPosition, sequence: Int64,
        writer: Int64
    ) {
        self.position = position
        self.eventID = eventID
        self.incarnation = incarnation
        self.fold = fold
        self.through = through
        self.sequence = sequence
        self.writer = writer
    }
}
