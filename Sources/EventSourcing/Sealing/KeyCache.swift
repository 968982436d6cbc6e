import EventModel

/// Keys that were unwrapped a short while ago. A value without I/O; bounded in number and in time.
struct KeyCache: Sendable {
    /// What is known of a key.
    enum Entry: Sendable {
        case key(SubjectKey)
        case destroyed
    }

    private struct Aged<Value: Sendable>: Sendable {
        let value: Value
        let expiry: Duration
    }

    private struct Owner: Hashable {
        let workspace: Workspace
        let subject: DataSubject
    }

    private let limits: KeyringLimits
    private var entries: [SubjectKeyID: Aged<Entry>] = [:]
    private var newest: [Owner: Aged<Int32>] = [:]
    private var nextSweep = Duration.zero

    init(limits: KeyringLimits) { self.limits = limits }

    /// How many keys are held.
    var count: Int { entries.count }

    /// What is known of a key at a moment of the steady clock.
    func entry(_ id: SubjectKeyID, at now: Duration) -> Entry? {
        guard let aged = entries[id], aged.expiry > now else { return nil }
        return aged.value
    }

    /// The subject's newest key that can be used.
    func newest(of subject: DataSubject, in workspace: Workspace, at now: Duration) -> SubjectKey? {
        guard let aged = newest[Owner(workspace: workspace, subject: subject)], aged.expiry > now,
            case .key(let key) = entry(
                SubjectKeyID(workspace: workspace, subject: subject, generation: aged.value), at: now)
        else { return nil }
        return key
    }

    /// Remembers a key for the time to live.
    mutating func insert(_ id: SubjectKeyID, _ entry: Entry, isNewest: Bool, at now: Duration) {
        makeRoom(at: now)
        let expiry = now + limits.timeToLive
        entries[id] = Aged(value: entry, expiry: expiry)
        guard isNewest else { return }
        newest[Owner(workspace: id.workspace, subject: id.subject)] = Aged(value: id.generation, expiry: expiry)
    }

    /// Forgets a subject's keys at once.
    mutating func forget(_ subject: DataSubject, in workspace: Workspace) {
        newest[Owner(workspace: workspace, subject: subject)] = nil
        entries = entries.filter { $0.key.subject != subject || $0.key.workspace != workspace }
    }

    /// What has expired must not stay in memory, and when all the rest is young too many are too many: then all go, since asking again
    /// costs one look each.
    private mutating func makeRoom(at now: Duration) {
        if now >= nextSweep {
            entries = entries.filter { $0.value.expiry > now }
            newest = newest.filter { $0.value.expiry > now }
            nextSweep = now + limits.timeToLive
        }
        guard entries.count >= limits.cachedKeys else { return }
        entries.removeAll(keepingCapacity: true)
        newest.removeAll(keepingCapacity: true)
    }
}

/// How many keys a process holds, and for how long.
public struct KeyringLimits: Sendable, Hashable {
    /// The most keys in memory.
    public var cachedKeys: Int
    /// How long a key stays in memory, and therefore the longest time that a process which did not destroy a key may go on using it.
    public var timeToLive: Duration

    /// Limits; 20 000 keys for 60 seconds by default.
    public init(cachedKeys: Int = 20_000, timeToLive: Duration = .seconds(60)) {
        precondition(cachedKeys > 0, "a keyring needs room for at least one key")
        self.cachedKeys = cachedKeys
        self.timeToLive = timeToLive
    }
}
