import EventModel
import EventSourcing
import Synchronization

/// The subjects' keys in memory: what PostgreSQL's table amounts to.
public final class InMemorySubjectKeys: SubjectKeyStore {
    private struct Owner: Hashable {
        let workspace: Workspace
        let subject: DataSubject
    }

    private let keys = Mutex<[Owner: [StoredSubjectKey]]>([:])
    private let time: any Timekeeper

    /// No keys.
    public init(time: any Timekeeper = SystemTimekeeper()) { self.time = time }

    /// As the protocol says.
    public func newestKeys(
        of subjects: [DataSubject], in workspace: Workspace
    ) async throws(StoreError) -> [StoredSubjectKey] {
        keys.withLock { keys in subjects.compactMap { keys[Owner(workspace: workspace, subject: $0)]?.last } }
    }

    /// As the protocol says.
    public func allKeys(of subject: DataSubject, in workspace: Workspace) async throws(StoreError) -> [StoredSubjectKey]
    {
        keys.withLock { $0[Owner(workspace: workspace, subject: subject)] ?? [] }
    }

    /// As the protocol says.
    public func keys(_ ids: [SubjectKeyID]) async throws(StoreError) -> [StoredSubjectKey] {
        keys.withLock { keys in
            ids.compactMap { id in
                keys[Owner(workspace: id.workspace, subject: id.subject)]?.first { $0.id == id }
            }
        }
    }

    /// As the protocol says.
    public func create(_ new: [WrappedKey]) async throws(StoreError) -> [StoredSubjectKey] {
        keys.withLock { keys in
            new.compactMap { key in
                let owner = Owner(workspace: key.id.workspace, subject: key.id.subject)
                let own = keys[owner] ?? []
                if own.allSatisfy({ $0.destruction != nil && $0.id != key.id }) {
                    keys[owner] = own + [StoredSubjectKey(id: key.id, state: .wrapped(key))]
                }
                return keys[owner]?.last
            }
        }
    }

    /// As the protocol says.
    public func destroyKeys(
        of subject: DataSubject, in workspace: Workspace, by actor: String?, because reason: String?
    ) async throws(StoreError) -> [StoredSubjectKey] {
        let destruction = KeyDestruction(at: time.now(), actor: actor, reason: reason)
        return keys.withLock { keys in
            let owner = Owner(workspace: workspace, subject: subject)
            let destroyed = (keys[owner] ?? []).map { key in
                StoredSubjectKey(id: key.id, state: .destroyed(key.destruction ?? destruction))
            }
            if !destroyed.isEmpty { keys[owner] = destroyed }
            return destroyed
        }
    }

    /// As the protocol says.
    public func keys(notWrappedBy masterKey: String, limit: Int) async throws(StoreError) -> [WrappedKey] {
        Array(living { $0.masterKey != masterKey }.prefix(limit))
    }

    /// As the protocol says.
    public func rewrap(_ changes: [KeyRewrapping]) async throws(StoreError) -> Int {
        keys.withLock { keys in
            changes.count { change in
                let owner = Owner(workspace: change.old.id.workspace, subject: change.old.id.subject)
                guard let index = keys[owner]?.firstIndex(where: { $0.state == .wrapped(change.old) }) else {
                    return false
                }
                keys[owner]?[index] = StoredSubjectKey(id: change.new.id, state: .wrapped(change.new))
                return true
            }
        }
    }

    /// As the protocol says.
    public func keyCensus() async throws(StoreError) -> KeyCensus {
        keys.withLock { keys in
            keys.values.joined().reduce(into: KeyCensus()) { census, key in
                switch key.state {
                case .wrapped(let key): census.live[key.masterKey, default: 0] += 1
                case .destroyed: census.destroyed += 1
                }
            }
        }
    }

    /// As the protocol says.
    public func anyKey(wrappedBy masterKey: String) async throws(StoreError) -> WrappedKey? {
        living { $0.masterKey == masterKey }.first
    }

    private func living(where isWanted: (WrappedKey) -> Bool) -> [WrappedKey] {
        keys.withLock { keys in
            keys.values.joined().compactMap { stored in
                guard case .wrapped(let key) = stored.state, isWanted(key) else { return nil }
                return key
            }
        }
    }
}
