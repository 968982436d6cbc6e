import EventModel
import Synchronization

/// Makes, finds and unwraps the keys of subjects: a ``SubjectKeyStore``, the master keys, and a short memory.
public final class SubjectKeyring: Sendable {
    /// What new data of a subject are sealed with.
    public enum SealingKey: Sendable {
        /// This key.
        case key(SubjectKey)
        /// None: the last key, of this generation, was destroyed; 0 when the subject never had one.
        case none(behind: Int32)
    }

    /// What is known of a key that a sealed value names.
    public enum OpeningKey: Sendable {
        /// It opens.
        case key(SubjectKey)
        /// It was destroyed, and the data with it.
        case destroyed
    }

    private let store: any SubjectKeyStore
    private let masterKeys: MasterKeys?
    private let time: any Timekeeper
    private let random: any RandomSource
    private let cache: Mutex<KeyCache>
    /// Whether a key of this log is known to be wrapped by a configured master key.
    private let isVouchedFor = Mutex(false)

    /// A keyring over `store`. Without master keys it refuses whatever needs a key.
    public init(
        _ store: any SubjectKeyStore, masterKeys: MasterKeys?, limits: KeyringLimits = KeyringLimits(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()
    ) {
        self.store = store
        self.masterKeys = masterKeys
        self.time = time
        self.random = random
        cache = Mutex(KeyCache(limits: limits))
    }

    /// The key that each subject's new data are sealed with, made when the subject never had one.
    ///
    /// A subject whose keys were all destroyed gets none here; see ``freshKeys(of:in:)``.
    public func sealingKeys(
        of subjects: Set<DataSubject>, in workspace: Workspace
    ) async throws(StoreError) -> [DataSubject: SealingKey] {
        guard masterKeys != nil else { throw .keys(.noMasterKey) }
        var found: [DataSubject: SealingKey] = [:]
        let now = time.steady()
        let missing = cache.withLock { cache in
            subjects.filter { subject in
                guard let key = cache.newest(of: subject, in: workspace, at: now) else { return true }
                found[subject] = .key(key)
                return false
            }
        }
        guard !missing.isEmpty else { return found }
        for stored in try await store.newestKeys(of: Array(missing), in: workspace) {
            found[stored.id.subject] = try sealingKey(stored, at: now)
        }
        let unknown = missing.filter { found[$0] == nil }
        guard !unknown.isEmpty else { return found }
        return found.merging(try await make(Dictionary(unknown.map { ($0, 0) }) { first, _ in first }, in: workspace)) {
            _, made in made
        }
    }

    /// A key for each of the subjects whose keys were all destroyed: the next generation.
    public func freshKeys(
        of generations: [DataSubject: Int32], in workspace: Workspace
    ) async throws(StoreError) -> [DataSubject: SealingKey] {
        try await make(generations, in: workspace)
    }

    /// The keys that sealed values name; ids that nobody ever made are left out.
    public func openingKeys(_ ids: Set<SubjectKeyID>) async throws(StoreError) -> [SubjectKeyID: OpeningKey] {
        guard masterKeys != nil else { throw .keys(.noMasterKey) }
        var found: [SubjectKeyID: OpeningKey] = [:]
        let now = time.steady()
        let missing = cache.withLock { cache in
            ids.filter { id in
                switch cache.entry(id, at: now) {
                case .key(let key): found[id] = .key(key)
                case .destroyed: found[id] = .destroyed
                case nil: return true
                }
                return false
            }
        }
        guard !missing.isEmpty else { return found }
        for stored in try await store.keys(Array(missing)) {
            found[stored.id] = try remember(stored, isNewest: false, at: now)
        }
        return found
    }

    /// Forgets a subject's keys, after they were destroyed.
    public func forget(_ subject: DataSubject, in workspace: Workspace) {
        cache.withLock { $0.forget(subject, in: workspace) }
    }

    /// Keys in memory now.
    public var cachedKeys: Int { cache.withLock { $0.count } }

    /// Makes the next key of each subject. Of racing processes all get the one that was stored first.
    private func make(
        _ generations: [DataSubject: Int32], in workspace: Workspace
    ) async throws(StoreError) -> [DataSubject: SealingKey] {
        guard let masterKeys else { throw .keys(.noMasterKey) }
        try await refuseForeign(masterKeys)
        var generator = SourceGenerator(random: random)
        var made: [WrappedKey] = []
        for (subject, generation) in generations {
            let id = SubjectKeyID(workspace: workspace, subject: subject, generation: generation + 1)
            do throws(SealFault) {
                made.append(
                    try masterKeys.current.wrap(SubjectKey(id, using: &generator), using: &generator))
            } catch {
                throw .keys(.cipher)
            }
        }
        let now = time.steady()
        var keys: [DataSubject: SealingKey] = [:]
        for stored in try await store.create(made) { keys[stored.id.subject] = try sealingKey(stored, at: now) }
        return keys
    }

    /// A wrong file of master keys would otherwise be noticed when it is too late: by whoever cannot open what was sealed for new subjects.
    ///
    /// A log whose keys are all destroyed, or that has none yet, takes any master key. Two indexed look-ups, once in a process.
    private func refuseForeign(_ masterKeys: MasterKeys) async throws(StoreError) {
        guard !isVouchedFor.withLock({ $0 }) else { return }
        for id in masterKeys.ids {
            guard let sample = try await store.anyKey(wrappedBy: id) else { continue }
            do throws(KeyFlaw) { _ = try unwrap(sample) } catch { throw .keys(error) }
            isVouchedFor.withLock { $0 = true }
            return
        }
        let known = try await store.keyCensus().live.keys.sorted()
        // Somebody else with the same master keys may have made the first key meanwhile.
        guard known.allSatisfy({ masterKeys[$0] == nil }) else { return }
        guard known.isEmpty else { throw .keys(.foreignMasterKeys(configured: masterKeys.ids, known: known)) }
    }

    private func sealingKey(_ stored: StoredSubjectKey, at now: Duration) throws(StoreError) -> SealingKey {
        switch try remember(stored, isNewest: true, at: now) {
        case .key(let key): .key(key)
        case .destroyed: .none(behind: stored.id.generation)
        }
    }

    private func remember(
        _ stored: StoredSubjectKey, isNewest: Bool, at now: Duration
    ) throws(StoreError) -> OpeningKey {
        switch stored.state {
        case .destroyed:
            cache.withLock { $0.insert(stored.id, .destroyed, isNewest: false, at: now) }
            return .destroyed
        case .wrapped(let wrapped):
            let key: SubjectKey
            do throws(KeyFlaw) { key = try unwrap(wrapped) } catch { throw .keys(error) }
            cache.withLock { $0.insert(stored.id, .key(key), isNewest: isNewest, at: now) }
            return .key(key)
        }
    }

    /// Unwraps a key with whichever master key wrapped it.
    public func unwrap(_ wrapped: WrappedKey) throws(KeyFlaw) -> SubjectKey {
        guard let masterKeys else { throw .noMasterKey }
        guard let masterKey = masterKeys[wrapped.masterKey] else { throw .unknownMasterKey(id: wrapped.masterKey) }
        do throws(SealFault) {
            return try masterKey.unwrap(wrapped)
        } catch {
            throw .wrongMasterKey(id: wrapped.masterKey)
        }
    }
}

/// Randomness from outside in the form that the standard library takes.
struct SourceGenerator: RandomNumberGenerator {
    let random: any RandomSource
    mutating func next() -> UInt64 { random.next() }
}
