import EventSourcing

/// The limits of a projector, each with its unit.
public struct ProjectorLimits: Sendable, Hashable {
    /// Events of the first batch, and of every batch while the database is slow.
    public var smallestBatch: Int
    /// Events of the largest batch. Two batches are in memory at a time, each also limited by ``EventQuery/pageBytes``.
    public var largestBatch: Int
    /// An apply that takes longer makes the next batch smaller.
    public var slowApply: Duration
    /// The longest sleep at the end of the log when no notification arrives.
    public var pollInterval: Duration
    /// First and longest pause after a fault that goes away by itself.
    public var transientPause: ClosedRange<Duration>
    /// First and longest pause before looking again at a fault that does not.
    public var stoppedPause: ClosedRange<Duration>
    /// The most keys that are parked at a time. One more stops the projection instead: so many failures are not the events' fault but that of
    /// the fold or the table, and a broken fold must not set the world aside key by key. It also bounds the names kept in memory.
    public var parkedKeys: Int
    /// How long a projector with parked keys waits at the end of the log before it looks again whether somebody has asked for a retry.
    public var requestPause: Duration

    /// How often a projector that reads the topic asks how far the log is published: how long a lane in which nothing happens stands where it is.
    public var lookInterval: Duration

    /// Limits; by default batches of 256 to 4 096 events and a look every 250 ms.
    public init(
        smallestBatch: Int = 256, largestBatch: Int = 4_096, slowApply: Duration = .milliseconds(300),
        pollInterval: Duration = .milliseconds(250),
        transientPause: ClosedRange<Duration> = .milliseconds(50)...(.seconds(5)),
        stoppedPause: ClosedRange<Duration> = .seconds(1)...(.seconds(30)), parkedKeys: Int = 10_000,
        requestPause: Duration = .milliseconds(500), lookInterval: Duration = .seconds(1)
    ) {
        self.smallestBatch = max(1, smallestBatch)
        self.largestBatch = min(max(self.smallestBatch, largestBatch), EventQuery.limitRange.upperBound)
        self.slowApply = slowApply
        self.pollInterval = pollInterval
        self.transientPause = transientPause
        self.stoppedPause = stoppedPause
        self.parkedKeys = max(0, parkedKeys)
        self.requestPause = requestPause
        self.lookInterval = lookInterval
    }
}
