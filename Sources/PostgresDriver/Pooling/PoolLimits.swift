/// What a pool may take.
public struct PoolLimits: Sendable, Equatable {
    /// Open connections at most.
    public var maxConnections: Int
    /// Tasks that may queue for a connection; the next one is refused at once.
    public var maxWaiters: Int
    /// How long a task waits for a connection, opening included.
    public var waitLimit: Duration
    /// How long an unused connection is kept.
    public var idleLimit: Duration

    /// Sensible limits for one process: 8 connections, 1024 waiters, 5 s of waiting, 5 min of idleness.
    public init(
        maxConnections: Int = 8, maxWaiters: Int = 1024, waitLimit: Duration = .seconds(5),
        idleLimit: Duration = .seconds(300)
    ) {
        precondition(maxConnections > 0, "a pool needs at least one connection")
        self.maxConnections = maxConnections
        self.maxWaiters = maxWaiters
        self.waitLimit = waitLimit
        self.idleLimit = idleLimit
    }
}
