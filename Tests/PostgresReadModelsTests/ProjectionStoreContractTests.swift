import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresReadModels
import ReadModels
import Testing

/// The stores that keep the contract.
enum StoreUnderTest: CaseIterable, Sendable, CustomTestStringConvertible {
    case inMemory, postgres

    /// PostgreSQL is left out without `LOCKSTEP_DATABASE_URL`.
    static var available: [StoreUnderTest] { TestDatabase.url == nil ? [.inMemory] : allCases }

    var testDescription: String { self == .inMemory ? "in memory" : "PostgreSQL" }

    func run(_ body: @Sendable (any ProjectionStore, any LeaseStore) async throws -> Void) async throws {
        switch self {
        case .inMemory:
            let store = InMemoryProjectionStore(time: ManualTimekeeper())
            try await body(store, store)
        case .postgres:
            try await TestDatabase.with { database in
                try await body(PostgresProjectionStore(pool: database.pool), database.leases)
            }
        }
    }
}

@Suite struct `Projection store` {
    private static let table = TallyProjection().table
    private let key = ConsumerProgress.Key(of: TallyProjection())
    private let incarnation = UUID()

    private func lease(_ leases: any LeaseStore, holder: String = "one") async throws -> Lease {
        guard
            case .granted(let lease) = try await leases.acquire(
                "projector/tally/v1", holder: holder, for: .seconds(600))
        else { throw StoreError.failed(reason: "the lease is held") }
        return lease
    }

    private func progress(_ position: Int64, state: String = "live") -> ConsumerProgress {
        var progress = ConsumerProgress(of: key, incarnation: incarnation)
        progress.state = state
        progress.position = GlobalPosition(position)
        progress.lastEventID = position == 0 ? nil : SequentialIDs.id(UInt64(position))
        progress.eventsHandled = position
        progress.digest =
            CompletenessDigest(bytes: [UInt8](repeating: UInt8(position), count: 32)) ?? CompletenessDigest()
        return progress
    }

    private func row(_ stream: String, _ count: Int64, actor: String? = "ana", json: String = "{}") -> Row {
        Row([
            .text(stream), .text("default"), .int(count), .bool(count % 2 == 1),
            .uuid(SequentialIDs.id(UInt64(bitPattern: count))),
            .timestamp(Timestamp(microseconds: 1_767_225_600_123_456)), .json(Array(json.utf8)), ColumnValue(actor),
            .bytes([0, 255, UInt8(truncatingIfNeeded: count)]),
        ])
    }

    private func rowKey(_ stream: String) -> RowKey { RowKey([.text(stream), .text("default")]) }

    private func changes(_ rows: [Row], gone: [String] = []) -> RowChanges {
        RowChanges(to: Self.table, upserts: rows, deletions: gone.map(rowKey))
    }

    private func stored(_ streams: [String], in store: any ProjectionStore) async throws -> [RowKey: Row] {
        try await store.rows(for: streams.map(rowKey), in: Self.table)
    }

