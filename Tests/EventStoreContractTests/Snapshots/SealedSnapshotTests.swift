import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite struct `Snapshots of personal data` {
    private static let stream: StreamName = "note-1"
    private static let key = SnapshotKey(workspace: .default, stream: stream, fold: "note")
    private static let marker = "MARKER of a person"

    /// A notebook of whatever is readable.
    private enum Notebook: Decider {
        struct State: Snapshotable {
            var texts: [JSONValue] = []
            init() {}
            var snapshot: JSONValue { .array(texts) }
            init(snapshot: PayloadReader) throws(EventFlaw) { texts = snapshot.value.array ?? [] }
        }
        enum Refusal: Error {}
        static var initialState: State { State() }
        static func evolve(_ state: State, _ event: Note) -> State {
            var state = state
            state.texts.append(event.payload)
            return state
        }
        static func decide(_ command: Void, _ state: State) throws(Refusal) -> [Note] { [] }
    }

    private struct Note: DomainEvent {
        static let category = "note"
        static let personalMarks: [PersonalMark] = []
        let payload: JSONValue
        var type: EventType { EventType(trusting: "note.written") }
        var schemaVersion: Int32 { 1 }
        init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
            self.payload = try payload.value("text")
        }
    }

    /// A process of its own: nothing remembered.
    private static func process(
        _ world: SealingWorld, _ store: any SnapshotStore, checkedOneIn: Int = 0
    ) throws -> SealingEventStore<StoreUnderTest> {
        let keys = try world.keyring()
        let snapshots = Snapshots(
            store, of: [SnapshotFold(of: Notebook.self, samples: [])], keys: keys,
            limits: SnapshotLimits(askedBehind: 3, foldedEvents: 5, checkedOneIn: checkedOneIn))
        return SealingEventStore(
            world.log, marks: SealingWorld.marks, keys: keys, reading: .plain, snapshots: snapshots)
    }

    private static func load(_ log: SealingEventStore<StoreUnderTest>) async throws -> [JSONValue] {
        try await JointHandler(log).state(of: stream, by: Notebook.self).texts
    }

    private static func store(_ world: SealingWorld) throws -> any SnapshotStore {
        if let keys = world.keys as? InMemorySubjectKeys { return InMemorySnapshots(keys: keys) }
        return try #require(world.keys as? any SnapshotStore)
    }

    /// Ten notes of two customers, and the snapshot that a first process leaves behind.
    private static func fill(_ world: SealingWorld, _ store: any SnapshotStore) async throws {
        let log = try process(world, store)
        for number in 0..<10 {
            _ = try await log.append(
                AppendRequest(
                    [SealingWorld.note("\(marker) \(number)", of: "customer:\(7 + number % 2)")], to: stream,
                    expecting: .any))
        }
        let reader = try process(world, store)
        #expect(try await load(reader).count == 10)
        await reader.snapshots?.settle()
    }

    @Test(arguments: SealingStores.available)
    func `are sealed under the keys of everybody who is in them, and open for whoever has those`(
        _ isPostgres: Bool
    ) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let store = try Self.store(world)
            try await Self.fill(world, store)
            let kept = try #require(try await store.snapshot(Self.key))
            #expect(kept.keys.map(\.subject.text) == ["customer:7", "customer:8"])
            #expect(!String(decoding: kept.state, as: UTF8.self).contains("MARKER"))
            let reader = try Self.process(world, store, checkedOneIn: 1)
            #expect(try await Self.load(reader).map(\.string) == (0..<10).map { "\(Self.marker) \($0)" })
            await reader.snapshots?.settle()
            #expect(reader.snapshots?.statistics.used == 1 && reader.snapshots?.statistics.confirmed == 1)
            let unseeing = try world.sealing(.sealed)
            #expect(unseeing.snapshots == nil)
        }
    }

    @Test(arguments: SealingStores.available)
    func `go at once when one of them is erased, and come back without what is gone`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let store = try Self.store(world)
            try await Self.fill(world, store)
            let stale = try #require(try await store.snapshot(Self.key))
            // It has the keys in its memory still.
            let before = try Self.process(world, store)
            _ = try await Self.load(before)
            _ = try await world.eraser().erase(DataSubject("customer:7"))
            #expect(try await store.snapshot(Self.key) == nil)
            #expect(try await store.keep(stale, over: nil) == .erased)
            let after = try Self.process(world, store)
            let texts = try await Self.load(after)
            #expect(texts.count { $0.erasedSubject == "customer:7" } == 5 && texts.count { $0.string != nil } == 5)
            await after.snapshots?.settle()
            let kept = try #require(try await store.snapshot(Self.key))
            #expect(kept.keys.map(\.subject.text) == ["customer:8"])
            let last = try Self.process(world, store, checkedOneIn: 1)
            #expect(try await Self.load(last) == texts)
            await last.snapshots?.settle()
            #expect(last.snapshots?.statistics.used == 1 && last.snapshots?.statistics.confirmed == 1)
        }
    }

    @Test(arguments: SealingStores.available)
    func `that are put down by a process that has not heard of the erasure are refused`(_ isPostgres: Bool) async throws
    {
        try await SealingWorld.with(isPostgres) { world in
            let store = try Self.store(world)
            try await Self.fill(world, store)
            #expect(try await store.dropSnapshots(of: SnapshotSelection()) == 1)
            let late = try Self.process(world, store)
            #expect(try await Self.load(late).count == 10)
            _ = try await world.eraser().erase(DataSubject("customer:8"))
            await late.snapshots?.settle()
            #expect(late.snapshots?.statistics.answers == [.erased: 1])
            #expect(try await store.snapshots(of: SnapshotSelection(), behind: nil, limit: 9).isEmpty)
        }
    }
}
