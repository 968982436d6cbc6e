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
        var parameters = PostgresParameters()
        parameters.append(last?.workspace.rawValue ?? "")
        parameters.append(last?.execution ?? "")
        parameters.append(Int64(max(1, limit)))
        return try await executions(Self.statement, parameters)
    }

    /// What a query for workspaces and executions answers.
    func executions(
        _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) async throws(StoreError) -> [ExecutionKey] {
        let rows = try await query(statement, parameters)
        do throws(PostgresError) {
            var keys: [ExecutionKey] = []
            keys.reserveCapacity(rows.rowCount)
            for row in 0..<rows.rowCount {
                // What is no name of ours was not written by us.
                guard let workspace = try? Workspace(try rows.text(row, 0)) else { continue }
                keys.append(ExecutionKey(workspace: workspace, execution: try rows.text(row, 1)))
            }
            return keys
        } catch {
            throw StoreError(error)
        }
    }
}
