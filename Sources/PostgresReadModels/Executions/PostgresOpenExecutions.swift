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
}
