import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Testing

@testable import Projector

@Suite(.timeLimit(.minutes(15))) struct `A rebuild in another layout` {
    static let layouts: [LaneLayout] = [.whole, .byLane(4)]

    private func rebuild(
        _ rig: Rig, to layout: LaneLayout, patience: Duration = .zero, brief: Int64 = 1_000,
        observe: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) -> Rebuild<InMemoryEventStore, InMemoryProjectionStore, InMemoryProjectionStore> {
        Rebuild(
            rig.projection, log: rig.log, views: rig.views, leases: rig.views,
            settings: RebuildSettings(
                holder: "rebuild",
                limits: RebuildLimits(
                    segmentEvents: 17, followBatch: 5, closeEvents: 0, briefEvents: brief,
                    alignmentPatience: patience),
                layout: layout), observe: observe)
    }

    /// Moves some lanes of the active generation further, as a quicker process does.
    private func move(_ lanes: [Int], of rig: Rig, through end: Int) async throws {
        let answer = try await rig.views.acquire("tests", holder: "tests", for: .seconds(60))
        guard case .granted(let lease) = answer else { return #expect(Bool(false), "\(answer)") }
        let keys = lanes.map { ConsumerProgress.Key(of: rig.projection, lane: $0) }
        var progress = LaneProgress(
            rig.projection, lanes: lanes, stored: try await rig.views.progress(of: keys),
            incarnation: try await rig.log.head().incarnation)
        let before = progress
        let events = try await rig.events().prefix(end)
        let own = events.filter { before.counts($0) }
        let rows = try await rig.views.rows(for: BatchFold.keys(of: own, for: rig.projection), in: rig.projection.table)
        var fold = BatchFold(rig.projection, rows: rows)
        for event in own {
            try fold.fold(event)
            progress.handle(event)
        }
        if let last = events.last { progress.stand(behind: last) }
        let moves = progress.moves(
            from: before, under: LaneShare(Dictionary(uniqueKeysWithValues: lanes.map { ($0, lease) })))
        #expect(try await rig.views.apply(fold.changes, moving: moves) == .advanced)
    }

    private func expectCurrent(_ generation: Generation, in rig: Rig, through end: Int64) async throws {
        let made = generation.keeping(rig.projection)
        #expect(rig.views.rows(of: made.table) == (try await rig.naive()))
        let stored = try await rig.views.progress(of: ConsumerProgress.Key.all(of: made))
        #expect(stored.map(\.position) == made.layout.lanes.map { _ in GlobalPosition(end) })
        #expect(stored.reduce(0) { $0 + $1.eventsHandled } == end)
        var (sum, expected) = (CompletenessDigest(), CompletenessDigest())
        for lane in stored { sum.add(lane.digest) }
        for event in try await rig.events() { expected.add(event) }
        #expect(sum == expected)
    }

    @Test(arguments: layouts, layouts)
    func `makes the same rows, takes the place of the other one, and can be returned from`(
        _ old: LaneLayout, _ new: LaneLayout
    ) async throws {
        let rig = Rig(layout: old)
        let types = ["tally.up", "tally.up", "other.thing", "tally.cleared", "tally.up"]
        try await rig.append((0..<90).map { types[$0 % types.count] }, streams: 11)
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(90)) }
        let report = try await rebuild(rig, to: new).build()
        #expect(report.comparison.differing == 0 && report.shadow.layout == new)
        try await expectCurrent(report.shadow, in: rig, through: 90)
        let made = try await rebuild(rig, to: new).activate()
        try await rig.append((0..<10).map { types[$0 % types.count] }, streams: 11)
        let kept = made.keeping(rig.projection)
        try await running(rig.projector(kept)) {
            _ = try await rig.views.wait(
                for: ConsumerProgress.Key.all(of: kept), through: GlobalPosition(100), atMost: .seconds(600),
                time: SystemTimekeeper())
        }
        #expect(try await rebuild(rig, to: new).rollBack().layout == old)
        let active = try #require(try await rig.views.generations().first { $0.state == .active })
        try await expectCurrent(active, in: rig, through: 100)
    }

    @Test(arguments: layouts)
    func `compares where the lanes of what readers see are apart, and readers never go back in any of them`(
        _ new: LaneLayout
    ) async throws {
        let rig = Rig(layout: .byLane(4))
        try await rig.append([String](repeating: "tally.up", count: 60), streams: 11)
        try await move([0, 1, 2, 3], of: rig, through: 20)
        try await move([1], of: rig, through: 50)
        try await move([3], of: rig, through: 35)
        // The generation is at the end of the log, and what readers see is not: the rows of the events in between are behind, and no others.
        let report = try await rebuild(rig, to: new).build()
        #expect(report.isExplained && report.count(.behind) == report.comparison.differing)
        #expect(report.comparison.differing > 0)
        #expect(report.comparison.active.positions.map(\.rawValue) == [20, 50, 20, 35])
        let made = try await rebuild(rig, to: new).activate()
        let frontier = try await rig.views.frontier(of: made)
        #expect(!frontier.isBehind(Frontier(made.layout, at: GlobalPosition(50))) || made.layout == .byLane(4))
    }

    /// A generation that was made at 20, and readers whose lanes have gone on since, to 20, 50, 20 and 35 of 60.
    private func apart() async throws -> Rig {
        let rig = Rig(layout: .byLane(4))
        try await rig.append([String](repeating: "tally.up", count: 20), streams: 11)
        try await move([0, 1, 2, 3], of: rig, through: 20)
        _ = try await rebuild(rig, to: .byLane(4)).build()
        try await rig.append([String](repeating: "tally.up", count: 40), streams: 11)
        try await move([1], of: rig, through: 50)
        try await move([3], of: rig, through: 35)
        return rig
    }

    @Test func `a generation that waits is brought to the very frontier of what readers see`() async throws {
        let rig = try await apart()
        let report = try await rebuild(rig, to: .byLane(4)).compare()
        #expect(report.comparison.differing == 0)
        #expect(report.comparison.shadow.positions.map(\.rawValue) == [20, 50, 20, 35])
    }

    @Test func `while it catches up, the lanes are named that are furthest behind, and where they are`() async throws {
        let rig = try await apart()
        try await expectHindmost(
            [([1, 3], 20), ([1, 3], 25), ([1, 3], 30), ([1], 35), ([1], 40), ([1], 45)], in: rig)
        try await move([0, 1, 2, 3], of: rig, through: 60)
        try await expectHindmost(
            [
                ([0, 2], 20), ([0, 2], 25), ([0, 2], 30), ([0, 2, 3], 35), ([0, 2, 3], 40), ([0, 2, 3], 45),
                ([0, 1, 2, 3], 50), ([0, 1, 2, 3], 55),
            ], in: rig)
    }

    /// What is told of lanes while the generation that waits is brought to where readers are.
    private func expectHindmost(_ lanes: [([Int], Int64)], in rig: Rig) async throws {
        let looks = Looks()
        _ = try await rebuild(rig, to: .byLane(4), observe: looks.note).compare()
        let expected = lanes.map { LanesAtWork(.hindmost(at: GlobalPosition($0.1)), in: $0.0, of: 4) }
        #expect(looks.all.compactMap(\.atWork) == expected)
        #expect(looks.all.last?.atWork == nil, "none is behind when it is done")
    }

    private static let streams = [
        RebuildPart.workspace(.default), .stream(.default, StreamName(trusting: "tally-1")),
        .positions(GlobalPosition(1)...GlobalPosition(70)),
    ]

    @Test(arguments: streams) func `a part is made anew up to where each lane is, and keeps the layout`(
        _ part: RebuildPart
    ) async throws {
        let rig = Rig(layout: .byLane(4))
        try await rig.append([String](repeating: "tally.up", count: 40), streams: 11)
        try await move([0, 1, 2, 3], of: rig, through: 40)
        try await rig.append([String](repeating: "tally.up", count: 30), streams: 11)
        try await move([0, 2], of: rig, through: 55)
        try await move([2], of: rig, through: 70)
        let report = try await rebuild(rig, to: .whole).build(part)
        #expect(report.comparison.differing == 0 && report.shadow.layout == .byLane(4))
        #expect(report.comparison.shadow.positions.map(\.rawValue) == [55, 40, 70, 40])
        let projectors = rig.projector(report.shadow.keeping(rig.projection))
        try await running(projectors) {
            _ = try await rig.views.wait(
                for: ConsumerProgress.Key.all(of: report.shadow), through: GlobalPosition(70), atMost: .seconds(600),
                time: SystemTimekeeper())
        }
        try await expectCurrent(report.shadow, in: rig, through: 70)
    }

    @Test func `a part is refused where an event outside of it that a lane has handled already concerns its rows`()
        async throws
    {
        let rig = Rig(layout: .byLane(4))
        try await rig.append([String](repeating: "tally.up", count: 40), streams: 5)
        try await move([0, 1, 2, 3], of: rig, through: 40)
        try await rig.append([String](repeating: "tally.up", count: 9), streams: 5)
        let part = RebuildPart.positions(GlobalPosition(1)...GlobalPosition(40))
        let report = try await rebuild(rig, to: .whole).build(part)
        #expect(report.comparison.differing == 0, "no lane has come to the others")
        _ = try await rebuild(rig, to: .whole).giveUp()
        let ahead = try #require(try await rig.events().last.map { rig.projection.layout.lane(of: $0) })
        try await move([ahead], of: rig, through: 49)
        await #expect {
            try await rebuild(rig, to: .whole).build(part)
        } throws: { error in
            if case RebuildFault.partIsOpen(_, part, _, _, let position) = error {
                position > GlobalPosition(40)
            } else {
                false
            }
        }
    }

    @Test func `a part waits for lanes that are far apart, and then names them`() async throws {
        let rig = Rig(layout: .byLane(4))
        try await rig.append([String](repeating: "tally.up", count: 40), streams: 5)
        try await move([0, 1, 2, 3], of: rig, through: 20)
        try await move([2], of: rig, through: 40)
        await #expect {
            try await rebuild(rig, to: .whole, patience: .milliseconds(2), brief: 19).build(.workspace(.default))
        } throws: { error in
            guard case RebuildFault.lanesApart(_, let frontier) = error else { return false }
            return frontier.least == GlobalPosition(20) && frontier.greatest == GlobalPosition(40)
        }
        let near = try await rebuild(rig, to: .whole, brief: 20).build(.workspace(.default))
        #expect(near.comparison.differing == 0)
    }

    @Test func `a part to which a lane that is ahead has brought a new row waits for the others, and not for ever`()
        async throws
    {
        let rig = Rig(layout: .byLane(4))
        try await rig.append([String](repeating: "tally.up", count: 40), streams: 5)
        try await move([0, 1, 2, 3], of: rig, through: 40)
        try await rig.append([String](repeating: "tally.up", count: 30), streams: 30)
        try await move([0, 1, 2], of: rig, through: 70)
        await #expect(throws: RebuildFault.partGrows(projection: "tally", .workspace(.default))) {
            try await rebuild(rig, to: .whole).build(.workspace(.default))
        }
        try await move([3], of: rig, through: 70)
        let report = try await rebuild(rig, to: .whole).build(.workspace(.default))
        #expect(report.comparison.differing == 0)
    }
}
