import EventModel
import EventSourcing
import EventSourcingTesting
import PostgresDriver
import PostgresEventStore
import Testing

@Suite struct `Keys of subjects` {
    private static func key(
        _ subject: String, _ generation: Int32 = 1, by master: String = SealingWorld.first
    ) throws -> WrappedKey {
        var random = SystemRandomNumberGenerator()
        let id = SubjectKeyID(workspace: .default, subject: try DataSubject(subject), generation: generation)
        return try MasterKeys(spellings: [master]).current.wrap(SubjectKey(id, using: &random), using: &random)
    }

    @Test(arguments: SealingStores.available)
    func `racing creators all get the key that was stored first`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let subjects = try (0..<20).map { try DataSubject("customer:\($0)") }
            let sealed = try await withThrowingTaskGroup(of: [SealedValue].self) { group in
                for _ in 0..<8 {
                    // Each has a memory of its own, as processes have.
                    let keyring = try world.keyring()
                    group.addTask {
                        let keys = try await keyring.sealingKeys(of: Set(subjects), in: .default)
                        return try subjects.map { subject in
                            guard case .key(let key) = keys[subject] else { throw StoreError.keys(.cipher) }
                            return try key.seal(
                                "a", at: SealedPlace(workspace: .default, event: SequentialIDs.id(1), path: .root))
                        }
                    }
                }
                return try await group.reduce(into: Set<[SealedValue]>()) { $0.insert($1) }
            }
            #expect(sealed.count == 1)
            #expect(try await world.keys.keyCensus() == KeyCensus(live: ["first": 20]))
        }
    }

    @Test(arguments: SealingStores.available)
    func `a destroyed key holds nothing, stays destroyed, and its first destruction stays recorded`(
        _ isPostgres: Bool
    ) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let subject = try DataSubject("customer:7")
            #expect(try await world.keys.destroyKeys(of: subject, in: .default, by: nil, because: nil).isEmpty)
            _ = try await world.keys.create([Self.key("customer:7"), Self.key("customer:8")])
            let first = try await world.keys.destroyKeys(of: subject, in: .default, by: "ada", because: "request")
            let again = try await world.keys.destroyKeys(of: subject, in: .default, by: "bob", because: "again")
            #expect(first == again && first.count == 1)
            #expect(first[0].destruction?.actor == "ada" && first[0].destruction?.reason == "request")
            #expect(try await world.keys.keyCensus() == KeyCensus(live: ["first": 1], destroyed: 1))
            // The same generation cannot come back; the next one can.
            #expect(try await world.keys.create([Self.key("customer:7")])[0].destruction != nil)
            #expect(try await world.keys.create([Self.key("customer:7", 2)])[0].destruction == nil)
            #expect(try await world.keys.create([Self.key("customer:7", 3)])[0].id.generation == 2)
            #expect(try await world.keys.allKeys(of: subject, in: .default).map(\.id.generation) == [1, 2])
            #expect(try await world.keys.allKeys(of: subject, in: Workspace("acme")).isEmpty)
        }
    }

    @Test(arguments: SealingStores.available)
    func `a key is exchanged only while it is what is stored`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let old = try Self.key("customer:7")
            _ = try await world.keys.create([old])
            let new = WrappedKey(id: old.id, masterKey: "second", bytes: try Self.key("customer:7").bytes)
            #expect(try await world.keys.rewrap([KeyRewrapping(old: new, new: old)]) == 0)
            #expect(try await world.keys.rewrap([KeyRewrapping(old: old, new: new)]) == 1)
            #expect(try await world.keys.rewrap([KeyRewrapping(old: old, new: new)]) == 0)
            _ = try await world.keys.destroyKeys(of: old.id.subject, in: .default, by: nil, because: nil)
            #expect(try await world.keys.rewrap([KeyRewrapping(old: new, new: old)]) == 0)
            #expect(try await world.keys.keys([old.id])[0].destruction != nil)
        }
    }

    @Test(arguments: SealingStores.available)
    func `a rotation that was interrupted goes on where it was, and everything is read all the while`(
        _ isPostgres: Bool
    ) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let drafts = (0..<1_000).map { SealingWorld.note("text \($0)", of: "customer:\($0)") }
            _ = try await world.sealing().append(AppendRequest(drafts, to: "note-1", expecting: .any))
            let both = [SealingWorld.second, SealingWorld.first]
            let faulty = FaultyKeyStore(world.keys, failingAfterRewraps: 1)
            await #expect(throws: StoreError.self) {
                try await KeyRotation(faulty, to: try MasterKeys(spellings: both)).run()
            }
            let half = try await world.keys.keyCensus().live
            #expect(half["first"] == 500 && half["second"] == 500)
            let reader = try world.sealing(masterKeys: both)
            #expect(try await reader.read(EventQuery()).events.map(\.data) == drafts.map(\.data))
            let rotation = KeyRotation(world.keys, to: try MasterKeys(spellings: both))
            #expect(try await rotation.pending() == 500)
            #expect(try await rotation.run() == 500)
            #expect(try await rotation.run() == 0)
            #expect(try await world.keys.keyCensus() == KeyCensus(live: ["second": 1_000]))
            // The old key is of no use any more, and the new one alone is enough.
            let alone = try world.sealing(masterKeys: [SealingWorld.second])
            #expect(try await alone.read(EventQuery()).events.map(\.data) == drafts.map(\.data))
            // A retry after a rotation is still a repeat.
            guard case .repeated = try await alone.append(AppendRequest(drafts, to: "note-1", expecting: .any)) else {
                Issue.record("not a repeat")
                return
            }
            await #expect(throws: StoreError.keys(.unknownMasterKey(id: "second"))) {
                try await world.sealing().read(EventQuery())
            }
        }
    }

    @Test(arguments: SealingStores.available)
    func `a wrong master key under the right name opens nothing, seals nothing and rotates nothing`(
        _ isPostgres: Bool
    ) async throws {
        try await SealingWorld.with(isPostgres) { world in
            _ = try await world.sealing().append(AppendRequest([SealingWorld.note("a")], to: "note-1", expecting: .any))
            let wrong = [SealingWorld.second.replacing("second:", with: "first:")]
            let flaw = StoreError.keys(.wrongMasterKey(id: "first"))
            await #expect(throws: flaw) { try await world.sealing(masterKeys: wrong).read(EventQuery()) }
            await #expect(throws: flaw) {
                try await world.sealing(masterKeys: wrong).append(
                    AppendRequest([SealingWorld.note("b")], to: "note-1", expecting: .any))
            }
            let others = [SealingWorld.second.replacing("second:", with: "third:")] + wrong
            await #expect(throws: flaw) { try await KeyRotation(world.keys, to: MasterKeys(spellings: others)).run() }
            #expect(try await world.keys.keyCensus().live == ["first": 1])
            #expect(try await world.log.head().position == .init(1))
        }
    }

    @Test(.enabled(if: SealingStores.available.contains(true)))
    func `the database itself refuses to remove keys, to revive them, and to go without them`() async throws {
        try await SealingWorld.with(true) { world in
            _ = try await world.keys.create([Self.key("customer:7")])
            _ = try await world.keys.destroyKeys(of: DataSubject("customer:7"), in: .default, by: nil, because: nil)
            let configuration = try #require(world.configuration)
            try await PostgresConnection.with(configuration) { connection in
                for statement in [
                    "delete from lockstep.subject_keys", "truncate lockstep.subject_keys",
                    "update lockstep.subject_keys set destroyed_at = null, wrapped = decode(repeat('00', 60), 'hex'), master_key = 'x'",
                    "insert into lockstep.subject_keys (workspace, subject, generation, destroyed_at, wrapped, master_key) values ('a', 'b', 1, now(), decode(repeat('00', 60), 'hex'), 'x')",
                    "insert into lockstep.subject_keys (workspace, subject, generation) values ('a', 'b', 1)",
                ] {
                    await #expect(throws: PostgresError.self) { try await connection.execute(statement) }
                }
            }
            do {
                while try await Migrator(configuration).down() != nil {}
                Issue.record("the keys are gone")
            } catch MigrationError.failed(let version, _, let reason) {
                #expect(version == 3 && reason.contains("holds keys"))
            }
        }
    }
}

