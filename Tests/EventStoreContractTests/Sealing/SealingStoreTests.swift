import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresDriver
import Testing

@Suite struct `Sealing on the way in and opening on the way out` {
    @Test(arguments: SealingStores.available)
    func `personal data is stored sealed, read plain with the right and sealed without`(_ isPostgres: Bool) async throws
    {
        try await SealingWorld.with(isPostgres) { world in
            let draft = SealingWorld.note("MARKER-1", lines: ["MARKER-2", ["deep": "MARKER-3"], .null])
            let sealing = try world.sealing()
            _ = try await sealing.append(AppendRequest([draft], to: "note-1", expecting: .noStream))
            #expect(try await !world.stored().joined().contains("MARKER"))
            let plain = try #require(try await sealing.read(EventQuery()).events.first)
            #expect(plain.data == draft.data && plain.id == draft.id && plain.stream == "note-1")
            #expect(try await world.sealing().read(StreamQuery("note-1")).events.first?.data == draft.data)
            for right: SealingEventStore<StoreUnderTest> in [
                try world.sealing(.sealed), try world.sealing(.sealed, masterKeys: []),
            ] {
                let hidden = try #require(try await right.read(EventQuery()).events.first)
                let value = try JSONValue(hidden.data)
                #expect(value["text"]?.isHidden == true && value["lines"]?[1]?.isHidden == true)
                #expect(value["lines"]?[2] == JSONValue.null && value["n"] == 1)
                #expect(value["subject"] == "customer:7")
            }
            try await Self.expectNoMarker(in: world)
        }
    }

    /// Looks at the bytes of every table.
    private static func expectNoMarker(in world: SealingWorld) async throws {
        guard let configuration = world.configuration else { return }
        try await PostgresConnection.with(configuration) { connection in
            let rows = try await connection.query(
                """
                select (select count(*) from lockstep.events where position('MARKER'::bytea in data) > 0
                    or position('MARKER'::bytea in metadata) > 0), (select count(*) from lockstep.subject_keys where length(wrapped) = 60)
                """)
            #expect(try rows.int64(0, 0) == 0 && rows.int64(0, 1) == 1)
        }
    }

