import EventModel
import EventSourcing
import FoundationEssentials
import Operations
import PostgresEventStore
import Reconciler
import Synchronization

/// Shows what a job comes to while it does, and works at it where nobody else does.
struct JobFollowing: Sendable {
    /// Between two looks at the job.
    private static let tick = Duration.milliseconds(100)
    /// The pause when the database does not answer.
    private static let pause = Duration.seconds(1)
    /// How long a process that serves has for beginning with a job when nobody works at any.
    private static let patience = Duration.seconds(10)
    /// Lines that are read together.
    private static let page = 500

    private let room: ReconcilingRoom
    private let runner: JobRunner<PostgresEventStore>
    private let isForPrograms: Bool
    private let time: any Timekeeper = SystemTimekeeper()

    init(in room: ReconcilingRoom, asJSON: Bool) {
        self.room = room
        isForPrograms = asJSON
        runner = JobRunner(
            room.views, listing: room.views, desk: JobLooks(room.desk), remembering: room.views,
            leases: room.log.base, holder: "reconcile-run-\(UUID().text)", limits: JobLimits(lanes: room.lanes),
            timing: room.leaseTiming)
    }

    /// Shows what there is to say until the job has ended.
    ///
    /// - Throws: ``Failure`` with status 1 when it is interrupted, with how to go on.
    func follow(_ id: UUID) async throws -> ReconcilingJob {
        let own = OwnWork()
        let display = ProgressDisplay("looking", counting: "execution", isShown: !isForPrograms)
        defer { display.clear() }
        do {
            return try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                var (shown, alone): (Int64, Duration?) = (0, nil)
                while true {
                    do {
                        let job = try await room.job(id)
                        try await show(job, &shown, display)
                        guard !job.state.isOver else { return job }
                        if try own.isIdle, try await isLeftAlone(job, since: &alone) {
                            own.begin()
                            group.addTask {
                                do { _ = try await runner.run(id) } catch let error as StoreError
                                    where error.isTransient
                                {
                                    return own.end()
                                } catch { return own.end(because: error) }
                                own.end()
                            }
                        }
                    } catch let error as StoreError where error.isTransient {
                        // The job waits for the database as well; what works at it here is not to be given up.
                        try await time.sleep(for: Self.pause)
                    }
                    try await time.sleep(for: Self.tick)
                }
            }
        } catch is CancellationError {
            throw await interruption(id, isOurs: own.hasBegun)
        } catch StoreError.cancelled {
            throw await interruption(id, isOurs: own.hasBegun)
        }
    }

    private func show(_ job: ReconcilingJob, _ shown: inout Int64, _ display: ProgressDisplay) async throws {
        while true {
            let lines = try await room.views.lines(of: job.id, after: shown, limit: Self.page)
            if !lines.isEmpty { display.clear() }
            for line in lines { StoredLine(line.json)?.show(asJSON: isForPrograms) }
            shown = lines.last?.number ?? shown
            if lines.count < Self.page { break }
        }
        try StandardOutput.shared.flushOrStop()
        if let total = job.total { display.show(job.tally.executions, of: total) }
    }

    /// Whether nobody works at the job, or will: no process serves, or those that do have begun with no job for a while, because they are of an older version.
    private func isLeftAlone(_ job: ReconcilingJob, since begun: inout Duration?) async throws -> Bool {
        guard job.holder == nil else {
            begun = nil
            return false
        }
        guard try await ReconcilingStanding.read(room.pool, room.views).heldLanes > 0 else { return true }
        let others = try await room.views.jobs(unfinished: true, limit: 100)
        guard others.allSatisfy({ $0.holder == nil }) else {
            begun = nil
            return false
        }
        let now = time.steady()
        let first = begun ?? now
        begun = first
        return now - first >= Self.patience
    }

    private func interruption(_ id: UUID, isOurs: Bool) async -> Failure {
        let job = await CancellationShield.run { try? await room.views.job(id) }
        let place = job.map {
            $0.total.map { [job] in "\(job?.tally.executions ?? 0) of \($0) executions" } ?? "its beginning"
        }
        let words = "it is at \(place ?? "an unknown place")"
        return isOurs && job?.holder == nil
            ? Failure(
                .no, "job \(id.text) was interrupted: \(words)",
                hint:
                    "go on with `lockstep reconcile run --resume \(id.text)`, or end it with `lockstep reconcile jobs --cancel \(id.text)`"
            )
            : Failure(
                .no, "job \(id.text) goes on without this command: \(words)",
                hint:
                    "watch it with `lockstep reconcile run --resume \(id.text)`, or end it with `lockstep reconcile jobs --cancel \(id.text)`"
            )
    }
}

/// What the verb itself does for the job that it follows.
private final class OwnWork: Sendable {
    private struct State {
        var isUnderWay = false
        var hasBegun = false
        var failure: (any Error)?
    }

    private let state = Mutex(State())

    /// Whether it does nothing now.
    ///
    /// - Throws: why it could do nothing.
    var isIdle: Bool {
        get throws {
            try state.withLock { state in
                if let failure = state.failure { throw failure }
                return !state.isUnderWay
            }
        }
    }

    var hasBegun: Bool { state.withLock(\.hasBegun) }

    func begin() {
        state.withLock { state in
            state.isUnderWay = true
            state.hasBegun = true
        }
    }

    func end(because failure: (any Error)? = nil) {
        state.withLock { state in
            state.isUnderWay = false
            state.failure = failure
        }
    }
}

extension ReconcilingRoom {
    /// - Throws: ``Failure`` with status 1 when there is none of this id.
    func job(_ id: UUID) async throws -> ReconcilingJob {
        guard let job = try await views.job(id) else {
            throw Failure(
                .no, "there is no job \(id.text), or it was forgotten",
                hint: "see `lockstep reconcile jobs --all`")
        }
        return job
    }

    /// The only job that has not ended.
    ///
    /// - Throws: ``Failure`` when there is none, or several.
    func unfinishedJob() async throws -> ReconcilingJob {
        let jobs = try await views.jobs(unfinished: true, limit: 2)
        guard let job = jobs.first else {
            throw Failure(
                .no, "no job is unfinished", hint: "`lockstep reconcile jobs --all` shows those that have ended")
        }
        guard jobs.count == 1 else {
            throw Failure(.usage, "several jobs are unfinished", hint: "name one: see `lockstep reconcile jobs`")
        }
        return job
    }
}
