import EventModel
import FoundationEssentials

/// Where jobs are put up, and where whoever works at one writes how far it has come. Implementations agree on every sentence here.
public protocol JobBoard: Sendable {
    /// Puts up a job, unless one with the same selection stands there unfinished; forgets what ended long ago. A request that is repeated with its id is
    /// answered with its job.
    ///
    /// - Returns: the job that stands there now, and whether it is the one that was asked for.
    func file(_ request: JobRequest) async throws(StoreError) -> (job: ReconcilingJob, isNew: Bool)

    /// One job; `nil` for none.
    func job(_ id: UUID) async throws(StoreError) -> ReconcilingJob?

    /// Jobs that have not ended, the oldest first; or all of them, the newest first.
    ///
    /// - Parameters:
    ///   - workspace: only jobs that look at this tenant's executions alone; `nil` for all jobs.
    ///   - limit: the most to list, at least one.
    func jobs(unfinished: Bool, in workspace: Workspace?, limit: Int) async throws(StoreError) -> [ReconcilingJob]

    /// How many jobs have not ended, and how they stand.
    func unfinishedJobs() async throws(StoreError) -> UnfinishedJobs

    /// Writes a step of the work at a job, all of it or nothing, while nobody has taken the job's lease since.
    ///
    /// After ``StoreError/unknownOutcome(reason:)`` the same step may be written again: it counts once.
    func record(_ step: JobStep, of id: UUID, under lease: Lease) async throws(StoreError) -> JobAnswer

    /// Calls a job off. A batch that is under way is not written any more; what its looks have decided is in the log.
    ///
    /// - Returns: the job as it stands then, ended otherwise perhaps; `nil` for none.
    func cancel(_ id: UUID) async throws(StoreError) -> ReconcilingJob?

    /// Lines of a job, in order.
    ///
    /// - Parameters:
    ///   - number: of the last one that is known; 0 for none.
    ///   - limit: the most to list, at least one.
    func lines(of id: UUID, after number: Int64, limit: Int) async throws(StoreError) -> [JobLine]
}

extension JobBoard {
    /// The same of every tenant.
    public func jobs(unfinished: Bool, limit: Int) async throws(StoreError) -> [ReconcilingJob] {
        try await jobs(unfinished: unfinished, in: nil, limit: limit)
    }
}

/// How many jobs have not ended.
public struct UnfinishedJobs: Sendable, Hashable {
    /// Those that nobody has begun with.
    public var queued: Int64
    /// Those that somebody works at.
    public var running: Int64
    /// Those that somebody has begun with, and that nobody works at now. For a moment that is a matter of course.
    public var orphaned: Int64

    /// Numbers; none unless told otherwise.
    public init(queued: Int64 = 0, running: Int64 = 0, orphaned: Int64 = 0) {
        self.queued = queued
        self.running = running
        self.orphaned = orphaned
    }
}

/// What somebody wants to have looked at.
public struct JobRequest: Sendable, Hashable {
    /// The id of the job.
    public let id: UUID
    /// Which executions.
    public let selection: ExecutionSelection
    /// Who asks.
    public let requestedBy: String

    /// A request by its parts.
    public init(_ id: UUID, selection: ExecutionSelection, requestedBy: String) {
        self.id = id
        self.selection = selection
        self.requestedBy = requestedBy
    }
}

/// A step of the work at a job.
public enum JobStep: Sendable, Hashable {
    /// Somebody begins, or goes on where another one stopped. The first `total` stays.
    case begin(total: Int64)
    /// Executions were looked at.
    case look(JobBatch)
    /// Nothing is left to look at, or the job cannot be worked at for this reason.
    case end(failure: String?)
}

/// What looks at executions that stand directly behind each other have come to.
public struct JobBatch: Sendable, Hashable {
    /// How many executions were looked at before: the batch counts only there.
    public let previous: Int64
    /// The last execution.
    public let cursor: ExecutionKey
    /// What was found.
    public let tally: LookTally
    /// What there is to say, each line one JSON value; as many as the tally says.
    public let lines: [[UInt8]]

    /// A batch by its parts.
    public init(previous: Int64, cursor: ExecutionKey, tally: LookTally, lines: [[UInt8]]) {
        precondition(Int64(lines.count) == tally.lines, "every line is counted, and no other one")
        self.previous = previous
        self.cursor = cursor
        self.tally = tally
        self.lines = lines
    }
}

/// What has become of a step.
public enum JobAnswer: Sendable, Hashable {
    /// It is written.
    case recorded
    /// The lease was lost: a newer token is in force. Stop.
    case fenced(current: Int64)
    /// The job does not stand where the step begins: read it again. It may have ended, or the step was written before.
    case elsewhere
}

/// Something that there was to say about an execution.
public struct JobLine: Sendable, Hashable {
    /// Counted from 1.
    public let number: Int64
    /// One JSON value.
    public let json: [UInt8]

    /// A line by its parts.
    public init(number: Int64, json: [UInt8]) {
        self.number = number
        self.json = json
    }
}
