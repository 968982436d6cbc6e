import EventModel
import EventSourcing
import FoundationEssentials

/// One runner's work at one job, under one lease.
struct JobRun<Leases: LeaseStore>: Sendable {
    private let id: UUID
    private let lease: Lease
    private let runner: JobRunner<Leases>

    init(_ id: UUID, under lease: Lease, by runner: JobRunner<Leases>) {
        self.id = id
        self.lease = lease
        self.runner = runner
    }

    /// Works until the job has ended.
    ///
    /// - Returns: `false` when somebody else has taken it over.
    func run() async throws -> Bool {
        do {
            return try await work()
        } catch let error as StoreError where error != .cancelled {
            runner.logger.warning("a job failed", metadata: ["job": "\(id.text)", "reason": "\(error)"])
            return try await record(.end(failure: error.description)) != .overtaken
        }
    }

    /// What became of a step, after every try.
    private enum Standing: Equatable {
        case goesOn(ReconcilingJob)
        case hasEnded
        case overtaken
    }

    private func work() async throws -> Bool {
        guard let job = try await patiently({ () async throws(StoreError) in try await runner.board.job(id) }),
            !job.state.isOver
        else { return true }
        guard let selection = job.selection else {
            return try await record(.end(failure: "another version of Lockstep has filed it")) != .overtaken
        }
        let total =
            if let total = job.total { total } else {
                try await patiently { () async throws(StoreError) in try await runner.listing.count(of: selection) }
            }
        runner.logger.debug("working at a job", metadata: ["job": "\(id.text)", "total": "\(total)"])
        var standing = try await record(.begin(total: total))
        while case .goesOn(let job) = standing {
            try Task.checkCancellation()
            standing = try await record(try await step(job, selection))
        }
        return standing == .hasEnded
    }

    /// Looks at the next page.
    private func step(_ job: ReconcilingJob, _ selection: ExecutionSelection) async throws -> JobStep {
        let page = try await patiently { () async throws(StoreError) in
            try await runner.listing.standings(of: selection, after: job.cursor, limit: runner.limits.page)
        }
        guard let last = page.last?.key else { return .end(failure: nil) }
        let looks = try await looks(at: page.map(\.key), for: job)
        try await remember(looks.compactMap(\.note))
        var (tally, lines) = (LookTally(), [[UInt8]]())
        for look in looks {
            if let outcome = look.outcome {
                tally.add(outcome, resolutions: look.resolutions, effects: look.effects)
            } else {
                tally.failed += 1
            }
            if let line = look.line { lines.append(line) }
        }
        tally.lines = Int64(lines.count)
        return .look(JobBatch(previous: job.tally.executions, cursor: last, tally: tally, lines: lines))
    }

    /// Notes what looks have come to, by the right of the job's lease. What cannot be noted is looked at again by somebody, and that is all.
    private func remember(_ notes: [ComparisonNote]) async throws {
        guard let comparisons = runner.comparisons else { return }
        do {
            try await comparisons.note(
                notes.map { LeasedNote($0, lane: $0.key.lane(of: runner.limits.lanes), under: lease) })
        } catch StoreError.cancelled {
            throw CancellationError()
        } catch {
            runner.logger.warning(
                "what a job has looked at cannot be noted", metadata: ["job": "\(id.text)", "reason": "\(error)"])
        }
    }

    /// Writes a step, as often as it takes, and reads how the job stands then.
    private func record(_ step: JobStep) async throws -> Standing {
        let answer = try await patiently { () async throws(StoreError) in
            try await runner.board.record(step, of: id, under: lease)
        }
        if case .fenced = answer { return .overtaken }
        // Somebody may have called it off between any two steps; and a step that was written although nobody said so shows here.
        let job = try await patiently { () async throws(StoreError) in try await runner.board.job(id) }
        guard let job, !job.state.isOver else { return .hasEnded }
        return .goesOn(job)
    }

    private func patiently<R: Sendable>(_ body: () async throws(StoreError) -> R) async throws -> R {
        while true {
            do throws(StoreError) { return try await body() } catch {
                if error == .cancelled { throw CancellationError() }
                guard error.isTransient else { throw error }
                runner.logger.warning("a job waits", metadata: ["job": "\(id.text)", "reason": "\(error)"])
                try await runner.time.sleep(for: runner.limits.retryPause)
            }
        }
    }
}

// MARK: Looking

/// What a look has come to; without an outcome when it could not be taken.
private struct Look: Sendable {
    var outcome: LookOutcome?
    var resolutions = 0
    var effects = 0
    var line: [UInt8]?
    var note: ComparisonNote?
}

extension JobRun {
    /// Several at once, and what they have come to in the order of the keys.
    private func looks(at keys: [ExecutionKey], for job: ReconcilingJob) async throws -> [Look] {
        try await keys.sideBySide(runner.limits.concurrency) { try await look(at: $0, for: job) }
    }

    private func look(at key: ExecutionKey, for job: ReconcilingJob) async throws -> Look {
        var attempt = 0
        while true {
            try await runner.giveWay()
            do throws(DeskFault) {
                let look = try await runner.desk.look(at: key, for: job)
                return Look(
                    outcome: look.outcome, resolutions: look.resolutions, effects: look.effects, line: look.line,
                    note: look.note)
            } catch {
                attempt += 1
                switch error {
                case .store(.cancelled): throw CancellationError()
                // Nobody could look at anything here, and somebody has to do something about that.
                case .store(.historyChanged(let mismatch)): throw StoreError.historyChanged(mismatch)
                case .store(.schemaMismatch(let found, let needed)):
                    throw StoreError.schemaMismatch(found: found, needed: needed)
                case .store(let fault) where fault.isTransient: break
                case .contended where attempt < runner.limits.attempts: break
                case .store(.failed) where attempt < runner.limits.attempts: break
                // A full disk, a missing right, another key: so it would be for every execution, and all would be counted as looked at in vain.
                case .store(let fault): throw fault
                case .contended, .rejected, .unreadable:
                    return Look(line: runner.desk.line(about: error, at: key))
                }
                try await runner.time.sleep(for: runner.limits.retryPause)
            }
        }
    }
}
