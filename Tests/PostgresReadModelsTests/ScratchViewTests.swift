import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresDriver
import ReadModels
import Testing

@testable import PostgresReadModels

/// Needs a real PostgreSQL: views over tables cannot be imitated.
@Suite(.enabled(if: TestDatabase.url != nil, "set LOCKSTEP_DATABASE_URL"), .timeLimit(.minutes(15)))
struct `A scratch view` {
    private func replay(
        _ projection: any Projection, _ name: String, _ log: InMemoryEventStore, _ database: TestDatabase,
        through: Int64, resuming: Bool, run: UUID = UUID()
    ) async throws {
        let view = ScratchView(
            try ScratchName(name), of: projection, incarnation: try await log.head().incarnation, run: run,
            in: database.pool)
        let resumption = try await view.open(resuming: resuming)
        var query: EventQuery? = EventQuery(after: resumption.after, through: GlobalPosition(through), limit: 37)
        while let current = query {
            let page = try await log.read(current)
            try await view.write(
                ReplayBatch(events: page.events, indices: Array(page.events.indices)[...], reached: page.cursor))
            query = current.next(after: page)
        }
        try await view.finish()
    }

    /// The rows of the table behind a view.
    private func rows(_ name: String, _ table: TableDefinition, _ database: TestDatabase) async throws -> Set<Row> {
        let list = table.columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
        let found = try await database.query("select \(list) from lockstep_scratch.\"\(name)_rows\"")
        return Set(try (0..<found.rowCount).map { try RowDecoding.row($0, of: found, table.columns) })
    }

    @Test(arguments: 0..<3) func `folded and resumed anywhere, it is what the naive fold makes`(_ seed: Int)
        async throws
    {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore(time: ManualTimekeeper())
            var random = SeededGenerator(seed: UInt64(seed))
            try await RandomHistory.append(400, to: log, &random)
            for projection in ProjectionCatalogue.all {
                let end = Int64(100 + random.below(300))
                let cut = Int64(random.below(Int(end)))
                let name = "resumed_\(projection.name)"
                try await replay(projection, name, log, database, through: cut, resuming: false)
                try await replay(projection, name, log, database, through: end, resuming: true)
                var naive = NaiveFold(projection)
                try naive.fold(try await log.read(EventQuery(through: GlobalPosition(end), limit: 10_000)).events)
                #expect(
                    try await rows(name, projection.table, database) == Set(naive.rows.values), "\(projection.name)")
                let shown = try await database.query("select count(*) from lockstep_scratch.\"\(name)\"")
                #expect(try shown.int64(0, 0) == Int64(projection.table.shown(naive.rows.values).count))
            }
        }
    }

    @Test func `a run that was overtaken writes nothing more`() async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            for number in 0..<9 {
                try await log.append("tally-\(number % 2)", .draft("tally.up", data: "{\"n\":\(number)}"))
            }
            let events = try await log.read(EventQuery()).events
            let incarnation = try await log.head().incarnation
            func view() throws -> ScratchView {
                ScratchView(
                    try ScratchName("t"), of: TallyProjection(), incarnation: incarnation, run: UUID(),
                    in: database.pool)
            }
            let slow = try view()
            _ = try await slow.open(resuming: false)
            try await slow.write(ReplayBatch(events: events, indices: [0, 1], reached: GlobalPosition(2)))
            let fast = try view()
            let resumption = try await fast.open(resuming: true)
            #expect(resumption.after == GlobalPosition(2) && resumption.marks.map(\.eventID) == [events[1].id])
            await #expect(throws: ReplayFault.self) {
                try await slow.write(ReplayBatch(events: events, indices: [2], reached: GlobalPosition(3)))
            }
            try await fast.write(
                ReplayBatch(events: events, indices: [2, 3, 4, 5, 6, 7, 8], reached: GlobalPosition(9)))
            let rows = try await database.query("select sum(count)::bigint from lockstep_scratch.t")
            #expect(try rows.int64(0, 0) == 9)
        }
    }

    @Test func `an event that cannot be folded leaves the view as of the batch before`() async throws {
        try await TestDatabase.with { database in
            let log = InMemoryEventStore()
            for type in ["tally.up", "tally.up", "tally.broken"] {
                try await log.append("tally-1", .draft(type, data: "{\"n\":1}"))
            }
            let events = try await log.read(EventQuery()).events
            let view = ScratchView(
                try ScratchName("t"), of: TallyProjection(), incarnation: UUID(), run: UUID(), in: database.pool)
            _ = try await view.open(resuming: false)
            try await view.write(ReplayBatch(events: events, indices: [0], reached: GlobalPosition(1)))
            await #expect(throws: ReplayFault.self) {
                try await view.write(ReplayBatch(events: events, indices: [1, 2], reached: GlobalPosition(3)))
            }
            let rows = try await database.query("select count from lockstep_scratch.t")
            #expect(try rows.int64(0, 0) == 1)
        }
    }

    @Test(arguments: ["", "Big", "a b", "a\"b", "x_rows", "lockstep_replays", String(repeating: "a", count: 51)])
    func `what is no name for one is refused`(_ name: String) {
        #expect(throws: ReplayFault.self) { try ScratchName(name) }
    }
}
