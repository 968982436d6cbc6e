import EventModel
import EventSourcing
import PostgresDriver

/// The executions that can still move, from the read model `sync_state`.
extension PostgresProjectionStore: OpenExecutions {
    /// By the index that holds these executions alone, in the order of its bytes, whatever the database's collation.
    private static let statement = PostgresStatement(
        """
        select workspace, execution_id from lockstep_views.sync_state
        where not (workflow_over and journey_over) and not (workflow_over and not journey_seen) and (workspace, execution_id) > ($1::text, $2::text)
        order by workspace, execution_id limit $3::bigint
        """)

    /// See ``OpenExecutions/open(after:limit:)``.
    public func open(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        try await keys(Self.statement, after: last, limit)
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
