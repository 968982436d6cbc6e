import EventModel
import EventSourcingTesting
import FoundationEssentials
import ReadModels
import Testing

@Suite struct `Activity by hour` {
    private func view(_ projection: ActivityByHourProjection, _ events: EventBatch) throws -> [Row] {
        var fold = NaiveFold(projection)
        try fold.fold(events)
        for row in fold.rows.values { #expect(projection.table.admits(row)) }
        return projection.table.shown(fold.rows.values)
    }

    /// Events of a stream, a type and a time each, from position 1 on.
    private func log(_ facts: [(stream: String, type: String, microseconds: Int64)]) -> EventBatch {
        var builder = EventBatchBuilder()
        for (index, fact) in facts.enumerated() {
            let kind = EventKind(trustingWorkspace: "default", category: "any", type: fact.type)
            let fixed = EventBatchBuilder.Fixed(
                position: GlobalPosition(Int64(index + 1)), version: StreamVersion(1), id: UUID(), kind: kind,
                schemaVersion: 1, occurredAt: moment(0), recordedAt: Timestamp(microseconds: fact.microseconds),
                correlationID: nil, causationID: nil)
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            Array(fact.stream.utf8).withUnsafeBytes {
                builder.append(fixed, stream: $0, actor: nil, data: nothing, metadata: nothing)
            }
        }
        return builder.finish()
    }

    private func row(_ type: String, _ hour: Int64, _ events: Int64, _ first: Int64, _ last: Int64) -> Row {
        Row([
            .text("default"), .timestamp(Timestamp(microseconds: hour)), .text(type), .int(events), .int(first),
            .int(last),
        ])
    }

    private static let hour: Int64 = 3_600_000_000

    @Test func `events count in the hour in which they were recorded, each type by itself`() throws {
        let hour = Self.hour
        let events = log([
            ("any-a", "any.up", 7 * hour), ("any-b", "any.up", 8 * hour - 1), ("any-c", "any.down", 7 * hour + 5),
            ("any-d", "any.up", 8 * hour), ("any-e", "any.up", 7 * hour + 9),
        ])
        #expect(
            Set(try view(ActivityByHourProjection(), events)) == [
                row("any.up", 7 * hour, 3, 1, 5), row("any.down", 7 * hour, 1, 3, 3), row("any.up", 8 * hour, 1, 4, 4),
            ])
    }

    @Test(arguments: [(-1, -1), (0, 0), (-3_600_000_000, -1), (-3_600_000_001, -2)] as [(Int64, Int64)])
    func `an hour begins on the hour, before 1970 as well`(_ moment: Int64, _ hour: Int64) throws {
        #expect(
            try view(ActivityByHourProjection(), log([("any-a", "any.up", moment)]))
                == [row("any.up", hour * Self.hour, 1, 1, 1)])
    }

    @Test(arguments: [1, 3, 12, 100])
    func `however many lanes count, they come to the same`(_ lanes: Int) throws {
        var mixer = SplitMix64(seed: 7)
        let events = log(
            (0..<500).map { _ in
                ("any-\(mixer.below(40))", "any.t\(mixer.below(3))", Int64(mixer.below(4)) * Self.hour)
            })
        var counted: [[ColumnValue]: (Int64, Int64, Int64)] = [:]
        for event in events {
            let position = event.position.rawValue
            let key: [ColumnValue] = [.timestamp(event.recordedAt), .text(event.type.rawValue)]
            let (count, first, _) = counted[key] ?? (0, position, position)
            counted[key] = (count + 1, first, position)
        }
        let rows = try view(ActivityByHourProjection(lanes: lanes), events)
        #expect(rows.count == counted.count)
        for row in rows {
            let expected = try #require(counted[[row.values[1], row.values[2]]])
            #expect(row.values[3...].elementsEqual([.int(expected.0), .int(expected.1), .int(expected.2)]))
        }
    }

    @Test func `each lane writes rows of its own, and only its own`() throws {
        let projection = ActivityByHourProjection(lanes: 4)
        let events = log((0..<64).map { ("any-\($0)", "any.up", 0) })
        let all = Set(try events.compactMap { try projection.key(of: $0) })
        var apart: [RowKey] = []
        for lane in 0..<4 {
            let mine = events.filter { Lane(of: $0, count: 4) == Lane(Int32(lane)) }
            let keys = Set(try mine.compactMap { try projection.key(of: $0) })
            #expect(keys.allSatisfy { $0.values.last == .int(Int64(lane)) })
            apart += keys
        }
        #expect(apart.count == all.count && Set(apart) == all)
    }

    @Test func `no payload can stop it, and an erasure counts as an event`() throws {
        let events = history([
            Fact("workflow-a", "workflow.imported", "not JSON"), Fact("workflow-a", "subject.erased", "{}"),
            Fact("workflow-a", "workflow.imported", "[]", schemaVersion: 99),
        ])
        let rows = try view(ActivityByHourProjection(), events)
        #expect(
            Set(rows.map { [$0.values[2], $0.values[3]] }) == [
                [.text("workflow.imported"), .int(2)], [.text("subject.erased"), .int(1)],
            ])
    }

    @Test func `the columns are the contract's, in its order`() {
        let table = ActivityByHourProjection().table
        #expect(
            table.shownColumns.map(\.name).joined(separator: " ")
                == "workspace hour type events first_position last_position")
        #expect(table.shownKeyColumns.map(\.name) == ["workspace", "hour", "type"])
        #expect(table.generationName == "activity_by_hour_v1")
    }
}
