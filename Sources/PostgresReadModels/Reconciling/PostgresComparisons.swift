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
        return try decoding {
            var notes: [ExecutionKey: ComparisonNote] = [:]
            for row in 0..<rows.rowCount {
                let note = try NoteRow.note(row, of: rows)
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

    /// See ``ComparisonStore/drift()``.
    public func drift() async throws(StoreError) -> [Drift] {
        let rows = try await query(NoteRow.drift, PostgresParameters())
        return try decoding {
            try (0..<rows.rowCount).map { row in
                Drift(
                    try NoteRow.workspace(row, of: rows), executions: Int(try rows.int64(row, 1)),
                    fields: Int(try rows.int64(row, 2)), queued: Int(try rows.int64(row, 3)),
                    pending: Int(try rows.int64(row, 4)), oldest: .microseconds(try rows.int64(row, 5)),
                    total: .microseconds(try rows.int64(row, 6)))
            }
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
