import EventModel
import EventSourcing
import PostgresDriver

/// The executions that can still move and are not stale, from the read model `sync_state` and the notes of looks.
extension PostgresProjectionStore: OpenExecutions {
    /// See ``OpenExecutions/open(after:limit:)``.
    public func open(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        try await keys(NoteRow.openOnes, after: last, limit)
    }

    /// See ``OpenExecutions/quiet(since:after:limit:)``.
    public func quiet(
        since moment: Timestamp, after last: QuietExecution?, limit: Int
    ) async throws(StoreError) -> [QuietExecution] {
        var parameters = PostgresParameters()
        parameters.append(timestampMicroseconds: moment.microseconds)
        parameters.append(timestampMicroseconds: (last?.since ?? .earliest).microseconds)
        parameters.append(last?.key.workspace.rawValue ?? "")
        parameters.append(last?.key.execution ?? "")
        parameters.append(Int64(max(1, limit)))
        let rows = try await query(NoteRow.quiet, parameters)
        return try decoding { () throws(PostgresError) in
            var quiet: [QuietExecution] = []
            quiet.reserveCapacity(rows.rowCount)
            for row in 0..<rows.rowCount {
                guard let key = try NoteRow.key(row, of: rows) else { continue }
                let since = Timestamp(microseconds: try rows.timestampMicroseconds(row, 2))
                quiet.append(QuietExecution(key, since: since))
            }
            return quiet
        }
    }

    /// One page of executions by a statement that is told behind which to begin, and how many.
    func keys(
        _ statement: PostgresStatement, after last: ExecutionKey?, _ limit: Int
    ) async throws(StoreError) -> [ExecutionKey] {
        try await executions(statement, PostgresParameters(after: last, limit))
    }

    /// What a query for workspaces and executions answers.
    func executions(
        _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) async throws(StoreError) -> [ExecutionKey] {
        let rows = try await query(statement, parameters)
        return try decoding { () throws(PostgresError) in
            var keys: [ExecutionKey] = []
            keys.reserveCapacity(rows.rowCount)
            for row in 0..<rows.rowCount {
                guard let key = try NoteRow.key(row, of: rows) else { continue }
                keys.append(key)
            }
            return keys
        }
    }
}

extension PostgresParameters {
    init(after last: ExecutionKey?, _ limit: Int) {
        self.init()
        append(last?.workspace.rawValue ?? "")
        append(last?.execution ?? "")
        append(Int64(max(1, limit)))
    }
}
