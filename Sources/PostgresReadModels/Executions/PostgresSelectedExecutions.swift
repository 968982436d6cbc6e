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

    /// See ``SelectedExecutions/rest(of:)``.
    public func rest(of selection: ExecutionSelection) async throws(StoreError) -> [Rest] {
        var parameters = PostgresParameters()
        parameters.append(selection)
        let rows = try await query(NoteRow.rest, parameters)
        return try decoding { () throws(PostgresError) in
            var rest: [Rest] = []
            for row in 0..<rows.rowCount {
                // What is no name or digest of ours is not passed over: it is listed and looked at.
                guard let workspace = try? Workspace(try rows.text(row, 0)),
                    let policy = ContentDigest(hexadecimal: try rows.text(row, 2))
                else { continue }
                rest.append(
                    Rest(
                        workspace: workspace, workflow: rows.isNull(row, 1) ? nil : try rows.text(row, 1),
                        policy: policy,
                        executions: try rows.int64(row, 3)))
            }
            return rest
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
        let rows = try await query(NoteRow.besidesRest, parameters)
        return try decoding { () throws(PostgresError) in
            var keys: [ExecutionKey] = []
            for row in 0..<rows.rowCount { if let key = try NoteRow.key(row, of: rows) { keys.append(key) } }
            return keys
        }
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
