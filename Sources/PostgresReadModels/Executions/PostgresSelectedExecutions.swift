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

    /// See ``SelectedExecutions/standings(of:withStale:after:limit:)``.
    public func standings(
        of selection: ExecutionSelection, withStale: Bool, after last: ExecutionKey?, limit: Int
    ) async throws(StoreError) -> [NotedExecution] {
        var parameters = PostgresParameters(after: last, limit)
        parameters.append(selection)
        let rows = try await query(withStale ? NoteRow.standingsWithStale : NoteRow.standings, parameters)
        return try decoding {
            try (0..<rows.rowCount).map { row in
                NotedExecution(
                    try NoteRow.key(row, of: rows),
                    note: rows.isNull(row, NoteRow.firstOptional) ? nil : try NoteRow.note(row, of: rows))
            }
        }
    }

    /// See ``SelectedExecutions/rest(of:)``.
    public func rest(of selection: ExecutionSelection) async throws(StoreError) -> [Rest] {
        var parameters = PostgresParameters()
        parameters.append(selection)
        let rows = try await query(NoteRow.rest, parameters)
        return try decoding {
            try (0..<rows.rowCount).map { row in
                Rest(
                    workspace: try NoteRow.workspace(row, of: rows),
                    workflow: rows.isNull(row, 1) ? nil : try rows.text(row, 1),
                    policy: try NoteRow.policy(row, 2, of: rows), executions: try rows.int64(row, 3))
            }
        }
    }

    /// See ``SelectedExecutions/executions(of:besides:after:limit:)``.
    public func executions(
        of selection: ExecutionSelection, besides rest: [Rest], after last: ExecutionKey?, limit: Int
    ) async throws(StoreError) -> [ExecutionKey] {
        var parameters = PostgresParameters(after: last, limit)
        parameters.append(selection)
        for column in [
            rest.map(\.workspace.rawValue), rest.map { $0.workflow ?? "" }, rest.map(\.policy.hexadecimal),
        ] {
            var array = PostgresArray(elementType: .text)
            for text in column { array.append(text: text) }
            parameters.append(array)
        }
        return try await executions(NoteRow.besidesRest, parameters)
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
