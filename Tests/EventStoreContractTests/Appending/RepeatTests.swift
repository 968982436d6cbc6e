import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `Repeated appends` {
    @Test(arguments: StoreKind.available)
    func `a retry of one event returns its first position`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let event = EventDraft.draft()
            let first = try await store.append([event], to: "account-1", expecting: .any)
            try await store.append([.draft()], to: "account-1", expecting: .any)
            let second = try await store.append([event], to: "account-1", expecting: .any)
            let receipt = try #require(first.receipt)
            #expect(second == .repeated(receipt))
            #expect(try await store.head().position == .init(2))
        }
    }

    static let expectationsOfTheFirstTry: [ExpectedVersion] = [.noStream, .any]

    @Test(arguments: StoreKind.available, expectationsOfTheFirstTry)
    func `a retry is a repeat although its expectation no longer holds`(
        _ kind: StoreKind, _ expected: ExpectedVersion
    ) async throws {
        try await kind.withStore { store in
            let request = AppendRequest(EventDraft.drafts(3), to: "account-1", expecting: expected)
            let first = try await store.append(request)
            let second = try await store.append(request)
            #expect(second == .repeated(try #require(first.receipt)))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a retried exactly(n) is a repeat, not a conflict`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append([.draft()], to: "account-1", expecting: .noStream)
            let request = AppendRequest(EventDraft.drafts(2), to: "account-1", expecting: .exactly(1))
            #expect(
                try await store.append(request)
                    == .appended(.init(first: .init(2), last: .init(3), versions: [.init(3)])))
            #expect(
                try await store.append(request)
                    == .repeated(.init(first: .init(2), last: .init(3), versions: [.init(3)])))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a retry over several streams is a repeat with the versions of then`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let request = AppendRequest(streams: [
                StreamAppend(EventDraft.drafts(2), to: "account-1", expecting: .noStream),
                StreamAppend(EventDraft.drafts(1), to: "account-2", expecting: .noStream),
            ])
            let first = try await store.append(request)
            try await store.append([.draft()], to: "account-1", expecting: .any)
            let second = try await store.append(request)
            #expect(second == .repeated(try #require(first.receipt)))
            #expect(second.receipt?.versions == [.init(2), .init(1)])
        }
    }

    @Test(arguments: StoreKind.available)
    func `metadata, times, actor and conversation may differ in a retry, and the first ones stay`(
        _ kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let first = EventDraft.draft(metadata: #"{"try":1}"#, actor: "ada")
            var second = first
            second.metadata = Array(#"{"try":2}"#.utf8)
            second.occurredAt = first.occurredAt.advanced(by: .seconds(60))
            second.actor = "bob"
            second.correlationID = SequentialIDs.id(7)
            try await store.append([first], to: "account-1", expecting: .any)
            guard case .repeated = try await store.append([second], to: "account-1", expecting: .any) else {
                Issue.record("not a repeat")
                return
            }
            let stored = try #require(try await store.readAll(StreamQuery("account-1")).first)
            #expect(stored.metadata == first.metadata)
            #expect(stored.occurredAt == first.occurredAt)
            #expect(stored.actor == "ada")
            #expect(stored.correlationID == nil)
        }
    }

    static let otherContent: [@Sendable (inout AppendRequest) throws -> Void] = [
        { $0.streams[0].events[0].data = Array(#"{"other":true}"#.utf8) },
        { $0.streams[0].events[0].type = EventType(trusting: "account.closed") },
        { $0.streams[0].events[0].schemaVersion = 2 },
        { $0.streams[0].stream = "account-2" },
        { $0.workspace = try Workspace("other") },
    ]

    @Test(arguments: StoreKind.available, otherContent.indices)
    func `an id that is in the log with other content is refused`(_ kind: StoreKind, _ change: Int) async throws {
        try await kind.withStore { store in
            try await store.append([.draft()], to: "account-9", expecting: .any)
            var request = AppendRequest([.draft(data: "{}")], to: "account-1", expecting: .any)
            _ = try await store.append(request)
            try Self.otherContent[change](&request)
            let flaw = AppendFlaw.idReused(id: request.streams[0].events[0].id, at: .init(2))
            await #expect(throws: StoreError.refused(flaw)) { try await store.append(request) }
            #expect(try await store.head().position == .init(2))
        }
    }

    @Test(arguments: StoreKind.available)
    func `an append of which a part is known is refused whole`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let known = EventDraft.draft()
            try await store.append([known], to: "account-1", expecting: .any)
            let flaw = AppendFlaw.partlyRepeated(known: 1, of: 2, firstKnown: known.id)
            await #expect(throws: StoreError.refused(flaw)) {
                try await store.append([.draft(), known], to: "account-1", expecting: .any)
            }
            #expect(try await store.head().position == .init(1))
        }
    }

    @Test(arguments: StoreKind.available)
    func `known events that were not appended together are refused`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let (first, second) = (EventDraft.draft(), EventDraft.draft())
            try await store.append([first], to: "account-1", expecting: .any)
            try await store.append([.draft()], to: "account-2", expecting: .any)
            try await store.append([second], to: "account-1", expecting: .any)
            let flaw = AppendFlaw.partlyRepeated(known: 2, of: 2, firstKnown: first.id)
            await #expect(throws: StoreError.refused(flaw)) {
                try await store.append([first, second], to: "account-1", expecting: .any)
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `known events in another order are refused`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let events = EventDraft.drafts(3)
            try await store.append(events, to: "account-1", expecting: .any)
            let flaw = AppendFlaw.partlyRepeated(known: 3, of: 3, firstKnown: events[2].id)
            await #expect(throws: StoreError.refused(flaw)) {
                try await store.append(events.reversed(), to: "account-1", expecting: .any)
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `of many tries of one append at once one is stored and all answer alike`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let request = AppendRequest(EventDraft.drafts(2), to: "account-1", expecting: .noStream)
            let outcomes = try await withThrowingTaskGroup(of: AppendOutcome.self) { group in
                for _ in 0..<12 { group.addTask { try await store.append(request) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let receipt = AppendReceipt(first: .init(1), last: .init(2), versions: [.init(2)])
            #expect(outcomes.count { $0 == .appended(receipt) } == 1)
            #expect(outcomes.count { $0 == .repeated(receipt) } == 11)
            #expect(try await store.head().position == .init(2))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a retry in the company of strangers harms none of them`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let known = EventDraft.draft()
            try await store.append([known], to: "account-0", expecting: .any)
            let outcomes = try await withThrowingTaskGroup(of: (Int, AppendOutcome).self) { group in
                for number in 0..<24 {
                    group.addTask {
                        let event = number % 6 == 0 ? known : .draft()
                        let stream = try StreamName(number % 6 == 0 ? "account-0" : "account-\(number)")
                        return (number, try await store.append([event], to: stream, expecting: .any))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (number, outcome) in outcomes {
                if number % 6 == 0 {
                    #expect(outcome == .repeated(.init(first: .init(1), last: .init(1), versions: [.init(1)])))
                } else {
                    #expect(outcome.receipt?.versions == [.init(1)])
                }
            }
            #expect(try await store.head().position == .init(21))
        }
    }
}
