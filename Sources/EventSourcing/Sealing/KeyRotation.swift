import EventModel

/// Wraps every key anew, under the current master key. It can be interrupted at any point and begun again: what is done stays done.
public struct KeyRotation: Sendable {
    /// Keys that are exchanged together.
    public static let batchSize = 500
    /// Rounds without any exchange after which a rotation gives up.
    private static let idleRounds = 10

    private let store: any SubjectKeyStore
    private let masterKeys: MasterKeys
    private let random: any RandomSource

    /// A rotation to the first of `masterKeys`.
    public init(
        _ store: any SubjectKeyStore, to masterKeys: MasterKeys, random: any RandomSource = SystemRandomSource()
    ) {
        self.store = store
        self.masterKeys = masterKeys
        self.random = random
    }

    /// Keys that a rotation would exchange now.
    public func pending() async throws(StoreError) -> Int {
        try await store.keyCensus().live.reduce(0) { $0 + ($1.key == masterKeys.current.id ? 0 : $1.value) }
    }

    /// Exchanges all of them.
    ///
    /// - Parameter progress: is told how many are done.
    /// - Returns: how many were exchanged.
    /// - Throws: ``StoreError/keys(_:)`` when a key's master key is not configured or does not fit; nothing is lost, and what was exchanged
    ///   before stays.
    public func run(_ progress: (Int) -> Void = { _ in }) async throws(StoreError) -> Int {
        var done = 0
        var idleRounds = 0
        while idleRounds < Self.idleRounds {
            if Task.isCancelled { throw .cancelled }
            let batch = try await store.keys(notWrappedBy: masterKeys.current.id, limit: Self.batchSize)
            guard !batch.isEmpty else { return done }
            let exchanged = try await store.rewrap(try changes(batch))
            done += exchanged
            // Others may exchange or destroy the same keys meanwhile.
            idleRounds = exchanged == 0 ? idleRounds + 1 : 0
            progress(done)
        }
        throw .unavailable(reason: "others keep changing the same keys")
    }

    private func changes(_ batch: [WrappedKey]) throws(StoreError) -> [KeyRewrapping] {
        var generator = SourceGenerator(random: random)
        var changes: [KeyRewrapping] = []
        for old in batch {
            guard let masterKey = masterKeys[old.masterKey] else { throw .keys(.unknownMasterKey(id: old.masterKey)) }
            let key: SubjectKey
            do throws(SealFault) { key = try masterKey.unwrap(old) } catch {
                throw .keys(.wrongMasterKey(id: old.masterKey))
            }
            do throws(SealFault) {
                changes.append(
                    KeyRewrapping(old: old, new: try masterKeys.current.wrap(key, using: &generator)))
            } catch {
                throw .keys(.cipher)
            }
        }
        return changes
    }
}
