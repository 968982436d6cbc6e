import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import ReadModels
import Testing

@testable import Projector

/// What is parked, what waits, and what flows. Streams take turns: `tally-0`, `tally-1`, `tally-2`.
@Suite(.timeLimit(.minutes(15))) struct `Parking` {
    private func types(_ count: Int, _ special: [Int: String]) -> [String] {
        (0..<count).map { special[$0] ?? "tally.up" }
    }

    private func row(_ stream: Int) -> ParkingKey { .row(stream) }

    /// Runs a projector until it is at the end of the log.
    private func run(_ rig: Rig, refusing: Bool = false, parkedKeys: Int = 100) async throws {
        let end = GlobalPosition(Int64(try await rig.events().count))
        if refusing {
            try await running(rig.projector(log: rig.log, views: RefusingViews(base: rig.views), batch: 9...9)) {
                try await rig.reach(end)
            }
        } else {
            try await running(rig.projector(parkedKeys: parkedKeys)) { try await rig.reach(end) }
        }
        #expect(try await rig.views.progress(of: rig.key) == rig.progress(through: end, state: .live))
    }

    @Test(arguments: 0..<12, [false, true])
    func `one key is set aside with what follows it, everything else flows`(_ place: Int, refused: Bool) async throws {
        let rig = Rig()
        try await rig.append(types(12, [place: refused ? "tally.refused" : "tally.broken"]))
        try await run(rig, refusing: refused)
        let stream = "tally-\(place % 3)"
        let late = GlobalPosition(Int64(place + 1))
        #expect(
            rig.views.rows(of: rig.projection.table)
                == (try await rig.naive { $0.stream.rawValue != stream || $0.position < late }))
        let parked = try #require(try await rig.views.parkedKey(row(place % 3), of: rig.key))
        let waiting = try await rig.events().filter { $0.stream.rawValue == stream && $0.position >= late }
            .map(\.position)
        #expect(try await rig.views.queue(of: parked.key, of: rig.key, after: .start, limit: 99) == waiting)
        #expect(parked.queued == Int64(waiting.count) && parked.first == late && parked.tries == 1)
        #expect(parked.failure.position == late && parked.failure.type.rawValue.hasPrefix("tally."))
        #expect(parked.failure.cause.contains("position \(late)"))
        #expect(try await rig.views.allParkedKeys(of: rig.key).count == 1)
    }

    @Test func `two keys wait apart from each other, and nothing waits twice`() async throws {
        let rig = Rig()
        try await rig.append(types(15, [3: "tally.broken", 4: "tally.broken", 6: "tally.broken"]))
        try await run(rig)
        for stream in 0..<2 {
            let positions = try await rig.views.queue(of: row(stream), of: rig.key, after: .start, limit: 99)
            #expect(positions == (1..<5).map { GlobalPosition(Int64($0 * 3 + stream + 1)) })
        }
        #expect(try await rig.views.allParkedKeys(of: rig.key).count == 2)
        #expect(rig.views.rows(of: rig.projection.table).count == 3)
    }

    @Test func `an event that does not tell its row sets its sync key aside, and rows that waited before wait with it`()
        async throws
    {
        let rig = Rig()
        try await rig.append(types(15, [0: "tally.broken", 6: "tally.untold", 7: "tally.untold"]))
        try await run(rig)
        let parked = try await rig.views.allParkedKeys(of: rig.key)
        #expect(parked.map(\.key.text) == [#"sync:["default","0"]"#, #"sync:["default","1"]"#])
        #expect(parked.map(\.key.sort) == [.syncKey, .syncKey])
        // The broken event of the row came first: a retry begins there, and says so.
        #expect(parked[0].failure.position == GlobalPosition(1) && parked[0].first == GlobalPosition(1))
        let first = try await rig.views.queue(of: parked[0].key, of: rig.key, after: .start, limit: 99)
        #expect(first.map(\.rawValue) == [1, 4, 7, 10, 13])
        let second = try await rig.views.queue(of: parked[1].key, of: rig.key, after: .start, limit: 99)
        #expect(second.map(\.rawValue) == [8, 11, 14], "what tells its row waits as well: the other may concern it")
        let expected = try await rig.naive { event in
            switch event.stream.rawValue {
            case "tally-0": false
            case "tally-1": event.position < GlobalPosition(8)
            default: true
            }
        }
        #expect(rig.views.rows(of: rig.projection.table) == expected)
    }

    @Test(arguments: [2...2, 1...64])
    func `rows and their sync key are one queue, whether they were parked in one batch or in several`(
        _ batch: ClosedRange<Int>
    ) async throws {
        let rig = Rig()
        try await rig.append(types(12, [0: "tally.broken", 6: "tally.untold"]), streams: 1)
        try await running(rig.projector(batch: batch)) { try await rig.reach(GlobalPosition(12)) }
        let parked = try await rig.views.allParkedKeys(of: rig.key)
        #expect(parked.map(\.queued) == [12] && parked.first?.key.sort == .syncKey)
        let positions = try await rig.views.queue(of: parked[0].key, of: rig.key, after: .start, limit: 99)
        #expect(positions.map(\.rawValue) == Array(1...12))
    }

    @Test func `a fold that is broken for everything stops instead of setting the world aside`() async throws {
        let rig = Rig()
        try await rig.append([String](repeating: "tally.broken", count: 9), streams: 9)
        try await running(rig.projector(parkedKeys: 4)) {
            guard case .stopped(let position, let reason) = try await rig.wait(through: GlobalPosition(9)) else {
                Issue.record("it did not stop")
                return
            }
            #expect(position == GlobalPosition(4))
            #expect(
                reason.hasPrefix("4 keys of tally are parked already, which is the limit, and the event at position 5 ")
            )
            #expect(reason.hasSuffix("then run `lockstep projections retry tally --all`"))
        }
        #expect(try await rig.views.allParkedKeys(of: rig.key).count == 4)
        // A fold that is not broken gets by, and clears up on request, although the limit was reached.
        let cured = TallyProjection(cured: ["broken"])
        let asked = try await rig.views.requestRetry(of: nil, of: rig.key, by: "ada")
        #expect(asked == 4)
        try await running(rig.projector(cured, parkedKeys: 4)) {
            try await rig.unpark()
            try await rig.reach(GlobalPosition(9))
        }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(cured)))
    }

    @Test func `what is left out is left out live and by the oracle, and waits behind nothing`() async throws {
        let rig = Rig()
        try await rig.append(types(9, [4: "tally.broken"]))
        let event = try await rig.events()[4]
        try await rig.skip(event)
        try await running(rig.projector()) { try await rig.reach(GlobalPosition(10)) }
        #expect(try await rig.views.allParkedKeys(of: rig.key).isEmpty)
        let skips = try await rig.log.skippedEvents(of: "tally")
        #expect(skips.count == 1 && skips.includes(event))
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(skipping: skips)))
    }
}

extension ParkingKey {
    /// The row of `tally-<stream>`.
    static func row(_ stream: Int) -> ParkingKey {
        ParkingKey(row: RowKey([.text("tally-\(stream)"), .text("default")]))
    }
}

extension Rig {
    /// Returns once nothing is parked any more.
    func unpark() async throws {
        while try await !views.allParkedKeys(of: key).isEmpty { await Task.yield() }
    }

    /// Returns once nobody has anything to ask any more, whatever came of it.
    func settleRequests() async throws {
        while try await views.nextRetry(of: [key]) != nil { await Task.yield() }
    }

    /// Decides that an event is left out.
    func skip(_ event: RecordedEvent) async throws {
        let skipped = EventSkipped(
            version: 1, position: event.position, eventID: event.id, eventType: event.type, key: .row(1), cause: "c",
            reason: "r")
        let decided = ProjectionEvent.eventSkipped(skipped)
        let draft = EventDraft.draft(
            decided.type.rawValue, data: String(decoding: decided.encoded(), as: UTF8.self), actor: "ada")
        _ = try await log.append(AppendRequest([draft], to: ProjectionEvent.stream(of: "tally"), expecting: .any))
    }
}
