import EventModel

/// What a publisher has done since it was made.
public struct PublisherStatistics: Sendable, Hashable {
    /// Records handed to the broker for the first time by this publisher.
    public var published: Int64 = 0
    /// Records handed over again after a disturbance.
    public var resent: Int64 = 0
    /// Batches handed over.
    public var batches: Int64 = 0
    /// Records under way now.
    public var inFlight = 0
    /// The end of the contiguous prefix that the broker has acknowledged.
    public var acknowledged = GlobalPosition.start
    /// Runs begun: 1 and one more for every disturbance, fault or change of leadership.
    public var runs: Int64 = 0
    /// Checkpoints stored.
    public var checkpoints: Int64 = 0

    /// Nothing yet.
    public init() {}
}
