import EventModel
import EventSourcing
import PostgresDriver

/// Rows of `lockstep.subject_keys`.
enum KeyRows {
    /// Three arrays: workspaces, subjects, generations.
    static func parameters(_ ids: [SubjectKeyID]) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.append(PostgresArray.of(ids.map(\.workspace.rawValue)))
        parameters.append(PostgresArray.of(ids.map(\.subject.text)))
        var generations = PostgresArray(elementType: .int4)
        for id in ids { generations.append(int32: id.generation) }
        parameters.append(generations)
        return parameters
    }

    /// The order in which rows are locked, byte by byte.
    static func precedes(_ left: SubjectKeyID, _ right: SubjectKeyID) -> Bool {
        let (own, other) = (left.workspace.rawValue.utf8, right.workspace.rawValue.utf8)
        guard own.elementsEqual(other) else { return own.lexicographicallyPrecedes(other) }
        return left.subject.text.utf8.lexicographicallyPrecedes(right.subject.text.utf8)
    }

    static func stored(_ rows: PostgresResult) throws(StoreError) -> [StoredSubjectKey] {
        var keys: [StoredSubjectKey] = []
        for row in 0..<rows.rowCount { keys.append(try stored(rows, row)) }
        return keys
    }

    static func wrapped(_ rows: PostgresResult) throws(StoreError) -> [WrappedKey] {
        try stored(rows).compactMap { key in
            guard case .wrapped(let wrapped) = key.state else { return nil }
            return wrapped
        }
    }

    private static func stored(_ rows: PostgresResult, _ row: Int) throws(StoreError) -> StoredSubjectKey {
        do {
            let id = SubjectKeyID(
                workspace: try Workspace(try rows.text(row, 0)), subject: try DataSubject(try rows.text(row, 1)),
                generation: try rows.int32(row, 2))
            return StoredSubjectKey(id: id, state: try state(of: id, rows, row))
        } catch let error as PostgresError {
            throw StoreError(error)
        } catch {
            throw .failed(reason: "a row of lockstep.subject_keys names no workspace and subject: \(error)")
        }
    }

    private static func state(
        of id: SubjectKeyID, _ rows: PostgresResult, _ row: Int
    ) throws(PostgresError) -> StoredSubjectKey.State {
        guard !rows.isNull(row, 5) else {
            return .wrapped(WrappedKey(id: id, masterKey: try rows.text(row, 4), bytes: try rows.bytes(row, 3)))
        }
        return .destroyed(
            KeyDestruction(
                at: Timestamp(microseconds: try rows.timestampMicroseconds(row, 5)),
                actor: rows.isNull(row, 6) ? nil : try rows.text(row, 6),
                reason: rows.isNull(row, 7) ? nil : try rows.text(row, 7)))
    }
}

extension PostgresArray {
    /// An array of texts.
    static func of(_ texts: [String]) -> PostgresArray {
        var array = PostgresArray(elementType: .text)
        for text in texts { array.append(text: text) }
        return array
    }

    /// An array of byte strings.
    static func of(_ values: [[UInt8]]) -> PostgresArray {
        var array = PostgresArray(elementType: .bytea)
        for value in values { array.append(bytes: value) }
        return array
    }
}

extension PostgresParameters {
    /// A text, or `null`.
    mutating func append(optional text: String?) {
        if let text { append(text) } else { appendNull(oid: PostgresType.text.oid) }
    }
}
