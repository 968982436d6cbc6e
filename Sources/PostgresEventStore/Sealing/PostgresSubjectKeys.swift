import EventModel
import EventSourcing
import PostgresDriver

extension PostgresEventStore: SubjectKeyStore {
    /// As the protocol says.
    public func newestKeys(
        of subjects: [DataSubject], in workspace: Workspace
    ) async throws(StoreError) -> [StoredSubjectKey] {
        var parameters = PostgresParameters()
        parameters.append(workspace.rawValue)
        parameters.append(PostgresArray.of(subjects.map(\.text)))
        return try KeyRows.stored(
            try await rows(KeyStatements.newest, parameters))
    }

    /// As the protocol says.
    public func allKeys(of subject: DataSubject, in workspace: Workspace) async throws(StoreError) -> [StoredSubjectKey]
    {
        var parameters = PostgresParameters()
        parameters.append(workspace.rawValue)
        parameters.append(subject.text)
        return try KeyRows.stored(
            try await rows(KeyStatements.all, parameters))
    }

    /// As the protocol says.
    public func keys(_ ids: [SubjectKeyID]) async throws(StoreError) -> [StoredSubjectKey] {
        try KeyRows.stored(
            try await rows(KeyStatements.byID, KeyRows.parameters(ids)))
    }

    /// As the protocol says.
    public func create(_ keys: [WrappedKey]) async throws(StoreError) -> [StoredSubjectKey] {
        // In one order everywhere: two processes that make keys of the same subjects wait for each other instead of in a ring.
        let sorted = keys.sorted { KeyRows.precedes($0.id, $1.id) }
        var parameters = KeyRows.parameters(sorted.map(\.id))
        parameters.append(PostgresArray.of(sorted.map(\.bytes)))
        parameters.append(PostgresArray.of(sorted.map(\.masterKey)))
        _ = try await rows(KeyStatements.create, parameters)
        var stored: [StoredSubjectKey] = []
        for (workspace, own) in Dictionary(grouping: sorted, by: \.id.workspace) {
            stored += try await newestKeys(of: own.map(\.id.subject), in: workspace)
        }
        return stored
    }

    /// As the protocol says.
    public func destroyKeys(
        of subject: DataSubject, in workspace: Workspace, by actor: String?, because reason: String?
    ) async throws(StoreError) -> [StoredSubjectKey] {
        var parameters = PostgresParameters()
        parameters.append(workspace.rawValue)
        parameters.append(subject.text)
        parameters.append(optional: actor)
        parameters.append(optional: reason)
        _ = try await rows(KeyStatements.destroy, parameters)
        return try await allKeys(of: subject, in: workspace)
    }

    /// As the protocol says.
    public func keys(notWrappedBy masterKey: String, limit: Int) async throws(StoreError) -> [WrappedKey] {
        var parameters = PostgresParameters()
        parameters.append(masterKey)
        parameters.append(Int64(limit))
        return try KeyRows.wrapped(
            try await rows(KeyStatements.otherMaster, parameters))
    }

    /// As the protocol says.
    public func rewrap(_ changes: [KeyRewrapping]) async throws(StoreError) -> Int {
        let sorted = changes.sorted { KeyRows.precedes($0.old.id, $1.old.id) }
        var parameters = KeyRows.parameters(sorted.map(\.old.id))
        parameters.append(PostgresArray.of(sorted.map(\.old.bytes)))
        parameters.append(PostgresArray.of(sorted.map(\.new.bytes)))
        parameters.append(PostgresArray.of(sorted.map(\.new.masterKey)))
        return try await affected(KeyStatements.rewrap, parameters)
    }

    /// As the protocol says.
    public func keyCensus() async throws(StoreError) -> KeyCensus {
        let rows = try await rows(KeyStatements.census)
        var census = KeyCensus()
        do throws(PostgresError) {
            for row in 0..<rows.rowCount {
                let (master, count) = (try rows.text(row, 0), Int(try rows.int64(row, 1)))
                if master.isEmpty { census.destroyed = count } else { census.live[master] = count }
            }
        } catch {
            throw StoreError(error)
        }
        return census
    }

    /// As the protocol says.
    public func anyKey(wrappedBy masterKey: String) async throws(StoreError) -> WrappedKey? {
        var parameters = PostgresParameters()
        parameters.append(masterKey)
        return try KeyRows.wrapped(
            try await rows(KeyStatements.oneOfMaster, parameters)
        ).first
    }
}
