import CLibPQ

extension PostgresConnection {
    /// Sends all requests at once and reads their results afterwards: one round trip for many statements.
    ///
    /// Outside a transaction the requests together are one: when any fails, none has taken effect, also those that
    /// report a result. A failed request answers with its error and those behind it with
    /// ``PostgresError/Kind/pipelineAborted``.
    ///
    /// - Returns: one answer for each request, in order.
    /// - Throws: when no single request is at fault: a lost connection (``PostgresError/Kind/unknownOutcome`` when the
    ///   requests may have been committed), a refused commit, ``PostgresError/Kind/cancelled``.
    public func pipeline(
        _ requests: [PostgresRequest]
    ) async throws(PostgresError) -> [Result<PostgresResult, PostgresError>] {
        let answers = try await perform { session throws(PostgresError) in try session.runPipeline(requests) }
        if Task.isCancelled {
            for case .failure(let error) in answers where error.kind == .server(.queryCanceled) {
                throw error.with(kind: .cancelled)
            }
        }
        return answers
    }
}

/// What was sent for a pipeline, in order: libpq answers each step.
private enum PipelineStep {
    case prepare(PostgresStatement, [UInt32], name: String)
    case run(request: Int)
}

/// What came back for a pipeline.
private struct PipelineAnswers {
    typealias Answer = Result<PostgresResult, PostgresError>

    private(set) var answers: [Answer] = []
    private var preparationFailure: PostgresError?

    /// Notes the answer to one step; `failure` is nil when it succeeded.
    mutating func note(_ step: PipelineStep, _ result: PostgresResult, _ failure: PostgresError?) {
        switch step {
        case .prepare:
            // The request behind it answers "aborted"; this is why.
            if failure?.kind != .pipelineAborted { preparationFailure = failure }
        case .run:
            let cause = preparationFailure ?? failure
            preparationFailure = nil
            answers.append(cause.map { .failure($0) } ?? .success(result))
        }
    }

    var hasFailure: Bool { answers.contains { (try? $0.get()) == nil } }
}

extension Session {
    /// Runs a pipeline, once more when a prepared statement turned out to be stale outside a transaction.
    func runPipeline(_ requests: [PostgresRequest]) throws(PostgresError) -> [Result<PostgresResult, PostgresError>] {
        guard !requests.isEmpty else { return [] }
        for request in requests {
            try request.parameters.checkLimits()
            try Self.refuseZeroByte(request.statement.sql)
        }
        let mayRunAgain = !isInTransaction
        let answers = try runPipelineOnce(requests)
        guard forgetStale(requests, answers), mayRunAgain else { return answers }
        return try runPipelineOnce(requests)
    }

    private func forgetStale(
        _ requests: [PostgresRequest], _ answers: [Result<PostgresResult, PostgresError>]
    ) -> Bool {
        var found = false
        for (request, answer) in zip(requests, answers) {
            if case .failure(let error) = answer, error.isStalePlan {
                found = found || statements.name(of: request.statement, types: request.parameters.types) != nil
                statements.forget(request.statement)
            }
        }
        return found
    }

    private func runPipelineOnce(
        _ requests: [PostgresRequest]
    ) throws(PostgresError) -> [Result<PostgresResult, PostgresError>] {
        let isHarmless = isInTransaction && !requests.contains { $0.statement.mayCommit }
        let loss: Loss = isHarmless ? .harmless : .uncertain
        let handle = try prepareToSend()
        guard PQenterPipelineMode(handle) == 1 else { throw unsent(handle) }
        var steps: [PipelineStep] = []
        let isSent = send(requests, handle, &steps) && PQpipelineSync(handle) == 1
        guard isSent else { throw lost(loss, handle, because: nil) }
        let answers = try readAnswers(steps, loss, handle)
        closeRetiredStatements()
        return answers
    }
}

