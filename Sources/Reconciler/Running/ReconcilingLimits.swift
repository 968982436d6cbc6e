/// How executions are reconciled while a process runs.
public struct ReconcilingLimits: Sendable, Hashable {
    /// How long nothing is to happen to an execution before it is looked at.
    public var quiet: Duration
    /// How long a look waits for that at most.
    public var patience: Duration
    /// Between the beginnings of two light checks, which look at what has moved unnoticed and at what is apart.
    public var lightInterval: Duration
    /// Between the beginnings of two passes over all open executions.
    public var passInterval: Duration
    /// Between the beginnings of two clean-ups, which put on record that executions are stale.
    public var cleanUpInterval: Duration
    /// How long neither side of an execution may move before it is stale: it is left alone until one does. Zero for never; at most ten years.
    public var staleAfter: Duration
    /// Executions of one page of such a check, pass or clean-up; no more than two pages are kept at a time.
    public var page: Int
    /// Executions that something has happened to and that were not looked at yet, those among them that cannot be; while there are so many, no more of the
    /// log is read.
    public var waiting: Int
    /// Executions that are looked at side by side.
    public var concurrency: Int
    /// The pause before an execution that could not be looked at is tried again.
    public var retryPause: Duration
    /// How long what looks have come to is gathered before it is noted.
    public var noteInterval: Duration
    /// Notes that are written together; so many are not waited with.
    public var notesTogether: Int
    /// Between two saves of how far the lanes were attended to.
    public var saveInterval: Duration
    /// Lanes that the work is divided into.
    public var lanes: Int

    /// Limits; what is not given is as for production.
    public init(
        quiet: Duration = .milliseconds(300), patience: Duration = .seconds(3), lightInterval: Duration = .seconds(5),
        passInterval: Duration = .seconds(30), cleanUpInterval: Duration = .seconds(300),
        staleAfter: Duration = .seconds(7 * 86_400), page: Int = 1_000, waiting: Int = 10_000, concurrency: Int = 8,
        retryPause: Duration = .seconds(5), noteInterval: Duration = .milliseconds(100), notesTogether: Int = 500,
        saveInterval: Duration = .seconds(1), lanes: Int = 12
    ) {
        precondition(
            page > 0 && waiting > 0 && concurrency > 0 && notesTogether > 0 && lanes > 0, "somebody has to be looked at"
        )
        self.quiet = quiet
        self.patience = patience
        self.lightInterval = lightInterval
        self.passInterval = passInterval
        self.cleanUpInterval = cleanUpInterval
        self.staleAfter = staleAfter
        self.page = page
        self.waiting = waiting
        self.concurrency = concurrency
        self.retryPause = retryPause
        self.noteInterval = noteInterval
        self.notesTogether = notesTogether
        self.saveInterval = saveInterval
        self.lanes = lanes
    }
}