/// A key store that stops working after some exchanges.
final class FaultyKeyStore: SubjectKeyStore {
    private let store: any SubjectKeyStore
    private let rewrapsLeft: Countdown

    init(_ store: any SubjectKeyStore, failingAfterRewraps count: Int) {
        self.store = store
        rewrapsLeft = Countdown(count)
    }

    func newestKeys(of subjects: [DataSubject], in workspace: Workspace) async throws(StoreError) -> [StoredSubjectKey]
    { try await store.newestKeys(of: subjects, in: workspace) }
    func allKeys(of subject: DataSubject, in workspace: Workspace) async throws(StoreError) -> [StoredSubjectKey] {
        try await store.allKeys(of: subject, in: workspace)
    }
    func keys(_ ids: [SubjectKeyID]) async throws(StoreError) -> [StoredSubjectKey] { try await store.keys(ids) }
    func create(_ keys: [WrappedKey]) async throws(StoreError) -> [StoredSubjectKey] { try await store.create(keys) }
    func destroyKeys(
        of subject: DataSubject, in workspace: Workspace, by actor: String?, because reason: String?
    ) async throws(StoreError) -> [StoredSubjectKey] {
        try await store.destroyKeys(of: subject, in: workspace, by: actor, because: reason)
    }
    func keys(notWrappedBy masterKey: String, limit: Int) async throws(StoreError) -> [WrappedKey] {
        try await store.keys(notWrappedBy: masterKey, limit: limit)
    }
    func rewrap(_ changes: [KeyRewrapping]) async throws(StoreError) -> Int {
        guard rewrapsLeft.take() else { throw .failed(reason: "the plug was pulled") }
        return try await store.rewrap(changes)
    }
    func keyCensus() async throws(StoreError) -> KeyCensus { try await store.keyCensus() }
    func anyKey(wrappedBy masterKey: String) async throws(StoreError) -> WrappedKey? {
        try await store.anyKey(wrappedBy: masterKey)
    }
}
