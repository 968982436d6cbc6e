import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Synchronization
import Testing

@testable import Projector

@Suite(.timeLimit(.minutes(15))) struct `A rebuild of a part` {
    private func job(_ rig: Rig, memoryBytes: Int = 1 << 20) -> Rebuild<
        InMemoryEventStore, InMemoryProjectionStore, InMemoryProjectionStore
    > {
        Rebuild(
            rig.projection, log: rig.log, views: rig.views, leases: rig.views,
            settings: RebuildSettings(
                holder: "rebuild",
                limits: RebuildLimits(memoryBytes: memoryBytes, closeEvents: 0, alignmentPatience: .zero)))
    }

    /// A rig whose rows are all wrong in the same column.
    fileprivate func damaged(_ types: [String], streams: Int = 4) async throws -> Rig {
        let rig = Rig()
        try await rig.append(types, streams: streams)
        let end = try await rig.log.head().position
        try await running(rig.projector()) { try await rig.reach(end) }
        let lease = try await lease(rig, "damage")
        let progress = try #require(try await rig.views.progress(of: rig.key))
        let wrong = rig.views.rows(of: rig.projection.table).values.map { row in
            var row = row
            row.values[7] = .text("nobody")
            return row
        }
        let answer = try await rig.views.apply(
            RowChanges(to: rig.projection.table, upserts: wrong), progress, from: progress.position, under: lease)
        #expect(answer == .advanced)
        return rig
    }

    private func lease(_ rig: Rig, _ name: String) async throws -> Lease {
        guard case .granted(let lease) = try await rig.views.acquire(name, holder: name, for: .seconds(60)) else {
            throw StoreError.cancelled
        }
        return lease
    }

    private func stream(_ name: String) -> RebuildPart { .stream(.default, StreamName(trusting: name)) }

    @Test func `makes the rows of its events anew and leaves all others as they are`() async throws {
        let rig = try await damaged(Array(repeating: "tally.up", count: 20))
        let before = rig.views.rows(of: rig.projection.table)
        let report = try await job(rig).build(stream("tally-2"))
        #expect(report.comparison.differing == 1 && report.count(.unexplained) == 1)
        var expected = before
        let naive = try await rig.naive()
        let key = RowKey([.text("tally-2"), .text("default")])
        expected[key] = naive[key]
        let made = report.shadow.keeping(rig.projection)
        #expect(rig.views.rows(of: made.table) == expected)
        #expect(try await rig.views.progress(of: ConsumerProgress.Key(of: made))?.eventsHandled == 20)
        #expect(try await job(rig).activate(accepting: report.kept.digest.hexadecimal).number == 2)
    }

    @Test func `of everything is the naive fold`() async throws {
        for part in [RebuildPart.workspace(.default), .positions(GlobalPosition(1)...GlobalPosition(99))] {
            let rig = try await damaged(["tally.up", "tally.up", "tally.cleared", "tally.up", "tally.up", "tally.up"])
            let made = try await job(rig).build(part).shadow.keeping(rig.projection)
            #expect(rig.views.rows(of: made.table) == (try await rig.naive()), "\(part)")
        }
    }

    @Test func `takes away rows that its events do not make`() async throws {
        let rig = try await damaged(["tally.up", "tally.up", "tally.up", "tally.up", "tally.cleared"])
        let made = try await job(rig).build(stream("tally-0")).shadow.keeping(rig.projection)
        #expect(rig.views.rows(of: made.table)[RowKey([.text("tally-0"), .text("default")])] == nil)
        #expect(rig.views.rows(of: made.table).count == 3)
    }

    @Test func `is refused where an event outside of it concerns one of its rows, which is named`() async throws {
        let rig = try await damaged(Array(repeating: "tally.up", count: 8))
        let part = RebuildPart.positions(GlobalPosition(5)...GlobalPosition(6))
        let fault = RebuildFault.partIsOpen(
            projection: "tally", part, key: "tally-0 / default", stream: "tally-0", position: GlobalPosition(1))
        await #expect(throws: fault) { try await job(rig).build(part) }
        #expect(fault.description.contains("positions 5 to 6 is not closed: the event at position 1 of stream tally-0"))
        #expect(try await rig.views.generations().count == 1)
    }

    @Test func `is refused where it is too large, parked, or where another generation waits`() async throws {
        let rig = try await damaged(Array(repeating: "tally.up", count: 8))
        await #expect(throws: RebuildFault.partTooLarge(projection: "tally", .workspace(.default), limit: 1)) {
            try await job(rig, memoryBytes: 1).build(.workspace(.default))
        }
        try await rig.append(["tally.broken"])
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(9)) }
        await #expect(
            throws: RebuildFault.partIsParked(
                projection: "tally", stream("tally-0"), key: #"["tally-0","default"]"#)
        ) { try await job(rig).build(stream("tally-0")) }
        let waiting = try await job(rig).build(stream("tally-1"))
        #expect(waiting.parkedInShadow == 1)
        await #expect(throws: RebuildFault.shadowWaits(projection: "tally")) {
            try await job(rig).build(stream("tally-1"))
        }
    }

    @Test func `folds what arrives while rows are copied, and begins again for rows that it did not know`() async throws
    {
        let rig = try await damaged(Array(repeating: "tally.up", count: 8))
        let views = ArrivingViews(rig)
        let rebuild = Rebuild(
            rig.projection, log: rig.log, views: views, leases: rig.views,
            settings: RebuildSettings(
                holder: "rebuild", limits: RebuildLimits(closeEvents: 0, alignmentPatience: .zero)))
        let made = try await rebuild.build(.workspace(.default)).shadow.keeping(rig.projection)
        #expect(rig.views.rows(of: made.table) == (try await rig.naive()))
        #expect(views.arrivals.withLock { $0 } == 2)
        #expect(rig.views.rows(of: made.table).count == 5)
    }
}

