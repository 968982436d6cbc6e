import EventModel
import EventSourcing
import Synchronization

/// The subjects' keys in memory: what PostgreSQL's table amounts to.
public final class InMemorySubjectKeys: SubjectKeyStore {
    private let table = Mutex(SubjectKeyTable())
    private let time: any Timekeeper

    /// No keys.
    public init(time: any Timekeeper = SystemTimekeeper()) { self.time = time }

    /// Whether a key can be used.
    public func isLiving(_ id: SubjectKeyID) -> Bool {
        table.withLock { table in table.find([id]).contains { $0.destruction == nil } }
    }

    /// As the protocol says.
    public func newestKeys(
        of subjects: [DataSubject], in workspace: Workspace
    ) async throws(StoreError) -> [StoredSubjectKey] {
        table.withLock { $0.newest(of: subjects, in: workspace) }
    }

    /// As the protocol says.
    public func allKeys(
        of subject: DataSubject, in workspace: Workspace
    ) async throws(StoreError) -> [StoredSubjectKey] {
        table.withLock { $0.all(of: subject, in: workspace) }
    }

    /// As the protocol says.
    public func keys(_ ids: [SubjectKeyID]) async throws(StoreError) -> [StoredSubjectKey] {
        table.withLock { $0.find(ids) }
    }

    /// As the protocol says.
    public func create(_ new: [WrappedKey]) async throws(StoreError) -> [StoredSubjectKey] {
        table.withLock { $0.create(new) }
    }

    /// As the protocol says.
    public func destroyKeys(
        of subject: DataSubject, in workspace: Workspace, by actor: String?, because reason: String?
    ) async throws(StoreError) -> [StoredSubjectKey] {
        let destruction = KeyDestruction(at: time.now(), actor: actor, reason: reason)
        return table.withLock { $0.destroyKeys(of: subject, in: workspace, destruction) }
    }

    /// As the protocol says.
    public func keys(notWrappedBy masterKey: String, limit: Int) async throws(StoreError) -> [WrappedKey] {
        table.withLock { table in Array(table.living { $0.masterKey != masterKey }.prefix(limit)) }
    }

    /// As the protocol says.
    public func rewrap(_ changes: [KeyRewrapping]) async throws(StoreError) -> Int {
        table.withLock { $0.rewrap(changes) }
    }

    /// As the protocol says.
    public func keyCensus() async throws(StoreError) -> KeyCensus { table.withLock { $0.census } }

    /// As the protocol says.
    public func anyKey(wrappedBy masterKey: String) async throws(StoreError) -> WrappedKey? {
        table.withLock { table in table.living { $0.masterKey == masterKey }.first }
    }
}
