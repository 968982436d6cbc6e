import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import Synchronization
import Testing

@Suite("The keyring") struct SubjectKeyringTests {
    private static let master = "k1:" + Data(repeating: 1, count: 32).base64EncodedString()

    private struct Rig {
        let store = CountingKeyStore(InMemorySubjectKeys())
        let time = ManualTimekeeper()
        let keyring: SubjectKeyring

        init(limit: Int = 100) throws {
            keyring = SubjectKeyring(
                store, masterKeys: try MasterKeys(spellings: [master]),
                limits: KeyringLimits(cachedKeys: limit, timeToLive: .seconds(60)), time: time,
                random: SeededRandom(seed: 1))
        }

        func key(_ name: String) async throws -> SubjectKey? {
            let subject = try DataSubject(name)
            guard case .key(let key)? = try await keyring.sealingKeys(of: [subject], in: .default)[subject] else {
                return nil
            }
            return key
        }

        func opens(_ id: SubjectKeyID) async throws -> Bool? {
            switch try await keyring.openingKeys([id])[id] {
            case .key: true
            case .destroyed: false
            case nil: nil
            }
        }
    }

    @Test func `no key is made by master keys that wrap none of the log's, and any makes the first`() async throws {
        let rig = try Rig()
        _ = try #require(try await rig.key("customer:7"))
        func keyring(_ keys: [String]) throws -> SubjectKeyring {
            SubjectKeyring(rig.store, masterKeys: try MasterKeys(spellings: keys), random: SeededRandom(seed: 2))
        }
        let other = "k2:" + Data(repeating: 2, count: 32).base64EncodedString()
        let namesake = "k1:" + Data(repeating: 3, count: 32).base64EncodedString()
        let new = try DataSubject("customer:8")
        for (keys, flaw) in [
            ([other], KeyFlaw.foreignMasterKeys(configured: ["k2"], known: ["k1"])),
            ([namesake], .wrongMasterKey(id: "k1")),
        ] {
            let wrong = try keyring(keys)
            await #expect(throws: StoreError.keys(flaw)) { try await wrong.sealingKeys(of: [new], in: .default) }
            await #expect(throws: StoreError.keys(flaw)) { try await wrong.freshKeys(of: [new: 1], in: .default) }
            #expect(try await rig.store.newestKeys(of: [new], in: .default).isEmpty)
        }
        #expect(StoreError.keys(.foreignMasterKeys(configured: ["k2"], known: ["k1"])).description.contains("doctor"))
        // Somebody with the same master key makes the first key between two looks.
        let empty = InMemorySubjectKeys()
        let sample = try #require(try await rig.store.anyKey(wrappedBy: "k1"))
        let racing = CountingKeyStore(empty) { _ = try? await empty.create([sample]) }
        let late = SubjectKeyring(racing, masterKeys: try MasterKeys(spellings: [Self.master]))
        #expect(try await late.sealingKeys(of: [new], in: .default).count == 1)
        // A new one beside the old one is how keys are rotated.
        #expect(try await keyring([other, Self.master]).sealingKeys(of: [new], in: .default).count == 1)
        // What is all destroyed binds nobody.
        for name in ["customer:7", "customer:8"] {
            _ = try await rig.store.destroyKeys(of: try DataSubject(name), in: .default, by: nil, because: nil)
        }
        #expect(try await keyring([other]).sealingKeys(of: [try DataSubject("customer:9")], in: .default).count == 1)
    }

    @Test func `a key is asked for once within its time to live`() async throws {
        let rig = try Rig()
        let id = try #require(try await rig.key("customer:7")).id
        let asked = rig.store.looks
        for _ in 0..<10 {
            #expect(try await rig.key("customer:7")?.id == id)
            #expect(try await rig.opens(id) == true)
        }
        #expect(rig.store.looks == asked)
        rig.time.advance(by: .seconds(60))
        #expect(try await rig.key("customer:7")?.id == id)
        #expect(rig.store.looks == asked + 1)
    }