extension `A rebuild of a part` {
    @Test func `is refused where a row that arrived while others waited is one of earlier events outside of it`()
        async throws
    {
        let rig = try await damaged(Array(repeating: "tally.up", count: 8))
        let part = RebuildPart.positions(GlobalPosition(9)...GlobalPosition(99))
        let rebuild = Rebuild(
            rig.projection, log: rig.log, views: ArrivingViews(rig), leases: rig.views,
            settings: RebuildSettings(
                holder: "rebuild", limits: RebuildLimits(closeEvents: 0, alignmentPatience: .zero)))
        let fault = RebuildFault.partIsOpen(
            projection: "tally", part, key: "tally-1 / default", stream: "tally-1", position: GlobalPosition(2))
        await #expect(throws: fault) { try await rebuild.build(part) }
    }
}

/// Views into which events are projected just before rows are copied: the first time an event of a new row, then one of a known one.
private final class ArrivingViews: ForwardingViews, GenerationStore {
    let base: InMemoryProjectionStore
    let arrivals = Mutex(0)
    private let rig: Rig

    init(_ rig: Rig) {
        self.rig = rig
        base = rig.views
    }

    func derive(
        _ projection: any Projection, from active: Generation, fingerprint: ProjectionFingerprint?, under lease: Lease,
        changes: @escaping @Sendable (Frontier, TableDefinition) async throws -> RowChanges
    ) async throws -> Generation {
        let arrival = arrivals.withLock { count in
            count += 1
            return count
        }
        let streams = [1: "tally-new", 2: "tally-1"]
        if let stream = streams[arrival] {
            _ = try await rig.log.append(
                AppendRequest([.draft("tally.up")], to: StreamName(trusting: stream), expecting: .any))
            let end = try await rig.log.head().position
            let rig = rig
            try await running(rig.projector()) { try await rig.reach(end) }
        }
        return try await base.derive(
            projection, from: active, fingerprint: fingerprint, under: lease, changes: changes)
    }
}
