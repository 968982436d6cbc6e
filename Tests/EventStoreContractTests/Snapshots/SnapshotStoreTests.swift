import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresDriver
import PostgresEventStore
import Testing

@Suite struct `Kept snapshots` {
    private static let fold = ContentDigest(of: [1])
    private static let otherFold = ContentDigest(of: [2])

    /// Runs `body` over an empty store of its own, and the keys beside it.
    private static func with(
        _ isPostgres: Bool,
        _ body: @escaping @Sendable (any SnapshotStore, any SubjectKeyStore) async throws -> Void
    ) async throws {
        guard isPostgres else {
            let keys = InMemorySubjectKeys()
            return try await body(InMemorySnapshots(keys: keys), keys)
        }
        try await StoreKind.withIdleStore { store, _ in try await body(store, store) }
    }

    private static func key(_ stream: StreamName = "note-1", _ fold: String = "note") -> SnapshotKey {
        SnapshotKey(workspace: .default, stream: stream, fold: fold)
    }

    private static func snapshot(
        _ version: Int64, of key: SnapshotKey = key(), event: UInt64? = nil, by fold: ContentDigest = fold,
        keys: [SubjectKeyID] = [], state: [UInt8] = [0, 1, 255]
    ) -> Snapshot {
        Snapshot(
            key: key,
            mark: SnapshotMark(
                version: StreamVersion(version), eventID: SequentialIDs.id(event ?? UInt64(version)), fingerprint: fold),
            position: GlobalPosition(version + 100), foldedBytes: 5_000_000_000, keys: keys, state: state,
            digest: ContentDigest(of: state))
    }

    private static func keyID(_ subject: String) throws -> SubjectKeyID {
        SubjectKeyID(workspace: .default, subject: try DataSubject(subject), generation: 1)
    }

    /// Makes the first key of each subject.
    private static func make(_ subjects: [String], in keys: any SubjectKeyStore) async throws -> [SubjectKeyID] {
        var random = SystemRandomNumberGenerator()
        var made: [SubjectKeyID] = []
        for subject in subjects {
            let id = try keyID(subject)
            let master = try MasterKeys(spellings: [SealingWorld.first]).current
            _ = try await keys.create([try master.wrap(SubjectKey(id, using: &random), using: &random)])
            made.append(id)
        }
        return made
    }