extension Session {
    private func send(
        _ requests: [PostgresRequest], _ handle: OpaquePointer, _ steps: inout [PipelineStep]
    ) -> Bool {
        var fresh: [PostgresStatement: (types: [UInt32], name: String)] = [:]
        for (index, request) in requests.enumerated() {
            let (statement, types) = (request.statement, request.parameters.types)
            var name = ""
            if configuration.preparesStatements {
                if let known = statements.name(of: statement, types: types) {
                    name = known
                } else if let known = fresh[statement], known.types == types {
                    name = known.name
                } else {
                    name = statements.freshName()
                    fresh[statement] = (types, name)
                    guard sendPrepare(name, statement, types, handle) else { return false }
                    steps.append(.prepare(statement, types, name: name))
                }
            }
            steps.append(.run(request: index))
            guard sendRun(name, request, handle) else { return false }
        }
        return true
    }

    private func sendPrepare(
        _ name: String, _ statement: PostgresStatement, _ types: [UInt32], _ handle: OpaquePointer
    ) -> Bool {
        types.withUnsafeBufferPointer { types in
            PQsendPrepare(handle, name, statement.sql, Int32(types.count), types.baseAddress) == 1
        }
    }

    private func sendRun(_ name: String, _ request: PostgresRequest, _ handle: OpaquePointer) -> Bool {
        request.parameters.withPointers { p in
            name.isEmpty
                ? PQsendQueryParams(handle, request.statement.sql, p.count, p.types, p.values, p.lengths, p.formats, 1)
                : PQsendQueryPrepared(handle, name, p.count, p.values, p.lengths, p.formats, 1)
        } == 1
    }

    /// Reads the answer to each step and then the end of the pipeline, where the commit may still be refused.
    private func readAnswers(
        _ steps: [PipelineStep], _ loss: Loss, _ handle: OpaquePointer
    ) throws(PostgresError) -> [Result<PostgresResult, PostgresError>] {
        var collected = PipelineAnswers()
        for step in steps {
            let (result, failure) = try nextAnswer(loss, handle)
            collected.note(step, result, failure)
            if failure == nil, case .prepare(let statement, let types, let name) = step {
                statements.insert(statement, types: types, name: name)
            }
        }
        let refusal = try readEnd(loss, handle)
        guard PQexitPipelineMode(handle) == 1 else { throw lost(loss, handle, because: refusal) }
        noteCondition()
        if let refusal, !collected.hasFailure { throw refusal }
        return collected.answers
    }

    /// Reads up to the mark at the end of the pipeline; an error before it is the refusal of the commit.
    private func readEnd(_ loss: Loss, _ handle: OpaquePointer) throws(PostgresError) -> PostgresError? {
        var refusal: PostgresError?
        var pauses = 0
        // libpq separates the answers by a null, so only a second one in a row is unexpected.
        while pauses < 2 {
            if let raw = PQgetResult(handle) {
                pauses = 0
                let result = PostgresResult(adopting: raw)
                if PQresultStatus(raw) == PGRES_PIPELINE_SYNC { return refusal }
                refusal = PostgresError(result: result.handle)
            } else {
                pauses += 1
            }
            guard PQstatus(handle) == CONNECTION_OK else { break }
        }
        throw lost(loss, handle, because: refusal)
    }

    private func nextAnswer(
        _ loss: Loss, _ handle: OpaquePointer
    ) throws(PostgresError) -> (PostgresResult, PostgresError?) {
        guard let raw = PQgetResult(handle) else { throw lost(loss, handle, because: nil) }
        let result = PostgresResult(adopting: raw)
        let failure: PostgresError?
        switch PQresultStatus(raw) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: failure = nil
        case PGRES_PIPELINE_ABORTED:
            failure = PostgresError(.pipelineAborted, "an earlier statement of the pipeline failed")
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            // libpq cannot leave a COPY inside a pipeline.
            condemn()
            throw PostgresError(.invalidUse, "COPY cannot run in a pipeline")
        default: failure = PostgresError(result: raw)
        }
        while PQstatus(handle) == CONNECTION_OK, let more = PQgetResult(handle) { PQclear(more) }
        guard PQstatus(handle) == CONNECTION_OK else { throw lost(loss, handle, because: failure) }
        return (result, failure)
    }
}
