import EventModel
import FoundationEssentials

/// The order to look at many executions, and how far that has come. What the looks have decided is in the log; a job that is lost costs looks.
public struct ReconcilingJob: Sendable, Hashable {
    /// How a job stands.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Nobody has begun with it.
        case queued
        /// Somebody has begun with it, and may have been lost since.
        case running
        /// Every execution was looked at.
        case done
        /// Somebody has called it off.
        case cancelled
        /// It cannot be worked at; ``ReconcilingJob/lastError`` says why.
        case failed

        /// Whether nothing will change any more.
        public var isOver: Bool { self == .done || self == .cancelled || self == .failed }
    }

    /// Lines that are kept of a job; of what comes behind them only the number is.
    public static let lineLimit: Int64 = 10_000
    /// How long a job is kept behind its end.
    public static let memory = Duration.seconds(30 * 86_400)

    /// The job.
    public let id: UUID
    /// Which executions are looked at; `nil` for one that another version has written and that cannot be read.
    public let selection: ExecutionSelection?
    /// Who asked for it: the actor of what it records.
    public let requestedBy: String
    /// When, by the store's clock.
    public let requestedAt: Timestamp
    /// How it stands.
    public var state: State
    /// The last execution that was looked at, in the order of keys; `nil` before the first.
    public var cursor: ExecutionKey?
    /// How many executions there were when somebody began; `nil` before that.
    public var total: Int64?
    /// What was found so far.
    public var tally = LookTally()
    /// When somebody began, by the store's clock.
    public var startedAt: Timestamp?
    /// When it ended, by the store's clock.
    public var finishedAt: Timestamp?
    /// Why it failed.
    public var lastError: String?
    /// The process that holds its lease now; `nil` for none.
    public var holder: String?

    /// Whether somebody has begun with it, and nobody works at it now.
    public var isOrphaned: Bool { state == .running && holder == nil }

    /// A job that nobody has begun with.
    public init(
        _ id: UUID, selection: ExecutionSelection?, requestedBy: String, requestedAt: Timestamp, state: State = .queued
    ) {
        self.id = id
        self.selection = selection
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
        self.state = state
    }

    /// The lease under which a job is worked at.
    public static func lease(of id: UUID) -> String { "reconcile-job-\(id.text)" }
}
