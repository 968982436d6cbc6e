import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

extension PostgresEventStore: SnapshotStore {
    /// As the protocol says.
    public func snapshot(_ key: SnapshotKey) async throws(StoreError) -> Snapshot? {
        let rows = try await rows(SnapshotStatements.one, SnapshotRows.parameters(key))
        return rows.rowCount == 0 ? nil : try SnapshotRows.snapshot(rows, of: key)
    }

    /// As the protocol says.
    public func keep(_ snapshot: Snapshot, over seen: SnapshotMark?) async throws(StoreError) -> SnapshotAnswer {
        var parameters = SnapshotRows.parameters(snapshot.key)
        parameters.append(snapshot.mark)
        parameters.append(snapshot.position.rawValue)
        parameters.append(Int64(snapshot.foldedBytes))
        parameters.append(PostgresArray.of(snapshot.keys.map(\.subject.text)))
        parameters.append(PostgresArray(int32s: snapshot.keys.map(\.generation)))
        parameters.append(snapshot.state)
        parameters.append(snapshot.digest.hexadecimal)
        if let seen {
            parameters.append(seen)
        } else {
            parameters.appendNull(.int8)
            parameters.appendNull(.uuid)
            parameters.appendNull(.text)
        }
        let row = try await one(SnapshotStatements.keep, parameters)
        let answer: String
        do throws(PostgresError) { answer = try row.text(0, 0) } catch { throw StoreError(error) }
        guard let known = SnapshotAnswer(rawValue: answer) else {
            throw .failed(reason: "lockstep.keep_snapshot answered \"\(answer)\"")
        }
        return known
    }

    /// As the protocol says.
    public func confirm(_ mark: SnapshotMark, of key: SnapshotKey) async throws(StoreError) {
        var parameters = SnapshotRows.parameters(key)
        parameters.append(mark)
        _ = try await rows(SnapshotStatements.confirm, parameters)
    }

    /// As the protocol says.
    public func record(_ mismatch: SnapshotMismatch) async throws(StoreError) {
        var parameters = SnapshotRows.parameters(mismatch.key)
        parameters.append(mismatch.mark)
        parameters.append(timestampMicroseconds: mismatch.foundAt.microseconds)
        _ = try await rows(SnapshotStatements.record, parameters)
    }

    /// As the protocol says.
    public func snapshotMismatches(limit: Int) async throws(StoreError) -> [SnapshotMismatch] {
        var parameters = PostgresParameters()
        parameters.append(Int64(limit))
        let rows = try await rows(SnapshotStatements.mismatches, parameters)
        var found: [SnapshotMismatch] = []
        for row in 0..<rows.rowCount { found.append(try SnapshotRows.mismatch(rows, row)) }
        return found
    }

    /// As the protocol says.
    public func forgiveMismatches(of fold: String?) async throws(StoreError) -> Int {
        var parameters = PostgresParameters()
        parameters.append(optional: fold)
        return try await affected(SnapshotStatements.forgive, parameters)
    }

    /// As the protocol says.
    public func snapshots(
        of selection: SnapshotSelection, behind key: SnapshotKey?, limit: Int
    ) async throws(StoreError) -> [SnapshotEntry] {
        var parameters = SnapshotRows.parameters(selection)
        parameters.append(optional: key?.workspace.rawValue)
        parameters.append(optional: key?.stream.rawValue)
        parameters.append(optional: key?.fold)
        parameters.append(Int64(limit))
        let rows = try await rows(SnapshotStatements.list, parameters)
        var entries: [SnapshotEntry] = []
        for row in 0..<rows.rowCount { entries.append(try SnapshotRows.entry(rows, row)) }
        return entries
    }

    /// As the protocol says.
    public func dropSnapshots(of selection: SnapshotSelection) async throws(StoreError) -> Int {
        try await affected(SnapshotStatements.drop, SnapshotRows.parameters(selection))
    }
}

