import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// Jobs, in `lockstep.reconcile_jobs` and `lockstep.reconcile_job_lines`.
extension PostgresProjectionStore: JobBoard {
    /// How often a job is asked for that ends whenever one of the same selection is put up.
    private static let filings = 10

    /// See ``JobBoard/file(_:)``.
    public func file(_ request: JobRequest) async throws(StoreError) -> (job: ReconcilingJob, isNew: Bool) {
        for _ in 0..<Self.filings {
            _ = try await query(JobRow.file, PostgresParameters(request, with: request.requestedBy))
            // One that has ended in between is not the answer: what is asked for comes behind it.
            guard let job = try await jobs(JobRow.standing, PostgresParameters(request)).first else { continue }
            return (job, job.id == request.id)
        }
        throw .unavailable(reason: "jobs of the same selection end as fast as they are put up")
    }

    /// See ``JobBoard/job(_:)``.
    public func job(_ id: UUID) async throws(StoreError) -> ReconcilingJob? {
        try await jobs(JobRow.one, PostgresParameters { $0.append(id) }).first
    }

    /// See ``JobBoard/jobs(unfinished:in:limit:)``.
    public func jobs(
        unfinished: Bool, in workspace: Workspace?, limit: Int
    ) async throws(StoreError) -> [ReconcilingJob] {
        let parameters = PostgresParameters {
            $0.append(optional: workspace?.rawValue)
            $0.append(Int64(max(1, limit)))
        }
        return try await jobs(unfinished ? JobRow.oldest : JobRow.newest, parameters)
    }

    /// See ``JobBoard/unfinishedJobs()``.
    public func unfinishedJobs() async throws(StoreError) -> UnfinishedJobs {
        let rows = try await query(JobRow.unfinished, PostgresParameters())
        return try decoding { () throws(PostgresError) in
            UnfinishedJobs(
                queued: try rows.int64(0, 0), running: try rows.int64(0, 1), orphaned: try rows.int64(0, 2))
        }
    }

    private func jobs(
        _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) async throws(StoreError) -> [ReconcilingJob] {
        let rows = try await query(statement, parameters)
        return try decoding { () throws(PostgresError) in
            var jobs: [ReconcilingJob] = []
            for row in 0..<rows.rowCount { jobs.append(try JobRow.job(row, of: rows)) }
            return jobs
        }
    }

    /// See ``JobBoard/record(_:of:under:)``.
    public func record(_ step: JobStep, of id: UUID, under lease: Lease) async throws(StoreError) -> JobAnswer {
        guard lease.name == ReconcilingJob.lease(of: id) else { return .fenced(current: 0) }
        var parameters = PostgresParameters()
        parameters.append(id)
        parameters.append(lease.token)
        let statement: PostgresStatement
        switch step {
        case .begin(let total):
            statement = JobRow.begin
            parameters.append(total)
        case .look(let batch):
            statement = JobRow.look
            parameters.append(batch)
        case .end(let failure):
            statement = JobRow.end
            parameters.append(optional: failure)
        }
        let rows: PostgresResult
        do { rows = try await run(statement, parameters) } catch { throw StoreError(any: error) }
        return try decoding { () throws(PostgresError) in
            if try rows.int64(0, 0) == 1 { return .recorded }
            let current = try rows.int64(0, 1)
            return current == lease.token ? .elsewhere : .fenced(current: current)
        }
    }

    /// See ``JobBoard/cancel(_:)``.
    public func cancel(_ id: UUID) async throws(StoreError) -> ReconcilingJob? {
        _ = try await query(JobRow.cancel, PostgresParameters { $0.append(id) })
        return try await job(id)
    }

    /// See ``JobBoard/lines(of:after:limit:)``.
    public func lines(of id: UUID, after number: Int64, limit: Int) async throws(StoreError) -> [JobLine] {
        let parameters = PostgresParameters {
            $0.append(id)
            $0.append(number)
            $0.append(Int64(max(1, limit)))
        }
        let rows = try await query(JobRow.lines, parameters)
        return try decoding { () throws(PostgresError) in
            var lines: [JobLine] = []
            for row in 0..<rows.rowCount {
                lines.append(JobLine(number: try rows.int64(row, 0), json: Array(try rows.text(row, 1).utf8)))
            }
            return lines
        }
    }
}

extension PostgresParameters {
    /// - Parameter last: one more word.
    fileprivate init(_ request: JobRequest, with last: String? = nil) {
        self.init()
        append(request.id)
        append(optional: request.selection.workspace?.rawValue)
        append(json: JobRow.text(request.selection))
        if let last { append(last) }
    }

    fileprivate mutating func append(_ batch: JobBatch) {
        append(batch.previous)
        append(batch.cursor.workspace.rawValue)
        append(batch.cursor.execution)
        let tally = batch.tally
        for count in [
            tally.executions, tally.converged, tally.underWay, tally.held, tally.queued, tally.failed,
            tally.resolutions, tally.effects, tally.lines,
        ] { append(count) }
        var lines = PostgresArray(elementType: .json)
        for line in batch.lines { lines.append(bytes: line) }
        append(lines)
    }
}
