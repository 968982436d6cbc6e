/// How executions are reconciled while a process runs.
public struct ReconcilingLimits: Sendable, Hashable {
    /// How long nothing is to happen to an execution before it is looked at.
    public var quiet: Duration
    /// How long a look waits for that at most.
    public var patience: Duration
    /// Between the beginnings of two passes over all open executions.
    public var passInterval: Duration
    /// Executions of one page of such a pass.
    public var page: Int
    /// Executions that are looked at side by side.
    public var concurrency: Int
    /// The pause before an execution that could not be looked at is tried again.
    public var retryPause: Duration
    /// Lanes that the work is divided into.
    public var lanes: Int

    /// Limits; what is not given is as for production.
    public init(
        quiet: Duration = .milliseconds(300), patience: Duration = .seconds(3), passInterval: Duration = .seconds(30),
        page: Int = 1_000, concurrency: Int = 8, retryPause: Duration = .seconds(5), lanes: Int = 12
    ) {
        precondition(page > 0 && concurrency > 0 && lanes > 0, "somebody has to be looked at")
        self.quiet = quiet
        self.patience = patience
        self.passInterval = passInterval
        self.page = page
        self.concurrency = concurrency
        self.retryPause = retryPause
        self.lanes = lanes
    }
}
