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
        return try decoding {
            try (0..<rows.rowCount).map { row in
                QuietExecution(
                    try NoteRow.key(row, of: rows),
                    since: Timestamp(microseconds: try rows.timestampMicroseconds(row, 2)))
            }
        }
    }

    /// One page of executions by a statement that is told behind which to begin, and how many.
    func keys(
        _ statement: PostgresStatement, after last: ExecutionKey?, _ limit: Int
    ) async throws(StoreError) -> [ExecutionKey] {
        try await executions(statement, PostgresParameters(after: last, limit))
    }

    /// What a query answers that names an execution in each row.
    func executions(
        _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) async throws(StoreError) -> [ExecutionKey] {
        let rows = try await query(statement, parameters)
        return try decoding { try (0..<rows.rowCount).map { try NoteRow.key($0, of: rows) } }
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