    @Test(arguments: SealingStores.available)
    func `a retry seals to the same bytes, from another process too`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let request = AppendRequest(
                [SealingWorld.note("a"), SealingWorld.note("b", of: "customer:8")], to: "note-1", expecting: .noStream)
            let first = try #require(try await world.sealing().append(request).receipt)
            #expect(try await world.sealing().append(request) == .repeated(first))
            var other = request
            other.streams[0].events[0] = SealingWorld.note("x", id: request.streams[0].events[0].id)
            await #expect(throws: StoreError.self) { try await world.sealing().append(other) }
            #expect(try await world.log.head().position == .init(2))
        }
    }

    @Test(arguments: SealingStores.available)
    func `without a master key personal data is refused, and everything else passes`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let sealing = try world.sealing(.sealed, masterKeys: [])
            await #expect(throws: StoreError.keys(.noMasterKey)) {
                try await sealing.append(AppendRequest([SealingWorld.note("a")], to: "note-1", expecting: .any))
            }
            #expect(StoreError.keys(.noMasterKey).description.contains("LOCKSTEP_MASTER_KEY_FILE"))
            #expect(try await world.log.head().position == .start)
            let impersonal = EventDraft.draft("note.written", data: #"{ "subject":"customer:7", "text":null }"#)
            _ = try await sealing.append(
                AppendRequest([.draft("note.read"), impersonal], to: "note-1", expecting: .any))
            #expect(try await world.stored().last == #"{ "subject":"customer:7", "text":null }"#)
            await #expect(throws: StoreError.keys(.noMasterKey)) {
                _ = try await world.sealing().append(
                    AppendRequest([SealingWorld.note("a")], to: "note-1", expecting: .any))
                _ = try await world.sealing(.plain, masterKeys: []).read(EventQuery())
            }
        }
    }

    @Test(arguments: SealingStores.available)
    func `a plain value that looks sealed is sealed like any other`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let hostile = SealedValue(subject: "customer:9", key: "1", ciphertext: "AAAA").value
            let erased = SealedValue.erased(subject: "customer:9")
            var draft = SealingWorld.note("a", lines: [hostile, erased])
            draft.metadata = Array(#"{"$sealed":{"ct":"AAAA","key":"1","subject":"x"}}"#.utf8)
            let sealing = try world.sealing()
            _ = try await sealing.append(AppendRequest([draft], to: "note-1", expecting: .any))
            let event = try #require(try await sealing.read(EventQuery()).events.first)
            #expect(event.data == draft.data && event.metadata == draft.metadata)
        }
    }

    static let badSubjects: [(data: String, flaw: SubjectFlaw)] = [
        (#"{"subject":7,"text":"a"}"#, .notText(member: "subject", found: "number")),
        (#"{"subject":"","text":"a"}"#, .empty),
        (#"{"subject":"a\u0001","text":"a"}"#, .controlCharacter(1)),
        (#"{"subject":"\#(String(repeating: "x", count: 201))","text":"a"}"#, .tooLong(bytes: 201, limit: 200)),
    ]

    @Test(arguments: badSubjects.indices)
    func `data that name nobody who can be a subject are refused`(_ index: Int) async throws {
        try await SealingWorld.with(false) { world in
            let (data, flaw) = Self.badSubjects[index]
            let draft = EventDraft.draft("note.written", data: data)
            await #expect(throws: StoreError.refused(.unsealable(id: draft.id, .subject(flaw)))) {
                try await world.sealing().append(AppendRequest([draft], to: "note-1", expecting: .any))
            }
            let census = try await world.keys.keyCensus()
            #expect(census == KeyCensus())
        }
    }

    @Test(arguments: SealingStores.available)
    func `what the log would refuse makes no key`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            var draft = SealingWorld.note("a")
            draft.actor = ""
            await #expect(throws: StoreError.self) {
                try await world.sealing().append(AppendRequest([draft], to: "note-1", expecting: .any))
            }
            let large = SealingWorld.note(String(repeating: "x", count: 900_000))
            await #expect(throws: StoreError.self) {
                try await world.sealing().append(AppendRequest([large], to: "note-1", expecting: .any))
            }
            let head = try await world.log.head()
            #expect(head.position == .start)
        }
    }

    @Test(arguments: SealingStores.available)
    func `a value of 700 KiB passes`(_ isPostgres: Bool) async throws {
        try await SealingWorld.with(isPostgres) { world in
            let draft = SealingWorld.note(String(repeating: "0123456789abcdef", count: 700 * 64))
            let sealing = try world.sealing()
            _ = try await sealing.append(AppendRequest([draft], to: "note-1", expecting: .any))
            #expect(try await sealing.read(EventQuery()).events.first?.data == draft.data)
        }
    }

    @Test func `a ciphertext that was altered or moved stops the reader at its event`() async throws {
        try await SealingWorld.with(false) { world in
            let sealing = try world.sealing()
            _ = try await sealing.append(
                AppendRequest([SealingWorld.note("a"), SealingWorld.note("b")], to: "note-1", expecting: .any))
            let stored = try await world.log.readAll(EventQuery())
            let values = try stored.map { try #require(try JSONValue($0.data)["text"]) }
            for (forged, reason) in [
                (values[0], "moved"),
                (SealedValue(subject: "customer:7", key: "1", ciphertext: "AAAA").value, "malformed"),
                (SealedValue(subject: "customer:7", key: "2", ciphertext: "AAAA").value, "never made"),
                (SealedValue(subject: "nobody", key: "1", ciphertext: "AAAA").value, "never made"),
            ] {
                let other = InMemoryEventStore()
                var draft = SealingWorld.note("x")
                let data: JSONValue = ["subject": "customer:7", "text": forged]
                draft.data = data.canonicalBytes()
                _ = try await other.append(AppendRequest([draft], to: "note-1", expecting: .any))
                let reader = SealingEventStore(
                    other, marks: SealingWorld.marks, keys: try world.keyring(), reading: .plain)
                do {
                    _ = try await reader.read(EventQuery())
                    Issue.record("\(reason) was accepted")
                } catch StoreError.corrupt(let position, let text) {
                    #expect(position == .init(1) && text.contains(reason), "\(text)")
                }
            }
        }
    }
}
