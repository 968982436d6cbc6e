import EventModel
import FoundationEssentials

/// What the end of a partition must know about a record: its place in the chain, and which event of which history it is.
public struct RecordMark: Sendable, Hashable {
    /// `ls_position`.
    public var position: GlobalPosition
    /// `ls_previous`: the position of the record before it in its partition, 0 for none.
    public var previous: GlobalPosition
    /// `ce_id`.
    public var eventID: UUID
    /// `ls_incarnation`.
    public var incarnation: UUID

    /// A mark by its parts.
    public init(position: GlobalPosition, previous: GlobalPosition, eventID: UUID, incarnation: UUID) {
        self.position = position
        self.previous = previous
        self.eventID = eventID
        self.incarnation = incarnation
    }
}