    @Test func `a destroyed key is forgotten when its time is over, at once when asked to, and stays forgotten`()
        async throws
    {
        let rig = try Rig()
        let key = try #require(try await rig.key("customer:7"))
        let other = try #require(try await rig.key("customer:8"))
        _ = try await rig.store.destroyKeys(of: key.id.subject, in: .default, by: nil, because: nil)
        #expect(try await rig.opens(key.id) == true)
        rig.time.advance(by: .seconds(59))
        #expect(try await rig.opens(key.id) == true)
        rig.time.advance(by: .seconds(1))
        #expect(try await rig.opens(key.id) == false)
        #expect(try await rig.key("customer:7") == nil)
        _ = try await rig.opens(other.id)
        _ = try await rig.store.destroyKeys(of: other.id.subject, in: .default, by: nil, because: nil)
        rig.keyring.forget(other.id.subject, in: .default)
        #expect(try await rig.opens(other.id) == false)
        #expect(try await rig.key("customer:8") == nil)
    }

    @Test func `memory is bounded, whatever comes`() async throws {
        let rig = try Rig(limit: 10)
        var ids: Set<SubjectKeyID> = []
        for index in 0..<100 { ids.insert(try #require(try await rig.key("customer:\(index)")).id) }
        let found = try await rig.keyring.openingKeys(ids)
        #expect(found.count == 100)
        #expect(rig.keyring.cachedKeys <= 10)
    }

    @Test func `keys that nobody made are not found, and without a master key nothing is`() async throws {
        let rig = try Rig()
        let id = SubjectKeyID(workspace: .default, subject: try DataSubject("nobody"), generation: 1)
        #expect(try await rig.opens(id) == nil)
        let bare = SubjectKeyring(rig.store, masterKeys: nil)
        await #expect(throws: StoreError.keys(.noMasterKey)) { try await bare.openingKeys([id]) }
        await #expect(throws: StoreError.keys(.noMasterKey)) {
            try await bare.sealingKeys(of: [id.subject], in: .default)
        }
        #expect(!StoreError.keys(.noMasterKey).isTransient)
    }

    @Test func `a subject whose keys are all destroyed gets a new one only when it is asked for`() async throws {
        let rig = try Rig()
        let first = try #require(try await rig.key("customer:7"))
        _ = try await rig.store.destroyKeys(of: first.id.subject, in: .default, by: nil, because: nil)
        rig.keyring.forget(first.id.subject, in: .default)
        #expect(try await rig.key("customer:7") == nil)
        let fresh = try await rig.keyring.freshKeys(of: [first.id.subject: 1], in: .default)
        guard case .key(let second)? = fresh[first.id.subject] else {
            Issue.record("no key was made")
            return
        }
        #expect(second.id.generation == 2)
        #expect(try await rig.key("customer:7")?.id == second.id)
    }
}

/// Counts the looks at a key store.
private final class CountingKeyStore: SubjectKeyStore {
    private let store: any SubjectKeyStore
    private let count = Mutex(0)

    private let beforeCensus: @Sendable () async -> Void

    init(_ store: any SubjectKeyStore, beforeCensus: @escaping @Sendable () async -> Void = {}) {
        self.store = store
        self.beforeCensus = beforeCensus
    }

    var looks: Int { count.withLock { $0 } }

    private func look() { count.withLock { $0 += 1 } }

    func newestKeys(of subjects: [DataSubject], in workspace: Workspace) async throws(StoreError) -> [StoredSubjectKey]
    {
        look()
        return try await store.newestKeys(of: subjects, in: workspace)
    }
    func allKeys(of subject: DataSubject, in workspace: Workspace) async throws(StoreError) -> [StoredSubjectKey] {
        try await store.allKeys(of: subject, in: workspace)
    }
    func keys(_ ids: [SubjectKeyID]) async throws(StoreError) -> [StoredSubjectKey] {
        look()
        return try await store.keys(ids)
    }
    func create(_ keys: [WrappedKey]) async throws(StoreError) -> [StoredSubjectKey] {
        look()
        return try await store.create(keys)
    }
    func destroyKeys(
        of subject: DataSubject, in workspace: Workspace, by actor: String?, because reason: String?
    ) async throws(StoreError) -> [StoredSubjectKey] {
        try await store.destroyKeys(of: subject, in: workspace, by: actor, because: reason)
    }
    func keys(notWrappedBy masterKey: String, limit: Int) async throws(StoreError) -> [WrappedKey] {
        try await store.keys(notWrappedBy: masterKey, limit: limit)
    }
    func rewrap(_ changes: [KeyRewrapping]) async throws(StoreError) -> Int { try await store.rewrap(changes) }
    func keyCensus() async throws(StoreError) -> KeyCensus {
        await beforeCensus()
        return try await store.keyCensus()
    }
    func anyKey(wrappedBy masterKey: String) async throws(StoreError) -> WrappedKey? {
        try await store.anyKey(wrappedBy: masterKey)
    }
}
