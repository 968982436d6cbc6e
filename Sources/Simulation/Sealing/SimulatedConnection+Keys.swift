import EventModel
import EventSourcing
import EventSourcingTesting

extension SimulatedConnection: SubjectKeyStore {
    func newestKeys(
        of subjects: [DataSubject], in workspace: Workspace
    ) async throws(StoreError) -> [StoredSubjectKey] {
        try await call(.read) { database in database.perform { $0.keys.newest(of: subjects, in: workspace) } }
    }

    func allKeys(of subject: DataSubject, in workspace: Workspace) async throws(StoreError) -> [StoredSubjectKey] {
        try await call(.read) { database in database.perform { $0.keys.all(of: subject, in: workspace) } }
    }

    func keys(_ ids: [SubjectKeyID]) async throws(StoreError) -> [StoredSubjectKey] {
        try await call(.read) { database in database.perform { $0.keys.find(ids) } }
    }

    func create(_ keys: [WrappedKey]) async throws(StoreError) -> [StoredSubjectKey] {
        try await call(.write) { database in database.perform { $0.create(keys) } }
    }

    func destroyKeys(
        of subject: DataSubject, in workspace: Workspace, by actor: String?, because reason: String?
    ) async throws(StoreError) -> [StoredSubjectKey] {
        try await call(.write) { database in
            let destruction = KeyDestruction(at: database.clock.now(), actor: actor, reason: reason)
            let keys = database.perform { $0.destroyKeys(of: subject, in: workspace, destruction) }
            if let keys { database.auditor.destroyed(keys, in: database) }
            return keys
        }
    }

    func keys(notWrappedBy masterKey: String, limit: Int) async throws(StoreError) -> [WrappedKey] {
        try await call(.read) { database in
            database.perform { state in Array(state.keys.living { $0.masterKey != masterKey }.prefix(limit)) }
        }
    }

    func rewrap(_ changes: [KeyRewrapping]) async throws(StoreError) -> Int {
        try await call(.write) { database in database.perform { $0.rewrap(changes) } }
    }

    func keyCensus() async throws(StoreError) -> KeyCensus {
        try await call(.read) { database in database.perform { $0.keys.census } }
    }

    func anyKey(wrappedBy masterKey: String) async throws(StoreError) -> WrappedKey? {
        try await call(.read) { database in
            database.perform { state -> WrappedKey? in state.keys.living { $0.masterKey == masterKey }.first }
        }
    }
}

extension DatabaseState {
    mutating func create(_ new: [WrappedKey]) -> [StoredSubjectKey] {
        guard mutation == .keyCreationOverwrites else { return keys.create(new) }
        for key in new { keys.put(StoredSubjectKey(id: key.id, state: .wrapped(key))) }
        return keys.find(new.map(\.id))
    }

    mutating func rewrap(_ changes: [KeyRewrapping]) -> Int {
        guard mutation == .rewrapWithoutComparison else { return keys.rewrap(changes) }
        for change in changes { keys.put(StoredSubjectKey(id: change.new.id, state: .wrapped(change.new))) }
        return changes.count
    }

    mutating func destroyKeys(
        of subject: DataSubject, in workspace: Workspace, _ destruction: KeyDestruction
    ) -> [StoredSubjectKey] {
        if mutation == .erasureRewritesLog { blank(subject) }
        return keys.destroyKeys(of: subject, in: workspace, destruction)
    }

    /// Broken on purpose: the log anew, with every event that mentions the subject emptied.
    private mutating func blank(_ subject: DataSubject) {
        let name = SealedScan.bytes(of: subject)
        var other = InMemoryLog()
        for entry in log.entries {
            var draft = entry.draft
            var isMentioned = false
            draft.data.withUnsafeBytes { data in
                SealedScan.forEach(in: data) { if $0.subject.elementsEqual(name) { isMentioned = true } }
            }
            if isMentioned { draft.data = Array(#"{"blanked":"\#(entry.position)"}"#.utf8) }
            let request = AppendRequest([draft], to: entry.stream, expecting: .any)
            if let append = try? CheckedAppend(request) { _ = try? other.append(append, at: entry.recordedAt) }
        }
        log = other
    }
}
