import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// The executions in which something was decided or waits, from the read model `divergences`: whether they are open or over.
extension PostgresProjectionStore {
    private static let page = PostgresStatement(
        """
        select distinct workspace, execution_id from lockstep_views.divergences
        where (workspace, execution_id) > ($1::text, $2::text) and ($3::text = '' or workspace = $3) and opened_at >= $4::timestamptz
        order by workspace, execution_id limit $5::bigint
        """)

    private static let ofID = PostgresStatement(
        """
        select distinct workspace, execution_id from lockstep_views.divergences
        where workspace = $1::text and (decision = $2::uuid or state = 'open' and id = $2::uuid)
        order by workspace, execution_id limit 2
        """)

    /// One page of the executions in which a decision, a conflict or an accepted difference is on record, by workspace and execution.
    ///
    /// - Parameters:
    ///   - last: the last one of the page before; `nil` for the first page.
    ///   - limit: the most to list, at least one.
    ///   - workspace: those of this tenant only; `nil` for all.
    ///   - since: those in which one was recorded then or later, by the database's clock.
    public func diverged(
        after last: ExecutionKey?, limit: Int, in workspace: Workspace?, since: Timestamp
    ) async throws(StoreError) -> [ExecutionKey] {
        var parameters = PostgresParameters()
        parameters.append(last?.workspace.rawValue ?? "")
        parameters.append(last?.execution ?? "")
        parameters.append(workspace?.rawValue ?? "")
        parameters.append(timestampMicroseconds: since.microseconds)
        parameters.append(Int64(max(1, limit)))
        return try await executions(Self.page, parameters)
    }

    /// The executions in which a decision or an accepted difference has this id, or a conflict that waits; more than one is a mistake, and two are told.
    public func diverged(by id: UUID, in workspace: Workspace) async throws(StoreError) -> [ExecutionKey] {
        var parameters = PostgresParameters()
        parameters.append(workspace.rawValue)
        parameters.append(id)
        return try await executions(Self.ofID, parameters)
    }
}
