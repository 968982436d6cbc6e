import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `Subscribing` {
    /// Reads until `last` has been handed out.
    private static func positions(
        of store: StoreUnderTest, after start: GlobalPosition, through last: GlobalPosition, batchLimit: Int = 10
    ) async throws -> [Int64] {
        var seen: [Int64] = []
        let options = SubscriptionOptions(batchLimit: batchLimit, pollInterval: .milliseconds(20))
        for try await batch in Subscription(to: store, after: start, options: options) {
            #expect(!batch.events.isEmpty && batch.events.count <= batchLimit)
            seen += batch.events.map(\.position.rawValue)
            if let position = batch.events.last?.position, position >= last { break }
        }
        return seen
    }

    @Test(arguments: StoreKind.available)
    func `history comes first, then what is appended later`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(25), to: "account-1", expecting: .noStream)
            var events = Subscription(to: store, after: .start, options: .init(batchLimit: 10)).makeAsyncIterator()
            var tails: [Bool] = []
            for _ in 0..<3 { tails.append(try #require(try await events.next()).isTail) }
            #expect(tails == [false, false, true])
            #expect(events.position == .init(25))
            async let later = store.append([.draft()], to: "account-1", expecting: .any)
            let batch = try #require(try await events.next())
            #expect(batch.events.map(\.position) == [.init(26)])
            _ = try await later
        }
    }

    @Test(arguments: StoreKind.available, [0, 1, 9, 10, 24])
    func `a subscription resumes behind any position`(_ kind: StoreKind, _ start: Int64) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(25), to: "account-1", expecting: .noStream)
            let seen = try await Self.positions(of: store, after: .init(start), through: .init(25))
            #expect(seen == Array(start + 1...25))
        }
    }

    @Test(arguments: StoreKind.available)
    func `every event is seen once and in order while eight writers append`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for reader in 0..<2 {
                    group.addTask {
                        let seen = try await Self.positions(
                            of: store, after: .start, through: .init(320), batchLimit: reader == 0 ? 3 : 1_000)
                        #expect(seen == Array(1...320))
                    }
                }
                for writer in 0..<8 {
                    group.addTask {
                        for count in 0..<20 {
                            let stream = try StreamName("account-\((writer + count) % 5)")
                            try await store.append(EventDraft.drafts(2), to: stream, expecting: .any)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a cancelled subscription ends without an error`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let reader = Task {
                var events = Subscription(to: store, after: .start).makeAsyncIterator()
                return try await events.next() == nil
            }
            reader.cancel()
            let endedQuietly = try await reader.value
            #expect(endedQuietly)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a subscription ahead of the log stops instead of waiting for it`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append([.draft()], to: "account-1", expecting: .noStream)
            var events = Subscription(to: store, after: .init(2)).makeAsyncIterator()
            let error = await #expect(throws: StoreError.self) { try await events.next() }
            guard case .corrupt(at: GlobalPosition(1), _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `waiting ends with an append, and with its limit`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append([.draft()], to: "account-1", expecting: .noStream)
            try await store.waitForEvents(after: .start, atMost: .seconds(600))
            try await store.waitForEvents(after: .init(1), atMost: .milliseconds(1))
        }
    }
}
