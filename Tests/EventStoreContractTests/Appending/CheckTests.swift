import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `Streams that an append only checks` {
    private static func request(
        _ events: [EventDraft] = [.draft()], _ checks: StreamCheck..., to stream: StreamName = "account-1"
    ) -> AppendRequest {
        AppendRequest(streams: [StreamAppend(events, to: stream, expecting: .any)], checks: checks)
    }

    @Test(arguments: StoreKind.available)
    func `let it through where they are as expected, and stay there`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(2), to: "account-2", expecting: .noStream)
            let outcome = try await store.append(
                Self.request(
                    EventDraft.drafts(3), StreamCheck("account-2", expecting: .exactly(2)),
                    StreamCheck("account-3", expecting: .noStream)))
            #expect(outcome == .appended(.init(first: .init(3), last: .init(5), versions: [.init(3)])))
            #expect(try await store.readAll(StreamQuery("account-2")).count == 2)
            #expect(try await store.readAll(StreamQuery("account-3")).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `keep it out where they are not`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(2), to: "account-2", expecting: .noStream)
            let outcome = try await store.append(
                Self.request([.draft()], StreamCheck("account-2", expecting: .exactly(1))))
            let conflict = VersionConflict(stream: "account-2", expected: .exactly(1), actual: .init(2))
            #expect(outcome == .conflict(conflict))
            #expect(try await store.head().position == .init(2))
        }
    }

    @Test(arguments: StoreKind.available)
    func `do not keep a repeat from being recognised`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let request = Self.request(EventDraft.drafts(2), StreamCheck("account-2", expecting: .noStream))
            let first = try await store.append(request)
            try await store.append([.draft()], to: "account-2", expecting: .noStream)
            #expect(try await store.append(request).receipt == first.receipt)
            #expect(try await store.head().position == .init(3))
        }
    }

    @Test(arguments: StoreKind.available)
    func `are not written by the same append`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            await #expect(throws: StoreError.refused(.duplicateStream("account-1"))) {
                _ = try await store.append(Self.request([.draft()], StreamCheck("account-1", expecting: .noStream)))
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `let exactly one of two through that each write what the other has read`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let requests = [
                Self.request([.draft()], StreamCheck("account-2", expecting: .noStream), to: "account-1"),
                Self.request([.draft()], StreamCheck("account-1", expecting: .noStream), to: "account-2"),
            ]
            let outcomes = try await withThrowingTaskGroup(of: AppendOutcome.self) { group in
                for request in requests { group.addTask { try await store.append(request) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0.receipt != nil } == 1)
            #expect(try await store.head().position == .init(1))
        }
    }
}