extension PostgresParameters {
    /// Version, event id, fingerprint.
    fileprivate mutating func append(_ mark: SnapshotMark) {
        append(mark.version.rawValue)
        append(mark.eventID)
        append(mark.fingerprint.hexadecimal)
    }
}

/// Rows of `lockstep.snapshots` and `lockstep.snapshot_mismatches`.
private enum SnapshotRows {
    static func parameters(_ key: SnapshotKey) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.append(key.workspace.rawValue)
        parameters.append(key.stream.rawValue)
        parameters.append(key.fold)
        return parameters
    }

    static func parameters(_ selection: SnapshotSelection) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.append(optional: selection.workspace?.rawValue)
        parameters.append(optional: selection.stream?.rawValue)
        parameters.append(optional: selection.fold)
        return parameters
    }

    static func snapshot(_ rows: PostgresResult, of key: SnapshotKey) throws(StoreError) -> Snapshot {
        try reading {
            Snapshot(
                key: key, mark: try mark(rows, 0, from: 0), position: GlobalPosition(try rows.int64(0, 3)),
                foldedBytes: Int(try rows.int64(0, 4)), keys: try keys(try rows.text(0, 7), in: key.workspace),
                state: try rows.bytes(0, 5), digest: try digest(try rows.text(0, 6)))
        }
    }

    static func entry(_ rows: PostgresResult, _ row: Int) throws(StoreError) -> SnapshotEntry {
        try reading {
            SnapshotEntry(
                key: try key(rows, row), mark: try mark(rows, row, from: 3),
                position: GlobalPosition(try rows.int64(row, 6)), bytes: Int(try rows.int64(row, 7)),
                foldedBytes: Int(try rows.int64(row, 8)), keys: Int(try rows.int32(row, 9)),
                keptAt: Timestamp(microseconds: try rows.timestampMicroseconds(row, 10)),
                confirmedAt: rows.isNull(row, 11)
                    ? nil : Timestamp(microseconds: try rows.timestampMicroseconds(row, 11)))
        }
    }

    static func mismatch(_ rows: PostgresResult, _ row: Int) throws(StoreError) -> SnapshotMismatch {
        try reading {
            SnapshotMismatch(
                key: try key(rows, row), mark: try mark(rows, row, from: 3),
                foundAt: Timestamp(microseconds: try rows.timestampMicroseconds(row, 6)))
        }
    }

    private static func key(_ rows: PostgresResult, _ row: Int) throws -> SnapshotKey {
        SnapshotKey(
            workspace: try Workspace(try rows.text(row, 0)), stream: try StreamName(try rows.text(row, 1)),
            fold: try rows.text(row, 2))
    }

    private static func mark(_ rows: PostgresResult, _ row: Int, from column: Int) throws -> SnapshotMark {
        SnapshotMark(
            version: StreamVersion(try rows.int64(row, column)), eventID: try rows.uuid(row, column + 1),
            fingerprint: try digest(try rows.text(row, column + 2)))
    }

    private static func keys(_ json: String, in workspace: Workspace) throws -> [SubjectKeyID] {
        try (try JSONValue(Array(json.utf8)).array ?? []).map { pair in
            guard let parts = pair.array, parts.count == 2, let subject = parts[0].string, let number = parts[1].int,
                let generation = Int32(exactly: number)
            else { throw StoreError.failed(reason: "a row of lockstep.snapshots names no key: \(json)") }
            return SubjectKeyID(workspace: workspace, subject: try DataSubject(subject), generation: generation)
        }
    }

    private static func digest(_ text: String) throws -> ContentDigest {
        guard let digest = ContentDigest(hexadecimal: text) else {
            throw StoreError.failed(reason: "a row of lockstep.snapshots holds \"\(text)\" for a digest")
        }
        return digest
    }

    private static func reading<R>(_ body: () throws -> R) throws(StoreError) -> R {
        do { return try body() } catch { throw StoreError(any: error) }
    }
}
