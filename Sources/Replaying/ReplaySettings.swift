import EventModel
import EventSourcing

/// What is replayed, and how fast.
public struct ReplaySettings: Sendable {
    /// Which events.
    public var filter: EventFilter
    /// Which part of the log; without an end it is the end of the log as the replay begins.
    public var range: EventRange
    /// How fast.
    public var pace: ReplayPace

    /// The whole log as fast as possible unless said otherwise.
    public init(
        filter: EventFilter = EventFilter(), range: EventRange = EventRange(),
        pace: ReplayPace = ReplayPace(.unbounded)
    ) {
        self.filter = filter
        self.range = range
        self.pace = pace
    }
}
