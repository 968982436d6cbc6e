/// Limits of one run of the state publisher.
public struct StateLimits: Sendable, Hashable {
    /// Events of one batch: at most as many states are under way to the broker.
    public var batchEvents: Int
    /// Keys whose state is kept in memory; the state of any other is folded anew from its streams when it moves.
    public var cachedKeys: Int
    /// Keys that are folded anew at the same time.
    public var loads: Int
    /// The longest time between an acknowledgement and the checkpoint that covers it, while there is work.
    public var checkpointInterval: Duration
    /// How often keys that stand still are tried again.
    public var retryInterval: Duration
    /// The most keys that may stand still before everything does.
    public var standingKeys: Int

    /// Limits; by default batches of 1 000 events, 20 000 keys in memory, 4 folded anew at a time, a checkpoint every 200 ms, another try
    /// every 30 s, and 10 000 keys that stand still.
    public init(
        batchEvents: Int = 1_000, cachedKeys: Int = 20_000, loads: Int = 4,
        checkpointInterval: Duration = .milliseconds(200), retryInterval: Duration = .seconds(30),
        standingKeys: Int = 10_000
    ) {
        precondition(batchEvents > 0 && cachedKeys > 0 && loads > 0 && standingKeys > 0)
        self.batchEvents = batchEvents
        self.cachedKeys = cachedKeys
        self.loads = loads
        self.checkpointInterval = checkpointInterval
        self.retryInterval = retryInterval
        self.standingKeys = standingKeys
    }
}
