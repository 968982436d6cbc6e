import EventModel
import EventSourcing
import FoundationEssentials
import Synchronization

/// Jobs in memory: what PostgreSQL keeps in `lockstep.reconcile_jobs` and `lockstep.reconcile_job_lines`.
public final class InMemoryJobBoard: JobBoard {
    private struct Entry {
        var job: ReconcilingJob
        var lines: [JobLine] = []
    }

    private let entries = Mutex<[UUID: Entry]>([:])
    private let leases: InMemoryEventStore
    private let time: any Timekeeper

    /// A board without jobs.
    ///
    /// - Parameter leases: where jobs' leases are taken.
    public init(leases: InMemoryEventStore, time: any Timekeeper = SystemTimekeeper()) {
        self.leases = leases
        self.time = time
    }

    /// Puts up a job as it is, whoever has written it.
    public func put(_ job: ReconcilingJob) { entries.withLock { $0[job.id] = Entry(job: job) } }

    /// As the protocol says.
    public func file(_ request: JobRequest) async throws(StoreError) -> (job: ReconcilingJob, isNew: Bool) {
        let now = time.now()
        let job = entries.withLock { entries in
            entries = entries.filter { _, entry in
                entry.job.finishedAt.map { $0.duration(to: now) <= ReconcilingJob.memory } ?? true
            }
            if let known = entries[request.id]?.job { return known }
            let same = entries.values.first { !$0.job.state.isOver && $0.job.selection == request.selection }
            if let same { return same.job }
            let job = ReconcilingJob(
                request.id, selection: request.selection, requestedBy: request.requestedBy, requestedAt: now)
            entries[request.id] = Entry(job: job)
            return job
        }
        return (held(job), job.id == request.id)
    }

    /// As the protocol says.
    public func job(_ id: UUID) async throws(StoreError) -> ReconcilingJob? {
        entries.withLock { $0[id]?.job }.map(held)
    }

    /// As the protocol says.
    public func jobs(
        unfinished: Bool, in workspace: Workspace?, limit: Int
    ) async throws(StoreError) -> [ReconcilingJob] {
        let jobs = entries.withLock { $0.values.map(\.job) }.filter { job in
            (!unfinished || !job.state.isOver) && (workspace.map { $0 == job.selection?.workspace } ?? true)
        }.sorted { ($0.requestedAt, $0.id.text) < ($1.requestedAt, $1.id.text) }
        return (unfinished ? jobs : jobs.reversed()).prefix(max(1, limit)).map(held)
    }

    /// As the protocol says.
    public func unfinishedJobs() async throws(StoreError) -> UnfinishedJobs {
        let jobs = entries.withLock { $0.values.map(\.job) }.filter { !$0.state.isOver }.map(held)
        let queued = jobs.count { $0.state == .queued }
        let orphaned = jobs.count(where: \.isOrphaned)
        return UnfinishedJobs(
            queued: Int64(queued), running: Int64(jobs.count - queued - orphaned), orphaned: Int64(orphaned))
    }

    /// As the protocol says.
    public func record(_ step: JobStep, of id: UUID, under lease: Lease) async throws(StoreError) -> JobAnswer {
        let current = leases.token(of: ReconcilingJob.lease(of: id))
        guard lease.name == ReconcilingJob.lease(of: id), lease.token == current else {
            return .fenced(current: current)
        }
        let now = time.now()
        return entries.withLock { entries in
            guard var entry = entries[id], Self.apply(step, to: &entry, at: now) else { return .elsewhere }
            entries[id] = entry
            return .recorded
        }
    }

    /// - Returns: whether the job stands where the step begins.
    private static func apply(_ step: JobStep, to entry: inout Entry, at now: Timestamp) -> Bool {
        guard !entry.job.state.isOver else { return false }
        switch step {
        case .begin(let total):
            entry.job.state = .running
            entry.job.total = entry.job.total ?? total
            entry.job.startedAt = entry.job.startedAt ?? now
        case .look(let batch):
            guard entry.job.state == .running, entry.job.tally.executions == batch.previous else { return false }
            let kept = ReconcilingJob.lineLimit
            for (index, line) in batch.lines.enumerated() {
                let number = entry.job.tally.lines + Int64(index) + 1
                if number <= kept { entry.lines.append(JobLine(number: number, json: line)) }
            }
            entry.job.cursor = batch.cursor
            entry.job.tally += batch.tally
        case .end(let failure):
            entry.job.state = failure == nil ? .done : .failed
            entry.job.lastError = failure
            entry.job.finishedAt = now
        }
        return true
    }

    /// As the protocol says.
    public func cancel(_ id: UUID) async throws(StoreError) -> ReconcilingJob? {
        let now = time.now()
        return entries.withLock { entries -> ReconcilingJob? in
            guard let job = entries[id]?.job else { return nil }
            if !job.state.isOver {
                entries[id]?.job.state = .cancelled
                entries[id]?.job.finishedAt = now
            }
            return entries[id]?.job
        }.map(held)
    }

    /// As the protocol says.
    public func lines(of id: UUID, after number: Int64, limit: Int) async throws(StoreError) -> [JobLine] {
        entries.withLock { Array(($0[id]?.lines ?? []).filter { $0.number > number }.prefix(max(1, limit))) }
    }

    private func held(_ job: ReconcilingJob) -> ReconcilingJob {
        var job = job
        job.holder = leases.holder(of: ReconcilingJob.lease(of: job.id))
        return job
    }
}
