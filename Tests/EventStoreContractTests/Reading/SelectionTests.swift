import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `Selecting events` {
    static let conversation = SequentialIDs.id(77)

    /// Twenty events: two categories, three types, two workspaces, one conversation.
    private func fill(_ store: StoreUnderTest) async throws {
        for number in 0..<10 {
            let type = number % 2 == 0 ? "account.opened" : "account.closed"
            try await store.append(
                [.draft(type, correlation: number % 5 == 0 ? Self.conversation : nil)],
                to: try StreamName("account-\(number % 3)"), expecting: .any)
            try await store.append(
                [.draft("order.placed")], to: try StreamName("order-\(number)"), expecting: .any,
                in: number < 5 ? .default : try Workspace("other"))
        }
    }

    private static let selections: [(EventQuery.Selection, [Int64])] = {
        guard let account = try? Category("account"), let order = try? Category("order"),
            let opened = try? EventType("account.opened"), let placed = try? EventType("order.placed"),
            let other = try? Workspace("other"), let nobody = try? Workspace("nobody")
        else { return [] }
        let odd: [Int64] = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]
        return [
            (.all, Array(1...20)),
            (.kinds(workspace: nil, categories: [], types: []), Array(1...20)),
            (.kinds(workspace: nil, categories: [account], types: []), odd),
            (.kinds(workspace: nil, categories: [account, order], types: []), Array(1...20)),
            (.kinds(workspace: nil, categories: [], types: [opened]), [1, 5, 9, 13, 17]),
            (.kinds(workspace: nil, categories: [account], types: [placed]), []),
            (.kinds(workspace: nil, categories: [], types: [opened, placed]), Array(1...20).filter { $0 % 4 != 3 }),
            (.kinds(workspace: other, categories: [], types: []), [12, 14, 16, 18, 20]),
            (.kinds(workspace: .default, categories: [order], types: [placed]), [2, 4, 6, 8, 10]),
            (.kinds(workspace: nobody, categories: [], types: []), []),
            (.correlation(conversation), [1, 11]),
            (.correlation(SequentialIDs.id(78)), []),
        ]
    }()

    @Test(arguments: StoreKind.available, [1, 2, 3, 1_000])
    func `pages of any size select the same events, in both directions`(_ kind: StoreKind, _ limit: Int) async throws {
        #expect(Self.selections.count == 12)
        try await kind.withStore { store in
            try await fill(store)
            for (selection, positions) in Self.selections {
                let forwards = try await store.readAll(EventQuery(selection, limit: limit))
                #expect(forwards.map(\.position.rawValue) == positions)
                let backwards = try await store.readAll(EventQuery(selection, .backwards, limit: limit))
                #expect(backwards.map(\.position.rawValue) == positions.reversed())
            }
        }
    }

    @Test(arguments: StoreKind.available, [1, 2, 1_000])
    func `a range is behind its start and up to its end, in both directions`(_ kind: StoreKind, _ limit: Int)
        async throws
    {
        try await kind.withStore { store in
            try await fill(store)
            let ranges: [(Int64, Int64?)] = [
                (0, nil), (4, 9), (4, 4), (9, 4), (19, nil), (20, nil), (25, nil), (0, 99), (25, 99),
            ]
            for (after, through) in ranges {
                let end = min(through ?? 20, 20)
                let positions = after < end ? Array(after + 1...end) : []
                for (selection, expected) in Self.selections {
                    let query = EventQuery(
                        selection, after: .init(after), through: through.map { .init($0) }, limit: limit)
                    let inRange = expected.filter(positions.contains)
                    #expect(try await store.readAll(query).map(\.position.rawValue) == inRange)
                    var backwards = query
                    backwards.direction = .backwards
                    #expect(try await store.readAll(backwards).map(\.position.rawValue) == inRange.reversed())
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `the cursor says what was examined, also when nothing was selected`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await fill(store)
            let sparse = EventQuery(.correlation(Self.conversation), limit: 1)
            var page = try await store.read(sparse)
            #expect(page.events.map(\.position.rawValue) == [1])
            #expect(page.cursor >= .init(1) && page.cursor < .init(11) && !page.isEnd)
            let resumed = EventQuery(.correlation(Self.conversation), after: page.cursor)
            page = try await store.read(resumed)
            #expect(page.events.map(\.position.rawValue) == [11])
            #expect(page.cursor == .init(20) && page.isEnd && page.head == .init(20))
            let nothing = try await store.readAll(EventQuery(.correlation(SequentialIDs.id(78)), limit: 1))
            #expect(nothing.isEmpty)
        }
    }

    @Test(arguments: StoreKind.available, [1, 2, 5, 1_000])
    func `a stream is read in stream order, within versions and as of a position`(
        _ kind: StoreKind, _ limit: Int
    ) async throws {
        try await kind.withStore { store in
            for _ in 0..<6 {
                try await store.append([.draft()], to: "account-1", expecting: .any)
                try await store.append([.draft()], to: "account-2", expecting: .any)
            }
            func versions(_ query: StreamQuery) async throws -> [Int64] {
                try await store.readAll(query).map(\.version.rawValue)
            }
            #expect(try await versions(StreamQuery("account-1", limit: limit)) == [1, 2, 3, 4, 5, 6])
            #expect(try await versions(StreamQuery("account-1", .backwards, limit: limit)) == [6, 5, 4, 3, 2, 1])
            #expect(
                try await versions(StreamQuery("account-2", from: .init(2), through: .init(4), limit: limit))
                    == [2, 3, 4])
            #expect(
                try await versions(
                    StreamQuery("account-2", .backwards, from: .init(2), through: .init(4), limit: limit))
                    == [4, 3, 2])
            #expect(try await versions(StreamQuery("account-1", asOf: .init(6), limit: limit)) == [1, 2, 3])
            #expect(
                try await versions(StreamQuery("account-1", .backwards, asOf: .init(5), limit: limit)) == [3, 2, 1])
            #expect(try await versions(StreamQuery("account-3", limit: limit)).isEmpty)
            #expect(try await versions(StreamQuery("account-1", from: .init(7), limit: limit)).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `several streams are read together as one after the other, those that are long and those that are not there`(
        _ kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            for _ in 0..<3 {
                let many = (0..<120).map { EventDraft.draft(data: #"{"n":\#($0)}"#) }
                try await store.append(many, to: "account-1", expecting: .any)
                try await store.append([.draft()], to: "account-2", expecting: .any)
            }
            let queries = [
                StreamQuery("account-2"), StreamQuery("account-1"), StreamQuery("account-3"),
                StreamQuery("account-1", .backwards, limit: 2),
                StreamQuery("account-1", from: .init(300), limit: 1_000),
                StreamQuery("account-2", limit: 3), StreamQuery("account-2"),
            ]
            let together = try await store.read(queries)
            #expect(together.count == queries.count)
            for (query, page) in zip(queries, together) {
                let alone = try await store.read(query)
                #expect(page.events.map(\.position) == alone.events.map(\.position), "\(query)")
                #expect(page.isEnd == alone.isEnd, "\(query)")
            }
            #expect(try await store.read([StreamQuery]()).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a page ends by bytes before it ends by count, and no event is lost`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            let large = String(repeating: "x", count: 1_000_000)
            for _ in 0..<3 {
                let drafts = (0..<8).map { EventDraft.draft(data: #"{"n":\#($0),"x":"\#(large)"}"#) }
                try await store.append(drafts, to: "account-1", expecting: .any)
            }
            let page = try await store.read(EventQuery())
            #expect(page.events.count >= 1 && page.events.count < 24 && !page.isEnd)
            #expect(page.events.reduce(0) { $0 + $1.byteCount } <= EventQuery.pageBytes + AppendLimits.eventBytes)
            let all = try await store.readAll(EventQuery())
            #expect(all.map(\.position.rawValue) == Array(1...24))
            let stream = try await store.readAll(StreamQuery("account-1", .backwards))
            #expect(stream.map(\.version.rawValue) == Array((1...24).reversed()))
        }
    }

    @Test(arguments: StoreKind.available)
    func `pages that are read while others write neither skip nor repeat`(_ kind: StoreKind) async throws {
        try await kind.withStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for _ in 0..<25 {
                            try await store.append(
                                EventDraft.drafts(2), to: try StreamName("account-\(writer)"), expecting: .any)
                        }
                    }
                }
                var cursor = GlobalPosition.start
                while cursor < .init(200) {
                    let page = try await store.read(EventQuery(after: cursor, limit: 7))
                    let expected = (0..<page.events.count).map { cursor.advanced(by: $0 + 1) }
                    #expect(page.events.map(\.position) == expected)
                    cursor = page.cursor
                    // A store in memory never makes a reader wait: let the writers run.
                    await Task.yield()
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a selection that is followed by its cursors while others write neither skips nor repeats`(
        _ kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let selection = EventQuery.Selection.kinds(workspace: nil, categories: [try Category("account")], types: [])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<6 {
                    group.addTask {
                        for _ in 0..<50 {
                            try await store.append(
                                [.draft()], to: try StreamName("account-\(writer)"), expecting: .any)
                        }
                    }
                }
                var seen: [Int64] = []
                var cursor = GlobalPosition.start
                while cursor < .init(300) {
                    let page = try await store.read(EventQuery(selection, after: cursor, limit: 1_000))
                    seen += page.events.map(\.position.rawValue)
                    cursor = page.cursor
                    // A store in memory never makes a reader wait: let the writers run.
                    await Task.yield()
                }
                #expect(seen == Array(1...300))
                try await group.waitForAll()
            }
        }
    }
}
