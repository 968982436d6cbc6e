import EventModel
import EventSourcing
import FoundationEssentials
import Logging

/// Works at jobs, one after the other, the oldest first: those that nobody has begun with, and those whose process is gone.
///
/// A job is worked at under a lease of its own. Whoever has lost it writes nothing any more; what it looks at meanwhile does no harm, because a second look
/// decides nothing again.
public struct JobRunner<Leases: LeaseStore>: Sendable {
    let board: any JobBoard
    let listing: any SelectedExecutions
    let desk: any JobDesk
    let comparisons: (any ComparisonStore)?
    let limits: JobLimits
    let time: any Timekeeper
    let logger: Logger
    let giveWay: @Sendable () async throws -> Void
    private let keeper: LeaseKeeper<Leases>
    private let holder: String

    /// A runner that shares the jobs with others over the same board.
    ///
    /// - Parameters:
    ///   - comparisons: where is remembered what looks have come to, for whoever would look again; `nil` for nowhere.
    ///   - holder: a name that no other runner uses, for the leases.
    ///   - giveWay: waits for what goes first; asked before every look.
    public init(
        _ board: any JobBoard, listing: any SelectedExecutions, desk: any JobDesk,
        remembering comparisons: (any ComparisonStore)? = nil, leases: Leases, holder: String,
        limits: JobLimits = JobLimits(), timing: LeaseTiming = LeaseTiming(),
        time: any Timekeeper = SystemTimekeeper(), logger: Logger = Logger(label: "lockstep.reconciler"),
        giveWay: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.board = board
        self.listing = listing
        self.desk = desk
        self.comparisons = comparisons
        self.limits = limits
        self.time = time
        self.logger = logger
        self.giveWay = giveWay
        self.holder = holder
        keeper = LeaseKeeper(store: leases, holder: holder, time: time, timing: timing)
    }

    /// Works at whatever comes up, until it is cancelled.
    ///
    /// - Throws: cancellation, and nothing else: faults are logged, and tried again.
    public func run() async throws {
        while true {
            try Task.checkCancellation()
            do {
                if try await runOldest() { continue }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                // Whoever works at the lanes beside this goes on, whatever is wrong with the jobs.
                if case StoreError.cancelled = error { throw CancellationError() }
                logger.warning("jobs cannot be worked at", metadata: ["reason": "\(error)"])
            }
            try await time.sleep(for: limits.interval)
        }
    }

    /// Works at the oldest job that nobody works at.
    ///
    /// - Returns: whether there was one.
    public func runOldest() async throws -> Bool {
        let waiting = try await board.jobs(unfinished: true, limit: Self.listed)
        for job in waiting where job.holder.map({ $0 == holder }) ?? true {
            if try await run(job.id) { return true }
        }
        return false
    }

    /// Works at a job until it has ended, unless somebody else works at it.
    ///
    /// - Returns: whether this runner has worked at it and was not overtaken.
    /// - Throws: cancellation; every ``StoreError`` that waiting does not help.
    public func run(_ id: UUID) async throws -> Bool {
        try await keeper.holdIfFree(ReconcilingJob.lease(of: id)) { lease in
            try await JobRun(id, under: lease, by: self).run()
        } ?? false
    }

    /// Jobs that are held against the leases at a time.
    private static var listed: Int { 100 }
}
