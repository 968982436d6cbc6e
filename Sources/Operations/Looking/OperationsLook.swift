import EventModel
import EventSourcing

/// What one look at the database has shown of everything that works on it, by whichever process.
public struct OperationsLook: Sendable {
    /// The end of the log.
    public var head: Int64
    /// Why writers refuse the log, where they do: it is a restored or promoted copy.
    public var history: Refusal?
    /// Every checkpoint by itself, lane by lane.
    public var checkpoints: [ConsumerStatus]
    /// Every consumer with its lanes as one, and those that ought to have a checkpoint and have none.
    public var consumers: [ConsumerStatus]
    /// How far apart the sides are, by workspace, as the last looks at executions have found.
    public var drifts: [Drift]
    /// Executions that are stale, by workspace; `nil` when they could not be counted in time.
    public var stale: [Workspace: Int64]?
    /// Jobs that have not ended.
    public var jobs: UnfinishedJobs
    /// Whether anybody reconciles.
    public var reconciling: ReconcilingStanding
    /// Whether an execution has moved since it was looked at; looked up only where nothing else shows that there is work.
    public var hasMoved: Bool
    /// Leases that somebody holds now, by what they are for.
    public var leases: [String: Int64]
    /// Seconds without progress, while there is work, after which a consumer counts as stalled.
    public var patience: Double

    /// A look by its parts.
    public init(
        head: Int64, history: Refusal? = nil, checkpoints: [ConsumerStatus] = [], consumers: [ConsumerStatus] = [],
        drifts: [Drift] = [], stale: [Workspace: Int64]? = [:], jobs: UnfinishedJobs = UnfinishedJobs(),
        reconciling: ReconcilingStanding = ReconcilingStanding(), hasMoved: Bool = false,
        leases: [String: Int64] = [:], patience: Double
    ) {
        self.head = head
        self.history = history
        self.checkpoints = checkpoints
        self.consumers = consumers
        self.drifts = drifts
        self.stale = stale
        self.jobs = jobs
        self.reconciling = reconciling
        self.hasMoved = hasMoved
        self.leases = leases
        self.patience = patience
    }

    /// Whether there is work for a reconciler.
    var hasWork: Bool { hasMoved || drifts.contains { $0.executions > 0 || $0.pending > 0 } }

    /// Everything that does not go as it should.
    public var degradations: [Degradation] {
        consumers.flatMap { $0.degradations(patience: patience) } + reconciling.degradations(hasWork: hasWork)
    }
}

/// Why something cannot be done, and what to do.
public struct Refusal: Error, Sendable, Hashable {
    /// What was found, in one sentence.
    public let why: String
    /// What to do.
    public let todo: String

    /// A refusal by its parts.
    public init(_ why: String, todo: String) {
        self.why = why
        self.todo = todo
    }
}

/// Where looks are taken. Implementations are given up when they take too long: they should notice that they are cancelled.
public protocol OperationsSource: Sendable {
    /// Takes a look.
    func look() async throws(Refusal) -> OperationsLook
}
