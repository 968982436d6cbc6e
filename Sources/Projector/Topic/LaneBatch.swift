import EventModel
import FoundationEssentials

/// What the topic holds of some lanes behind their positions.
public struct LaneBatch: Sendable {
    /// The next events of each lane, none left out; those of different lanes in the order of the log.
    public var events: EventBatch
    /// Lanes that have nothing more up to a position behind their last event.
    public var ends: [Int: LaneEnd]
    /// The end of the log when it was last looked at.
    public var head: GlobalPosition

    /// A batch by its parts.
    public init(events: EventBatch, ends: [Int: LaneEnd] = [:], head: GlobalPosition) {
        self.events = events
        self.ends = ends
        self.head = head
    }
}

/// Up to where a lane has nothing more.
public struct LaneEnd: Sendable, Hashable {
    /// A position of the log, whatever the lane of its event.
    public var position: GlobalPosition
    /// The event that the log holds there.
    public var eventID: UUID

    /// An end by its parts.
    public init(position: GlobalPosition, eventID: UUID) {
        self.position = position
        self.eventID = eventID
    }
}
