import EventModel
import EventSourcingTesting
import ReadModels
import Testing

/// Counts events per stream; `tally.cleared` removes the row, `tally.broken` cannot be folded. Not idempotent on purpose.
struct TallyProjection: Projection {
    let name = "tally"
    let version = 1
    let interest = EventInterest.types(
        ["up", "cleared", "broken", "misfit"].reduce(into: []) { $0.insert(EventType(trusting: "tally.\($1)")) })
    let table = TableDefinition(
        name: "tally", version: 1, documentation: "Counts.", keyColumns: 1,
        columns: [.required("stream", .text, "Stream."), .required("count", .int, "Events.")])

    func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? { RowKey([.text(event.stream.rawValue)]) }

    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        switch event.type.rawValue {
        case "tally.cleared": return nil
        case "tally.broken": throw ProjectionFault(.missingField("count"), in: self, at: event)
        case "tally.misfit": return Row([.text("another key"), .int(1)])
        default: break
        }
        guard case .int(let count)? = row?.values[1] else { return Row([.text(event.stream.rawValue), .int(1)]) }
        return Row([.text(event.stream.rawValue), .int(count + 1)])
    }
}

@Suite struct `Batch fold` {
    private let projection = TallyProjection()

    private func key(_ stream: String) -> RowKey { RowKey([.text(stream)]) }
    private func row(_ stream: String, _ count: Int64) -> Row { Row([.text(stream), .int(count)]) }

    private func changes(_ facts: [Fact], stored: [RowKey: Row] = [:]) throws -> RowChanges {
        var fold = BatchFold(projection, rows: stored)
        for event in history(facts) { try fold.fold(event) }
        return fold.changes
    }

    @Test func `a row that many events concern is written once`() throws {
        let changes = try changes([
            Fact("tally-a", "tally.up"), Fact("tally-b", "tally.up"), Fact("tally-a", "tally.up"),
        ])
        #expect(changes.upserts == [row("tally-a", 2), row("tally-b", 1)])
    }

    @Test func `folding goes on from the stored row`() throws {
        let changes = try changes([Fact("tally-a", "tally.up")], stored: [key("tally-a"): row("tally-a", 41)])
        #expect(changes.upserts == [row("tally-a", 42)])
    }

    @Test func `only a stored row is deleted`() throws {
        let facts = [Fact("tally-a", "tally.cleared"), Fact("tally-b", "tally.up"), Fact("tally-b", "tally.cleared")]
        let changes = try changes(facts, stored: [key("tally-a"): row("tally-a", 1)])
        #expect(changes == RowChanges(to: projection.table, deletions: [key("tally-a")]))
    }

    @Test func `a row that ends as it is stored is not written`() throws {
        let facts = [Fact("tally-a", "tally.cleared"), Fact("tally-a", "tally.up")]
        #expect(try changes(facts, stored: [key("tally-a"): row("tally-a", 1)]).isEmpty)
    }

    @Test func `a deletion in a batch starts the row anew`() throws {
        let facts = [Fact("tally-a", "tally.cleared"), Fact("tally-a", "tally.up"), Fact("tally-a", "tally.up")]
        #expect(try changes(facts, stored: [key("tally-a"): row("tally-a", 7)]).upserts == [row("tally-a", 2)])
    }

    @Test func `after a fault the changes are those of the events before it`() {
        var fold = BatchFold(projection)
        let events = history([
            Fact("tally-a", "tally.up"), Fact("tally-a", "tally.broken"), Fact("tally-a", "tally.up"),
        ])
        #expect(throws: ProjectionFault.self) { for event in events { try fold.fold(event) } }
        #expect(fold.changes.upserts == [row("tally-a", 1)])
    }

    @Test func `a row with another key than its event is refused`() {
        var fold = BatchFold(projection)
        let events = history([Fact("tally-a", "tally.misfit")])
        #expect(throws: ProjectionFault.self) { try fold.fold(events[0]) }
    }

    @Test func `the keys of a batch are those of its own events, once each`() {
        let events = history([
            Fact("tally-a", "other.up"), Fact("tally-b", "tally.up"), Fact("tally-a", "tally.up"),
            Fact("tally-b", "tally.up"),
        ])
        #expect(BatchFold.keys(of: events, for: projection) == [key("tally-b"), key("tally-a")])
        #expect(BatchFold.keys(of: events, for: TimelineProjection()).isEmpty)
    }

    @Test(arguments: 0..<50)
    func `in batches of any size the fold equals the naive fold`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let facts = (0..<random.below(200)).map { _ in
            Fact("tally-\(random.below(5))", random.below(6) == 0 ? "tally.cleared" : "tally.up")
        }
        let events = history(facts)
        var naive = NaiveFold(projection)
        try naive.fold(events)
        var stored: [RowKey: Row] = [:]
        var rest = events[...]
        while !rest.isEmpty {
            let batch = rest.prefix(1 + random.below(17))
            rest = rest.dropFirst(batch.count)
            let keys = BatchFold.keys(of: batch, for: projection)
            var fold = BatchFold(projection, rows: stored.filter { keys.contains($0.key) })
            for event in batch { try fold.fold(event) }
            for row in fold.changes.upserts { stored[projection.table.key(of: row)] = row }
            for key in fold.changes.deletions { #expect(stored.removeValue(forKey: key) != nil, "seed \(seed)") }
        }
        #expect(stored == naive.rows, "seed \(seed)")
    }

    @Test func `text is compared byte by byte`() {
        #expect(ColumnValue.text("é") != ColumnValue.text("e\u{301}"))
        #expect(Set([ColumnValue.text("é"), .text("e\u{301}")]).count == 2)
    }
}