    @Test(arguments: StoreUnderTest.available)
    func `rows and progress come back as they went in`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            let rows = [
                row("a", .max, actor: nil, json: #"{ "b":1.0, "a" : "\u00e9\/" }"#), row("", .min, actor: ""),
                row("é – 'quoted' \"\\ 😀", 0), row("e\u{301} – 'quoted' \"\\ 😀", 1),
            ]
            #expect(try await store.progress(of: key) == nil)
            #expect(try await store.apply(changes(rows), progress(3), from: .start, under: lease) == .advanced)
            let names = rows.map { if case .text(let name) = $0.values[0] { name } else { "" } }
            #expect(
                try await stored(names + ["nobody"], in: store)
                    == Dictionary(uniqueKeysWithValues: rows.map { (Self.table.key(of: $0), $0) }))
            #expect(try await store.progress(of: key) == progress(3))
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `a batch that is applied twice is applied once`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            _ = try await store.apply(changes([row("a", 1)]), progress(1), from: .start, under: lease)
            for _ in 1...2 {
                let answer = try await store.apply(
                    changes([row("a", 2)]), progress(2), from: GlobalPosition(1), under: lease)
                #expect(answer == .advanced || answer == .moved(actual: GlobalPosition(2)))
            }
            let again = try await store.apply(changes([row("a", 9)]), progress(1), from: .start, under: lease)
            #expect(again == .moved(actual: GlobalPosition(2)))
            #expect(try await stored(["a"], in: store) == [rowKey("a"): row("a", 2)])
            #expect(try await store.progress(of: key) == progress(2))
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `a consumer that was never stored starts at nothing else`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let answer = try await store.apply(
                changes([row("a", 1)]), progress(9), from: GlobalPosition(8), under: try await lease(leases))
            #expect(answer == .moved(actual: .start))
            #expect(try await stored(["a"], in: store).isEmpty)
            #expect(try await store.progress(of: key) == nil)
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `whoever holds an old lease writes nothing`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let old = try await lease(leases)
            _ = try await store.apply(changes([row("a", 1)]), progress(1), from: .start, under: old)
            let new = try await lease(leases)
            #expect(new.token > old.token)
            let answer = try await store.apply(
                changes([row("a", 2)], gone: ["b"]), progress(2), from: GlobalPosition(1), under: old)
            #expect(answer == .fenced(current: new.token))
            #expect(
                try await store.recordState(progress(1, state: "stopped"), under: old) == .fenced(current: new.token))
            #expect(try await stored(["a"], in: store) == [rowKey("a"): row("a", 1)])
            #expect(try await store.progress(of: key) == progress(1))
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `a lease that nobody was granted writes nothing`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, _ in
            let forged = Lease(name: "projector/tally/v1", holder: "nobody", token: 7)
            let answer = try await store.apply(changes([row("a", 1)]), progress(1), from: .start, under: forged)
            #expect(answer == .fenced(current: 0))
            #expect(try await store.progress(of: key) == nil)
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `rows are replaced and removed with the checkpoint`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            _ = try await store.apply(
                changes([row("a", 1), row("b", 1), row("c", 1)]), progress(3), from: .start, under: lease)
            let answer = try await store.apply(
                changes([row("b", 2), row("d", 1)], gone: ["a", "nobody"]), progress(5), from: GlobalPosition(3),
                under: lease)
            #expect(answer == .advanced)
            #expect(
                try await stored(["a", "b", "c", "d"], in: store)
                    == [rowKey("b"): row("b", 2), rowKey("c"): row("c", 1), rowKey("d"): row("d", 1)])
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `a batch without rows moves the checkpoint`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            #expect(try await store.apply(changes([]), progress(4), from: .start, under: lease) == .advanced)
            #expect(try await store.progress(of: key) == progress(4))
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `a state is recorded without moving anything`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            _ = try await store.apply(changes([row("a", 1)]), progress(5), from: .start, under: lease)
            var stopped = ConsumerProgress(of: key, incarnation: UUID())
            stopped.position = GlobalPosition(5)
            stopped.state = "stopped"
            stopped.lastError = "why – and what to do"
            #expect(try await store.recordState(stopped, under: lease) == .advanced)
            var expected = progress(5, state: "stopped")
            expected.lastError = stopped.lastError
            #expect(try await store.progress(of: key) == expected)
            stopped.position = GlobalPosition(4)
            #expect(try await store.recordState(stopped, under: lease) == .moved(actual: GlobalPosition(5)))
            _ = try await store.apply(changes([]), progress(6), from: GlobalPosition(5), under: lease)
            #expect(try await store.progress(of: key) == progress(6))
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `a consumer that has seen nothing can say that it stopped, and start afterwards`(_ kind: StoreUnderTest)
        async throws
    {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            var stopped = ConsumerProgress(of: key, incarnation: incarnation)
            stopped.state = "stopped"
            stopped.lastError = "why"
            #expect(try await store.recordState(stopped, under: lease) == .advanced)
            #expect(try await store.progress(of: key) == stopped)
            #expect(try await store.apply(changes([row("a", 1)]), progress(1), from: .start, under: lease) == .advanced)
            #expect(try await store.progress(of: key) == progress(1))
        }
    }

    @Test(arguments: StoreUnderTest.available)
    func `an append-only row that is there already is corruption, not a repeat`(_ kind: StoreUnderTest) async throws {
        try await kind.run { store, leases in
            let lease = try await lease(leases)
            let timeline = TimelineProjection()
            let row = Row([
                .int(1), .text("default"), .text("a-1"), .text("a"), .text("1"), .int(1), .text("a.b"), .text("A: b"),
                .null, .null,
                .timestamp(Timestamp(microseconds: 0)), .timestamp(Timestamp(microseconds: 0)),
            ])
            let changes = RowChanges(to: timeline.table, upserts: [row])
            #expect(try await store.apply(changes, progress(1), from: .start, under: lease) == .advanced)
            let error = await #expect(throws: StoreError.self) {
                try await store.apply(changes, progress(2), from: GlobalPosition(1), under: lease)
            }
            guard case .corrupt(at: GlobalPosition(2), _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await store.progress(of: key) == progress(1))
        }
    }
}
