import EventModel
import EventSourcing
import EventSourcingTesting
import PostgresDriver
import PostgresEventStore
import Testing

// Needs a server: set LOCKSTEP_DATABASE_URL to one on which the role may create databases.
@Suite("Kinds of several processes", .enabled(if: StoreKind.available.contains(.postgres)), .timeLimit(.minutes(15)))
struct KindTests {
    /// Runs `body` over two stores of one log, as two processes have them.
    private func withTwo(
        _ body: @escaping @Sendable (StoreUnderTest, StoreUnderTest, PostgresConfiguration) async throws -> Void
    ) async throws {
        try await StoreKind.withDatabase { one, configuration in
            let other = PostgresEventStore(configuration, poolLimits: PoolLimits(waitLimit: .seconds(600)))
            try await other.whileRunning { try await body(one, StoreUnderTest(other), configuration) }
        }
    }

    private static let many: Int64 = 300

    /// Events of a first kind, so many that reading them all copies them.
    private func begin(_ store: StoreUnderTest) async throws {
        try await store.append(EventDraft.drafts(Int(Self.many), "thing.begun"), to: "thing-1", expecting: .any)
    }

    private func append(_ type: String, _ store: StoreUnderTest) async throws {
        try await store.append([.draft(type)], to: "thing-1", expecting: .any)
    }

    /// The kinds behind the first, by both ways of reading.
    private func types(
        _ store: StoreUnderTest, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String] {
        let copied = try await store.read(EventQuery(limit: 10_000)).events.map(\.type.rawValue)
        let few = try await store.read(EventQuery(after: GlobalPosition(Self.many))).events.map(\.type.rawValue)
        #expect(few == Array(copied.dropFirst(Int(Self.many))), sourceLocation: sourceLocation)
        return few
    }

    @Test func `what another process has added below a kind of one's own is read`() async throws {
        try await withTwo { one, other, _ in
            try await begin(one)
            try await append("thing.changed", other)
            try await append("thing.ended", one)
            for store in [one, other] {
                #expect(try await types(store) == ["thing.changed", "thing.ended"])
            }
        }
    }

    @Test func `a kind that is committed behind one with a higher number is read`() async throws {
        try await withTwo { one, other, configuration in
            try await begin(one)
            try await PostgresConnection.with(configuration) { slow in
                try await slow.execute(
                    """
                    begin;
                    insert into lockstep.kinds (workspace, category, type) select id, 'thing', 'thing.slow' from lockstep.workspaces
                    """)
                try await append("thing.quick", other)
                #expect(try await types(one) == ["thing.quick"])
                try await slow.execute("commit")
            }
            try await append("thing.slow", other)
            #expect(try await types(one) == ["thing.quick", "thing.slow"])
        }
    }

    @Test func `a number that was drawn in vain costs nobody a kind`() async throws {
        try await withTwo { one, other, configuration in
            try await begin(one)
            try await PostgresConnection.with(configuration) {
                try await $0.execute("select nextval(pg_get_serial_sequence('lockstep.kinds', 'id'))")
            }
            try await append("thing.changed", other)
            #expect(try await types(one) == ["thing.changed"])
            try await append("thing.ended", other)
            #expect(try await types(one) == ["thing.changed", "thing.ended"])
        }
    }
}
