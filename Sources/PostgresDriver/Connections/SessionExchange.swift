import CLibPQ

/// One statement there, its result back.
extension Session {
    /// Runs a statement with binary parameters and results, prepared where that is configured.
    func run(_ statement: PostgresStatement, _ parameters: PostgresParameters) throws(PostgresError) -> PostgresResult {
        try parameters.checkLimits()
        guard configuration.preparesStatements else { return try runUnnamed(statement, parameters) }
        guard let name = statements.name(of: statement, types: parameters.types) else {
            return try runPrepared(try prepare(statement, parameters.types), statement, parameters)
        }
        let mayRunAgain = !isInTransaction
        do throws(PostgresError) {
            return try runPrepared(name, statement, parameters)
        } catch {
            guard error.isStalePlan else { throw error }
            statements.forget(statement)
            guard mayRunAgain else { throw error }
            return try runPrepared(try prepare(statement, parameters.types), statement, parameters)
        }
    }

    /// Parses and runs a statement without leaving anything on the server.
    func runUnnamed(
        _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) throws(PostgresError) -> PostgresResult {
        try Self.refuseZeroByte(statement.sql)
        return try exchange(loss(of: statement)) { handle in
            parameters.withPointers { p in
                PQsendQueryParams(handle, statement.sql, p.count, p.types, p.values, p.lengths, p.formats, 1)
            }
        }
    }

    private func runPrepared(
        _ name: String, _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) throws(PostgresError) -> PostgresResult {
        try exchange(loss(of: statement)) { handle in
            parameters.withPointers { p in
                PQsendQueryPrepared(handle, name, p.count, p.values, p.lengths, p.formats, 1)
            }
        }
    }

    private func prepare(_ statement: PostgresStatement, _ types: [UInt32]) throws(PostgresError) -> String {
        try Self.refuseZeroByte(statement.sql)
        let name = statements.freshName()
        _ = try exchange(.harmless) { handle in
            types.withUnsafeBufferPointer { types in
                PQsendPrepare(handle, name, statement.sql, Int32(types.count), types.baseAddress)
            }
        }
        statements.insert(statement, types: types, name: name)
        closeRetiredStatements()
        return name
    }

    /// Frees what the cache has given up; only outside a transaction, which a refusal would spoil.
    func closeRetiredStatements() {
        guard !isInTransaction else { return }
        for name in statements.takeRetired() {
            _ = try? exchange(.harmless) { PQsendQuery($0, "DEALLOCATE \(name)") }
        }
    }

    /// Runs statements separated by semicolons.
    func runScript(_ script: String, _ loss: Loss) throws(PostgresError) {
        try Self.refuseZeroByte(script)
        _ = try exchange(loss) { PQsendQuery($0, script) }
    }

    static func refuseZeroByte(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else {
            throw PostgresError(.invalidUse, "a statement holds a zero byte")
        }
    }
}

extension Session {
    /// Sends by `send` and reads everything up to the server's being ready again. A statement has succeeded only then:
    /// the commit of a single statement comes after its rows, and may still fail.
    func exchange(_ loss: Loss, send: (OpaquePointer) -> Int32) throws(PostgresError) -> PostgresResult {
        let handle = try prepareToSend()
        guard send(handle) == 1 else { throw unsent(handle) }
        return try finish(loss, handle)
    }

    /// Reads the results of what was sent.
    func finish(_ loss: Loss, _ handle: OpaquePointer) throws(PostgresError) -> PostgresResult {
        let outcome = drain(handle)
        noteCondition()
        guard PQstatus(handle) == CONNECTION_OK else {
            throw lost(loss, handle, because: outcome.failure)
        }
        if let failure = outcome.failure { throw failure }
        guard let result = outcome.result else { throw PostgresError(.invalidUse, "the statement had no result") }
        return result
    }

    /// libpq took nothing to send: the connection is gone, or the call was wrong.
    func unsent(_ handle: OpaquePointer) -> PostgresError {
        noteCondition()
        if PQstatus(handle) != CONNECTION_OK { return lost(.harmless, handle, because: nil) }
        return PostgresError(.invalidUse, trimmed(PQerrorMessage(handle)))
    }

    /// The last result, and the first failure, up to the end.
    private func drain(_ handle: OpaquePointer) -> (result: PostgresResult?, failure: PostgresError?) {
        var last: PostgresResult?
        var failure: PostgresError?
        while let raw = PQgetResult(handle) {
            let result = PostgresResult(adopting: raw)
            switch PQresultStatus(raw) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: last = result
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                failure = failure ?? PostgresError(.invalidUse, "COPY needs copyIn or copyOut")
                leaveCopy(handle, PQresultStatus(raw))
                guard PQstatus(handle) == CONNECTION_OK else { return (nil, failure) }
            default: failure = failure ?? PostgresError(result: raw)
            }
        }
        return (last, failure)
    }

    /// Gets out of a COPY that nobody wants.
    func leaveCopy(_ handle: OpaquePointer, _ status: ExecStatusType) {
        if status != PGRES_COPY_OUT {
            PQputCopyEnd(handle, "COPY was not expected")
            return
        }
        gate.cancelNow()
        var row: UnsafeMutablePointer<CChar>?
        while PQgetCopyData(handle, &row, 0) > 0 { PQfreemem(row) }
    }
}

extension PostgresError {
    /// A prepared statement that the server no longer has, or whose table has changed under it.
    var isStalePlan: Bool {
        kind == .server(.invalidStatementName) || kind == .server(.featureNotSupported)
    }
}
