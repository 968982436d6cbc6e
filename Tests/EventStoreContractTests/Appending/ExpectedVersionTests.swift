import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `Expected versions` {
    static let onAnEmptyStream: [(ExpectedVersion, Bool)] = [
        (.noStream, true), (.any, true), (.streamExists, false), (.exactly(1), false),
    ]
    static let onAStreamOfTwo: [(ExpectedVersion, Bool)] = [
        (.noStream, false), (.any, true), (.streamExists, true), (.exactly(2), true), (.exactly(1), false),
        (.exactly(3), false),
    ]

    @Test(arguments: StoreKind.available, onAnEmptyStream)
    func `a stream that does not exist satisfies only noStream and any`(
        _ kind: StoreKind, _ example: (expected: ExpectedVersion, isAppended: Bool)
    ) async throws {
        try await kind.withStore { store in
            let outcome = try await store.append([.draft()], to: "account-1", expecting: example.expected)
            if example.isAppended {
                #expect(outcome == .appended(.init(first: .init(1), last: .init(1), versions: [.init(1)])))
            } else {
                let conflict = VersionConflict(stream: "account-1", expected: example.expected, actual: nil)
                #expect(outcome == .conflict(conflict))
                #expect(try await store.head().position == .start)
            }
        }
    }

    @Test(arguments: StoreKind.available, onAStreamOfTwo)
    func `a stream of two events satisfies exactly two, exists and any`(
        _ kind: StoreKind, _ example: (expected: ExpectedVersion, isAppended: Bool)
    ) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(2), to: "account-1", expecting: .noStream)
            let outcome = try await store.append([.draft()], to: "account-1", expecting: example.expected)
            if example.isAppended {
                #expect(outcome == .appended(.init(first: .init(3), last: .init(3), versions: [.init(3)])))
            } else {
                let conflict = VersionConflict(stream: "account-1", expected: example.expected, actual: .init(2))
                #expect(outcome == .conflict(conflict))
                #expect(try await store.head().position == .init(2))
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `each stream of an append is judged by its own expectation`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append(EventDraft.drafts(2), to: "account-1", expecting: .noStream)
            let outcome = try await store.append(
                AppendRequest(streams: [
                    StreamAppend([.draft()], to: "account-1", expecting: .exactly(2)),
                    StreamAppend(EventDraft.drafts(3), to: "account-2", expecting: .noStream),
                ]))
            #expect(outcome == .appended(.init(first: .init(3), last: .init(6), versions: [.init(3), .init(3)])))
        }
    }

    @Test(arguments: StoreKind.available)
    func `one stream in conflict keeps every stream of the append out`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await store.append([.draft()], to: "account-1", expecting: .noStream)
            let outcome = try await store.append(
                AppendRequest(streams: [
                    StreamAppend([.draft()], to: "account-2", expecting: .noStream),
                    StreamAppend([.draft()], to: "account-1", expecting: .noStream),
                ]))
            let conflict = VersionConflict(stream: "account-1", expected: .noStream, actual: .init(1))
            #expect(outcome == .conflict(conflict))
            #expect(try await store.head().position == .init(1))
            #expect(try await store.readAll(StreamQuery("account-2")).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `streams of the same name in two workspaces are two streams`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let other = try Workspace("other")
            try await store.append([.draft()], to: "account-1", expecting: .noStream)
            let outcome = try await store.append([.draft()], to: "account-1", expecting: .noStream, in: other)
            #expect(outcome.receipt?.versions == [.init(1)])
            #expect(try await store.readAll(StreamQuery(workspace: other, "account-1")).map(\.position) == [.init(2)])
        }
    }

    @Test(arguments: StoreKind.available)
    func `of many writers with the same expectation exactly one wins`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let outcomes = try await withThrowingTaskGroup(of: AppendOutcome.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await store.append([.draft()], to: "account-1", expecting: .noStream) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0.receipt != nil } == 1)
            let conflict = VersionConflict(stream: "account-1", expected: .noStream, actual: .init(1))
            #expect(outcomes.count { $0 == .conflict(conflict) } == 15)
            #expect(try await store.head().position == .init(1))
        }
    }

    @Test(arguments: StoreKind.available)
    func `positions are 1, 2, 3 … without a gap, whoever writes and whoever loses`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        let stream = try StreamName("account-\(writer % 3)")
                        for _ in 0..<10 {
                            let expected: ExpectedVersion = writer < 4 ? .any : .noStream
                            try await store.append(EventDraft.drafts(2), to: stream, expecting: expected)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let events = try await store.readAll(EventQuery(limit: 7))
            #expect(events.map(\.position.rawValue) == Array(1...Int64(events.count)))
            #expect(try await store.head().position == .init(Int64(events.count)))
            for stream in 0..<3 {
                let versions = events.filter { $0.stream.rawValue == "account-\(stream)" }.map(\.version.rawValue)
                #expect(versions == Array(1...Int64(versions.count)))
            }
        }
    }
}
