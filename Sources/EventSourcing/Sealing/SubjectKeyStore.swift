import EventModel

/// Where the subjects' keys are kept, wrapped. It never sees a key that opens anything.
public protocol SubjectKeyStore: Sendable {
    /// The newest key of each subject, destroyed or not; subjects that never had one are left out.
    func newestKeys(of subjects: [DataSubject], in workspace: Workspace) async throws(StoreError) -> [StoredSubjectKey]

    /// Every key of a subject, the first one first.
    func allKeys(of subject: DataSubject, in workspace: Workspace) async throws(StoreError) -> [StoredSubjectKey]

    /// The keys with these ids; unknown ones are left out.
    func keys(_ ids: [SubjectKeyID]) async throws(StoreError) -> [StoredSubjectKey]

    /// Stores each key unless its generation exists, or the subject has a key that is not destroyed.
    ///
    /// - Returns: the newest key of each subject now: of racing creators all get the same one.
    func create(_ keys: [WrappedKey]) async throws(StoreError) -> [StoredSubjectKey]

    /// Overwrites every key of the subject that is not destroyed, for good. Once more does nothing: the first destruction stays recorded.
    ///
    /// - Returns: every key of the subject, the first one first.
    func destroyKeys(
        of subject: DataSubject, in workspace: Workspace, by actor: String?, because reason: String?
    ) async throws(StoreError) -> [StoredSubjectKey]

    /// Keys that are not destroyed and not wrapped by `masterKey`, at most `limit`, in any order.
    func keys(notWrappedBy masterKey: String, limit: Int) async throws(StoreError) -> [WrappedKey]

    /// Exchanges wrappings, each only while the old one is what is stored.
    ///
    /// - Returns: how many were exchanged.
    func rewrap(_ changes: [KeyRewrapping]) async throws(StoreError) -> Int

    /// How many keys there are, by the master key that wraps them.
    func keyCensus() async throws(StoreError) -> KeyCensus

    /// One key wrapped by a master key, to try whether it fits.
    func anyKey(wrappedBy masterKey: String) async throws(StoreError) -> WrappedKey?
}

/// A subject's key as it is stored.
public struct StoredSubjectKey: Sendable, Hashable {
    /// Whether it can still be used.
    public enum State: Sendable, Hashable {
        /// It opens and seals, for whoever has the master key.
        case wrapped(WrappedKey)
        /// It is gone.
        case destroyed(KeyDestruction)
    }

    /// Which key it is.
    public let id: SubjectKeyID
    /// Whether it can still be used.
    public let state: State

    /// A stored key by its parts.
    public init(id: SubjectKeyID, state: State) {
        self.id = id
        self.state = state
    }

    /// When and why it was destroyed; `nil` while it can be used.
    public var destruction: KeyDestruction? {
        guard case .destroyed(let destruction) = state else { return nil }
        return destruction
    }
}

/// When a key was destroyed, and for what reason.
public struct KeyDestruction: Sendable, Hashable {
    /// By the server's clock.
    public let at: Timestamp
    /// Who asked for it.
    public let actor: String?
    /// Why, as they said.
    public let reason: String?

    /// A destruction by its parts.
    public init(at: Timestamp, actor: String?, reason: String?) {
        self.at = at
        self.actor = actor
        self.reason = reason
    }
}

/// A key, and the same key under another master key.
public struct KeyRewrapping: Sendable, Hashable {
    /// What must be stored now.
    public let old: WrappedKey
    /// What is stored afterwards.
    public let new: WrappedKey

    /// A change by its two sides.
    public init(old: WrappedKey, new: WrappedKey) {
        self.old = old
        self.new = new
    }
}

/// How many keys there are.
public struct KeyCensus: Sendable, Hashable {
    /// Keys that can be used, by the id of their master key.
    public var live: [String: Int]
    /// Keys that are gone.
    public var destroyed: Int

    /// A census by its parts.
    public init(live: [String: Int] = [:], destroyed: Int = 0) {
        self.live = live
        self.destroyed = destroyed
    }
}
