import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

/// The notes of looks, in `lockstep.comparisons`.
extension PostgresProjectionStore: ComparisonStore {
    /// See ``ComparisonStore/note(_:)``.
    @discardableResult
    public func note(_ notes: [LeasedNote]) async throws(StoreError) -> Int {
        guard !notes.isEmpty else { return 0 }
        // One statement cannot write a row twice.
        let last = Dictionary(notes.map { ($0.note.key, $0) }, uniquingKeysWith: { $1 })
        let arrays = ColumnArrays(NoteRow.columns, rows: last.values.map(NoteRow.values))
        var parameters = PostgresParameters(reservingCapacity: last.count * 256)
        arrays.append(to: &parameters)
        do {
            return try await run(NoteRow.write, parameters).affectedRows
        } catch let error as PostgresError where error.kind == .unknownOutcome {
            throw .unavailable(reason: error.description)
        } catch {
            throw StoreError(any: error)
        }
    }

    /// See ``ComparisonStore/notes(of:)``.
    public func notes(of keys: [ExecutionKey]) async throws(StoreError) -> [ExecutionKey: ComparisonNote] {
        guard !keys.isEmpty else { return [:] }
        var (workspaces, executions) = (PostgresArray(elementType: .text), PostgresArray(elementType: .text))
        for key in keys {
            workspaces.append(text: key.workspace.rawValue)
            executions.append(text: key.execution)
        }
        var parameters = PostgresParameters()
        parameters.append(workspaces)
        parameters.append(executions)
        let rows = try await query(NoteRow.some, parameters)
        return try decoding { () throws(PostgresError) in
            var notes: [ExecutionKey: ComparisonNote] = [:]
            for row in 0..<rows.rowCount {
                guard let note = try NoteRow.note(row, of: rows) else { continue }
                notes[note.key] = note
            }
            return notes
        }
    }

    /// See ``ComparisonStore/moved(after:limit:)``.
    public func moved(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        try await keys(NoteRow.moved, after: last, limit)
    }

    /// See ``ComparisonStore/apart(after:limit:)``.
    public func apart(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        try await keys(NoteRow.apart, after: last, limit)
    }

    /// See ``ComparisonStore/standings(after:limit:)``.
    public func standings(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionStanding] {
        try await standings(NoteRow.standings, PostgresParameters(after: last, limit))
    }

    /// What a query for executions with their notes answers.
    func standings(
        _ statement: PostgresStatement, _ parameters: PostgresParameters
    ) async throws(StoreError) -> [ExecutionStanding] {
        let rows = try await query(statement, parameters)
        return try decoding { () throws(PostgresError) in
            var standings: [ExecutionStanding] = []
            standings.reserveCapacity(rows.rowCount)
            for row in 0..<rows.rowCount {
                guard let key = try NoteRow.key(row, of: rows) else { continue }
                let note = rows.isNull(row, NoteRow.firstOptional) ? nil : try NoteRow.note(row, of: rows)
                standings.append(ExecutionStanding(key, note: note))
            }
            return standings
        }
    }

    /// See ``ComparisonStore/drift()``.
    public func drift() async throws(StoreError) -> [Drift] {
        let rows = try await query(NoteRow.drift, PostgresParameters())
        return try decoding { () throws(PostgresError) in
            var drifts: [Drift] = []
            for row in 0..<rows.rowCount {
                guard let workspace = try? Workspace(try rows.text(row, 0)) else { continue }
                drifts.append(
                    Drift(
                        workspace, executions: Int(try rows.int64(row, 1)), fields: Int(try rows.int64(row, 2)),
                        queued: Int(try rows.int64(row, 3)), pending: Int(try rows.int64(row, 4)),
                        oldest: .microseconds(try rows.int64(row, 5)), total: .microseconds(try rows.int64(row, 6))))
            }
            return drifts
        }
    }

    /// See ``ComparisonStore/stale()``.
    public func stale() async throws(StoreError) -> [Workspace: Int64] {
        let rows = try await query(NoteRow.stale, PostgresParameters())
        return try decoding { () throws(PostgresError) in
            var stale: [Workspace: Int64] = [:]
            for row in 0..<rows.rowCount {
                guard let workspace = try? Workspace(try rows.text(row, 0)) else { continue }
                stale[workspace] = try rows.int64(row, 1)
            }
            return stale
        }
    }
}
