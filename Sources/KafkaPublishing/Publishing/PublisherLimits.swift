/// Limits of one publishing run.
public struct PublisherLimits: Sendable, Hashable {
    /// The most events under way to the broker before reading pauses.
    public var windowEvents: Int
    /// The most bytes of names, payloads and metadata under way before reading pauses. What is under way can exceed this by the page
    /// that is being read, at most ``EventSourcing/EventQuery/pageBytes``.
    public var windowBytes: Int
    /// Events of one batch.
    public var batchEvents: Int
    /// The longest time between an acknowledgement and the checkpoint that covers it.
    public var checkpointInterval: Duration
    /// The most acknowledged events that no checkpoint covers before one is saved at once.
    public var checkpointEvents: Int64
    /// How long a graceful shutdown waits for the broker to acknowledge what is under way.
    public var drainTime: Duration

    /// Limits; by default 20 000 events or 32 MiB under way, batches of 1 000, a checkpoint every 200 ms or 50 000 events, 10 s to drain.
    public init(
        windowEvents: Int = 20_000, windowBytes: Int = 32 * 1_048_576, batchEvents: Int = 1_000,
        checkpointInterval: Duration = .milliseconds(200), checkpointEvents: Int64 = 50_000,
        drainTime: Duration = .seconds(10)
    ) {
        precondition(windowEvents > 0 && windowBytes > 0 && batchEvents > 0 && checkpointEvents > 0)
        self.windowEvents = windowEvents
        self.windowBytes = windowBytes
        self.batchEvents = batchEvents
        self.checkpointInterval = checkpointInterval
        self.checkpointEvents = checkpointEvents
        self.drainTime = drainTime
    }
}