    @Test(arguments: SealingStores.available)
    func `come back as they were, one for each stream and fold`(_ isPostgres: Bool) async throws {
        try await Self.with(isPostgres) { store, keys in
            let ids = try await Self.make(["customer:8", "customer:\"é\""], in: keys)
            let all = [
                Self.snapshot(7), Self.snapshot(8, of: Self.key("note-2"), keys: ids, state: []),
                Self.snapshot(9, of: Self.key("note-1", "other"), keys: [ids[1]]),
            ]
            #expect(try await store.snapshot(Self.key()) == nil)
            for snapshot in all { #expect(try await store.keep(snapshot, over: nil) == .kept) }
            for snapshot in all { #expect(try await store.snapshot(snapshot.key) == snapshot) }
            let elsewhere = SnapshotKey(workspace: try Workspace("acme"), stream: "note-1", fold: "note")
            #expect(try await store.snapshot(elsewhere) == nil)
        }
    }

    @Test(arguments: SealingStores.available)
    func `are replaced by later ones, and by whoever has seen that they are of no use`(_ isPostgres: Bool) async throws
    {
        try await Self.with(isPostgres) { (store, _) async throws in
            #expect(try await store.keep(Self.snapshot(5), over: nil) == .kept)
            #expect(try await store.keep(Self.snapshot(5, state: [9]), over: nil) == .overtaken)
            #expect(try await store.keep(Self.snapshot(4), over: nil) == .overtaken)
            #expect(try await store.keep(Self.snapshot(9), over: nil) == .kept)
            // Somebody who has seen the one of version 5 knows nothing of the one of version 9.
            #expect(try await store.keep(Self.snapshot(4), over: Self.snapshot(5).mark) == .overtaken)
            let another = Self.snapshot(9, event: 77).mark
            #expect(try await store.keep(Self.snapshot(4), over: another) == .overtaken)
            #expect(try await store.keep(Self.snapshot(4, by: Self.otherFold), over: Self.snapshot(9).mark) == .kept)
            #expect(try await store.snapshot(Self.key()) == Self.snapshot(4, by: Self.otherFold))
        }
    }

    @Test(arguments: SealingStores.available)
    func `of racing writers the latest stays`(_ isPostgres: Bool) async throws {
        try await Self.with(isPostgres) { store, _ in
            let answers = try await withThrowingTaskGroup(of: SnapshotAnswer.self) { group in
                for version in (1...20).shuffled() {
                    group.addTask { try await store.keep(Self.snapshot(Int64(version)), over: nil) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.contains(.kept) && answers.allSatisfy { $0 == .kept || $0 == .overtaken })
            #expect(try await store.snapshot(Self.key()) == Self.snapshot(20))
        }
    }

    @Test(arguments: SealingStores.available)
    func `go with the key of anybody whose data is in them, and are not kept afterwards`(_ isPostgres: Bool)
        async throws
    {
        try await Self.with(isPostgres) { store, keys in
            let ids = try await Self.make(["customer:7", "customer:8"], in: keys)
            let (both, other) = (Self.snapshot(7, keys: ids), Self.snapshot(8, of: Self.key("note-2"), keys: [ids[1]]))
            let open = Self.snapshot(9, of: Self.key("note-3"))
            for snapshot in [both, other, open] { #expect(try await store.keep(snapshot, over: nil) == .kept) }
            _ = try await keys.destroyKeys(of: ids[0].subject, in: .default, by: nil, because: nil)
            #expect(try await store.snapshot(both.key) == nil)
            #expect(try await store.snapshots(of: SnapshotSelection(), behind: nil, limit: 9).count == 2)
            #expect(try await store.snapshot(other.key) == other)
            #expect(try await store.keep(both, over: nil) == .erased)
            let unknown = try Self.keyID("nobody:1")
            #expect(try await store.keep(Self.snapshot(10, keys: [unknown]), over: nil) == .erased)
            #expect(try await store.snapshot(both.key) == nil)
        }
    }

    @Test(arguments: SealingStores.available)
    func `that do not agree take all with them that the same fold has made, until they are forgiven`(
        _ isPostgres: Bool
    ) async throws {
        try await Self.with(isPostgres) { store, _ in
            let kept = [
                Self.snapshot(1), Self.snapshot(2, of: Self.key("note-2")),
                Self.snapshot(3, of: Self.key("note-3"), by: Self.otherFold),
                Self.snapshot(4, of: Self.key("note-4", "other")),
            ]
            for snapshot in kept { #expect(try await store.keep(snapshot, over: nil) == .kept) }
            let mismatch = SnapshotMismatch(
                key: kept[0].key, mark: kept[0].mark, foundAt: Timestamp(microseconds: 1_770_000_000_000_001))
            for _ in 0..<2 { try await store.record(mismatch) }
            #expect(try await store.snapshotMismatches(limit: 10) == [mismatch])
            let left = try await store.snapshots(of: SnapshotSelection(), behind: nil, limit: 10)
            #expect(left.map(\.key) == [kept[2].key, kept[3].key])
            #expect(try await store.keep(Self.snapshot(9), over: nil) == .distrusted)
            #expect(try await store.forgiveMismatches(of: "other") == 0)
            #expect(try await store.forgiveMismatches(of: "note") == 1)
            #expect(try await store.keep(Self.snapshot(9), over: nil) == .kept)
        }
    }

    @Test(arguments: SealingStores.available)
    func `are listed in order and in pages, and dropped by what they are of`(_ isPostgres: Bool) async throws {
        try await Self.with(isPostgres) { store, keys in
            let ids = try await Self.make(["customer:7"], in: keys)
            for number in 1...9 {
                let stream = StreamName(stringLiteral: "note-\(number)")
                let snapshot = Self.snapshot(Int64(number), of: Self.key(stream), keys: number == 3 ? ids : [])
                #expect(try await store.keep(snapshot, over: nil) == .kept)
            }
            #expect(try await store.keep(Self.snapshot(1, of: Self.key("note-4", "other")), over: nil) == .kept)
            try await store.confirm(Self.snapshot(2).mark, of: Self.key("note-2"))
            try await store.confirm(Self.snapshot(7).mark, of: Self.key("note-1"))
            let all = try await store.snapshots(of: SnapshotSelection(), behind: nil, limit: 100)
            #expect(all.count == 10 && all[2].keys == 1 && all[2].bytes == 3 && all[2].foldedBytes == 5_000_000_000)
            #expect(all.filter { $0.confirmedAt != nil }.map(\.key.stream) == ["note-2"])
            var paged: [SnapshotEntry] = []
            while let page = Optional(
                try await store.snapshots(of: SnapshotSelection(), behind: paged.last?.key, limit: 3)), !page.isEmpty
            {
                paged += page
            }
            #expect(paged == all)
            let one = SnapshotSelection(workspace: .default, stream: "note-4", fold: "note")
            #expect(try await store.snapshots(of: one, behind: nil, limit: 9).map(\.mark.version) == [StreamVersion(4)])
            #expect(try await store.dropSnapshots(of: one) == 1)
            #expect(try await store.dropSnapshots(of: SnapshotSelection(workspace: try Workspace("acme"))) == 0)
            #expect(try await store.dropSnapshots(of: SnapshotSelection(fold: "note")) == 8)
            #expect(try await store.dropSnapshots(of: SnapshotSelection()) == 1)
        }
    }
}
