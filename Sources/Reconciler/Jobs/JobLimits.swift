import EventModel

/// How jobs are worked at.
public struct JobLimits: Sendable, Hashable {
    /// Executions of one batch: so many looks at most are taken again when a process dies.
    public var page: Int
    /// Executions that are looked at side by side.
    public var concurrency: Int
    /// Between two looks at the board while there is nothing to do.
    public var interval: Duration
    /// The pause before what could not be reached is tried again.
    public var retryPause: Duration
    /// How often an execution is looked at that others write to meanwhile.
    public var attempts: Int
    /// Lanes that the log is divided into.
    public var lanes: Int

    /// Limits; what is not given is as for production.
    public init(
        page: Int = 100, concurrency: Int = 8, interval: Duration = .seconds(1), retryPause: Duration = .seconds(1),
        attempts: Int = 3, lanes: Int = Lane.defaultCount
    ) {
        precondition(page > 0 && concurrency > 0 && attempts > 0 && lanes > 0, "somebody has to be looked at")
        self.page = page
        self.concurrency = concurrency
        self.interval = interval
        self.retryPause = retryPause
        self.attempts = attempts
        self.lanes = lanes
    }
}
