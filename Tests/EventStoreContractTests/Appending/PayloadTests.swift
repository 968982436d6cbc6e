import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite struct `Hostile payloads and names` {
    /// What PostgreSQL's `jsonb` takes, and we with it.
    static let accepted: [String] = [
        "{}", "[]", "null", "true", "0", "-0", "\"\"", " { \"a\" :\t1 }\r\n", #"{"":{"":[]}}"#, "1e308", "1e-400",
        "123456789012345678901234567890.123456789012345678901234567890", #""é😀\u2028\u2029\ud83d\ude00\/\"\\""#,
        #"{"__proto__":{"constructor":1},"toString":2}"#, #"{"a":{"k":1},"b":{"k":2}}"#,
        #"{"sql":"'; drop schema lockstep cascade; --","copy":"\\.","null":"\\N"}"#,
        String(repeating: "[", count: 128) + String(repeating: "]", count: 128),
        "\"\u{feff}\u{200b}\u{202e}\u{0301}\"", "\"\u{10ffff}\"", "\"\u{e9}\"", "\"e\u{301}\"",
    ]

    /// What no reader could be handed safely.
    static let refused: [[UInt8]] =
        [
            "", " ", "{", "}", "[1,]", "{\"a\":1,}", "{a:1}", "'a'", "nul", "NaN", "Infinity", "01", "1.", ".5", "+1",
            "1e", "\"\\x\"",
            "\"\\u0000\"", #""\ud800""#, #""\udc00\ud800""#, #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, "1 2",
            "// c\n1", "\u{feff}1",
            "\"a\nb\"", "1e131072", "0e1073741823", "1e-16384",
            String(repeating: "[", count: 129) + String(repeating: "]", count: 129),
        ].map { Array($0.utf8) } + [
            [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
            [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0x00, 0x22], [0x31, 0x00], [0x22, 0xe2, 0x82, 0x22],
        ]

    @Test(arguments: StoreKind.available)
    func `what is accepted is read back byte for byte`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let drafts = Self.accepted.map { EventDraft.draft(data: $0, metadata: #"{"payload":\#($0)}"#) }
                .filter { $0.data.count < 200 }
            try await store.append(drafts, to: "account-1", expecting: .noStream)
            let events = try await store.readAll(EventQuery())
            #expect(events.map(\.data) == drafts.map(\.data))
            #expect(events.map(\.metadata) == drafts.map(\.metadata))
            let deep = EventDraft.draft(data: Self.accepted[16])
            try await store.append([deep], to: "account-2", expecting: .noStream)
            #expect(try await store.readAll(StreamQuery("account-2")).map(\.data) == [deep.data])
        }
    }

    @Test(arguments: StoreKind.available)
    func `what is refused is refused at the door and stores nothing`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            for payload in Self.refused {
                var draft = EventDraft.draft()
                draft.data = payload
                do {
                    try await store.append([.draft(), draft], to: "account-1", expecting: .any)
                    Issue.record("\(payload) was accepted")
                } catch StoreError.refused(.invalidData(let id, _)) {
                    #expect(id == draft.id)
                }
            }
            #expect(try await store.head().position == .start)
        }
    }

    static let keys: [String] = [
        "'; drop table lockstep.events; --", "$1", "\\", "\\.", "\\N", "a-b-c", " ", "%", "_", "\"", "null", "NULL",
        "{1,2}", "🙂", "a\tb",
        String(repeating: "k", count: 247),
    ]

    @Test(arguments: StoreKind.available)
    func `a stream key comes back unchanged or is no name at all`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            for key in Self.keys {
                guard let stream = try? StreamName("account-\(key)") else {
                    #expect(key == "🙂" || key == "a\tb")
                    continue
                }
                try await store.append([.draft()], to: stream, expecting: .noStream)
                #expect(try await store.readAll(StreamQuery(stream)).map(\.stream) == [stream])
            }
            let names = try await store.readAll(EventQuery()).map(\.stream.syncKey)
            #expect(names == Self.keys.filter { $0 != "🙂" && $0 != "a\tb" })
        }
    }

    @Test(arguments: StoreKind.available)
    func `every column of an event comes back as it was given`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let full = EventDraft(
                id: SequentialIDs.id(1), type: try EventType("account.opened"), schemaVersion: 32_767,
                data: Array("[1]".utf8), metadata: Array(#"{"m":1}"#.utf8), correlationID: SequentialIDs.id(2),
                causationID: SequentialIDs.id(3), actor: "Ada 'λ' \\ \"", occurredAt: .earliest)
            let bare = EventDraft.draft(id: SequentialIDs.id(4), at: .latest)
            try await store.append([full, bare], to: "account-1", expecting: .noStream)
            let events = try await store.readAll(EventQuery())
            try #require(events.count == 2)
            #expect(events[0].id == full.id)
            #expect(events[0].type == full.type)
            #expect(events[0].category.rawValue == "account")
            #expect(events[0].workspace == .default)
            #expect(events[0].schemaVersion == 32_767)
            #expect(events[0].correlationID == full.correlationID)
            #expect(events[0].causationID == full.causationID)
            #expect(events[0].actor == full.actor)
            #expect(events[0].occurredAt == .earliest)
            #expect(events[1].correlationID == nil)
            #expect(events[1].causationID == nil)
            #expect(events[1].actor == nil)
            #expect(events[1].occurredAt == .latest)
            #expect(events[0].recordedAt == events[1].recordedAt)
        }
    }

    @Test(arguments: StoreKind.available)
    func `recorded times never decrease and the head knows the last one`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            #expect(try await store.head().recordedAt == nil)
            for number in 0..<20 {
                try await store.append([.draft()], to: try StreamName("account-\(number)"), expecting: .noStream)
            }
            let times = try await store.readAll(EventQuery()).map(\.recordedAt)
            #expect(times == times.sorted())
            let head = try await store.head()
            #expect(head.recordedAt == times.last)
            #expect(head.position == .init(20))
            #expect(try await store.head().incarnation == head.incarnation)
        }
    }
}
