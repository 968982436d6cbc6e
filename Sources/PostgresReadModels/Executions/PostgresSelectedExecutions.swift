import EventModel
import EventSourcing
import PostgresDriver

/// Executions that can still move and fit, from the read model `sync_state`, each with what is noted of it.
extension PostgresProjectionStore: SelectedExecutions {
    /// See ``SelectedExecutions/count(of:)``.
    public func count(of selection: ExecutionSelection) async throws(StoreError) -> Int64 {
        var parameters = PostgresParameters()
        parameters.append(selection)
        let rows = try await query(NoteRow.countSelected, parameters)
        return try decoding { () throws(PostgresError) in try rows.int64(0, 0) }
    }

    /// See ``SelectedExecutions/standings(of:after:limit:)``.
    public func standings(
        of selection: ExecutionSelection, after last: ExecutionKey?, limit: Int
    ) async throws(StoreError) -> [ExecutionStanding] {
        var parameters = PostgresParameters(after: last, limit)
        parameters.append(selection)
        return try await standings(NoteRow.standingsSelected, parameters)
    }
}

extension PostgresParameters {
    fileprivate mutating func append(_ selection: ExecutionSelection) {
        append(optional: selection.workspace?.rawValue)
        append(optional: selection.workflow)
        if let since = selection.since {
            append(timestampMicroseconds: since.microseconds)
        } else {
            appendNull(.timestamptz)
        }
    }
}
