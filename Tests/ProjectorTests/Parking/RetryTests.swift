import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import ReadModels
import Testing

@testable import Projector

/// What becomes of what is parked, by request.
@Suite(.timeLimit(.minutes(15))) struct `Retrying` {
    private let cured = TallyProjection(cured: ["broken", "untold", "refused"])

    /// A log in which keys are parked, up to its end.
    private func parked(_ special: [Int: String] = [1: "tally.broken"], count: Int = 30) async throws -> Rig {
        let rig = Rig()
        try await rig.append((0..<count).map { special[$0] ?? "tally.up" })
        try await running(rig.projector(log: rig.log, views: RefusingViews(base: rig.views))) {
            try await rig.reach(GlobalPosition(Int64(count)))
        }
        return rig
    }

    @Test(arguments: [
        [1: "tally.broken"], [1: "tally.broken", 3: "tally.broken", 4: "tally.broken"], [2: "tally.untold"],
        [0: "tally.broken", 6: "tally.untold", 10: "tally.refused"], [5: "tally.refused"], [29: "tally.broken"],
    ])
    func `what a cured fold tries again gives the rows of the naive fold`(_ special: [Int: String]) async throws {
        let rig = try await parked(special)
        #expect(try await !rig.views.allParkedKeys(of: rig.key).isEmpty)
        #expect(try await rig.views.requestRetry(of: nil, of: rig.key, by: "ada") > 0)
        try await running(rig.projector(cured)) {
            try await rig.unpark()
            try await rig.append(["tally.up", "tally.up", "tally.up"])
            try await rig.reach(GlobalPosition(33))
        }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(cured)))
        #expect(try await rig.views.progress(of: rig.key) == rig.progress(through: GlobalPosition(33), state: .live))
    }

    @Test func `nothing is tried again before somebody asks`() async throws {
        let rig = try await parked()
        try await running(rig.projector(cured)) {
            try await rig.append(["tally.up", "tally.up"], streams: 2)
            try await rig.reach(GlobalPosition(32))
        }
        let key = try #require(try await rig.views.parkedKey(.row(1), of: rig.key))
        #expect(key.tries == 1 && key.queued == 11)
    }

    @Test func `only what was asked for is tried, and what is not parked is not asked for`() async throws {
        let rig = try await parked([0: "tally.broken", 1: "tally.broken"])
        let unknown = ParkingKey(text: #"["nobody"]"#)
        #expect(try await rig.views.requestRetry(of: [.row(1), unknown], of: rig.key, by: nil) == 1)
        try await running(rig.projector(cured)) { try await rig.settleRequests() }
        #expect(try await rig.views.allParkedKeys(of: rig.key).map(\.key) == [.row(0)])
        #expect(
            rig.views.rows(of: rig.projection.table)
                == (try await rig.naive(cured) { $0.stream.rawValue != "tally-0" }))
    }

    @Test(arguments: [["broken"], ["broken", "refused"]])
    func `what fails again stays parked where it failed, with the new cause, and what came before is in the row`(
        _ types: [String]
    ) async throws {
        // Of the queue of tally-1 (2, 5, 8, … 29) a half cured fold gets through to the event at 14.
        let rig = try await parked([1: "tally.broken", 13: types.count == 1 ? "tally.untold" : "tally.refused"])
        let key = try #require(try await rig.views.allParkedKeys(of: rig.key).first)
        _ = try await rig.views.requestRetry(of: nil, of: rig.key, by: "ada")
        let half = TallyProjection(cured: ["broken"])
        try await running(rig.projector(half, log: rig.log, views: RefusingViews(base: rig.views))) {
            try await rig.settleRequests()
        }
        let again = try #require(try await rig.views.parkedKey(key.key, of: rig.key))
        #expect(again.first == GlobalPosition(14) && again.failure.position == GlobalPosition(14))
        #expect(again.tries == 2 && again.request == nil && again.failure.cause != key.failure.cause)
        #expect(again.queued == 6)
        #expect(
            rig.views.rows(of: rig.projection.table)
                == (try await rig.naive(half) { $0.stream.rawValue != "tally-1" || $0.position < GlobalPosition(14) }))
        _ = try await rig.views.requestRetry(of: nil, of: rig.key, by: "ada")
        try await running(rig.projector(cured)) { try await rig.unpark() }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(cured)))
    }

    @Test func `an event is left out on the record, with reason and actor, and a rebuild leaves it out as well`()
        async throws
    {
        let rig = try await parked()
        let skip = RetryRequest.Skip(GlobalPosition(2), because: "written by hand")
        #expect(try await rig.views.requestSkip(of: .row(1), of: rig.key, skip, by: "ada"))
        try await running(rig.projector()) {
            try await rig.unpark()
            try await rig.reach(GlobalPosition(31))
        }
        let recorded = try #require(try await rig.events().last)
        #expect(recorded.stream.rawValue == "projection-tally" && recorded.actor == "ada")
        guard case .eventSkipped(let skipped) = try ProjectionEvent(recorded) else { return }
        #expect(skipped.position == GlobalPosition(2) && skipped.reason == "written by hand" && skipped.key == .row(1))
        let skips = try await rig.log.skippedEvents(of: "tally")
        let expected = try await rig.naive(skipping: skips)
        #expect(rig.views.rows(of: rig.projection.table) == expected && expected.count == 3)
        // A new view of the same log, with the fold as it is: nothing is parked.
        let rebuilt = InMemoryProjectionStore(time: rig.serverTime)
        let projector = ProjectorService(
            rig.projection, log: rig.log, views: rebuilt, leases: rebuilt, settings: .quick(holder: "two"),
            logger: .silent)
        try await running(projector) {
            while try await rebuilt.progress(of: rig.key)?.position != GlobalPosition(31) { await Task.yield() }
        }
        #expect(rebuilt.rows(of: rig.projection.table) == expected)
    }

    @Test func `what stands at another event by now is not left out`() async throws {
        let rig = try await parked([1: "tally.broken", 4: "tally.broken"])
        let skip = RetryRequest.Skip(GlobalPosition(5), because: "r")
        #expect(try await !rig.views.requestSkip(of: .row(1), of: rig.key, skip, by: "ada"))
        #expect(try await !rig.views.requestSkip(of: .row(0), of: rig.key, skip, by: "ada"))
        // Leaving out the first event brings the second one to light, which stays parked.
        let first = RetryRequest.Skip(GlobalPosition(2), because: "r")
        #expect(try await rig.views.requestSkip(of: .row(1), of: rig.key, first, by: "ada"))
        try await running(rig.projector()) { try await rig.settleRequests() }
        let parked = try #require(try await rig.views.parkedKey(.row(1), of: rig.key))
        #expect(parked.failure.position == GlobalPosition(5) && parked.queued == 9)
        #expect(try await rig.log.skippedEvents(of: "tally").count == 1)
    }

    @Test func `a skip without a reason is refused by the rule, and the key says so`() async throws {
        let rig = try await parked()
        let skip = RetryRequest.Skip(GlobalPosition(2), because: " ")
        #expect(try await rig.views.requestSkip(of: .row(1), of: rig.key, skip, by: "ada"))
        try await running(rig.projector()) { try await rig.settleRequests() }
        let parked = try #require(try await rig.views.parkedKey(.row(1), of: rig.key))
        #expect(parked.failure.cause.contains("for a reason only") && parked.queued == 10)
        #expect(try await rig.events().count == 30)
    }

    @Test(arguments: [false, true], [false, true])
    func `failing or dying at any call of a retry loses nothing and folds nothing twice`(kills: Bool, skips: Bool)
        async throws
    {
        for fault in FaultPlan.Fault.allCases {
            var call = 1
            while try await surviving(call, fault, kills: kills, skips: skips) { call += 1 }
            #expect(call > 15, "the run was too short to prove anything")
        }
    }

    /// Runs a projector that has to park and to retry, whose call with that number fails, then another one, and compares.
    ///
    /// - Returns: whether the first one made so many calls.
    private func surviving(_ call: Int, _ fault: FaultPlan.Fault, kills: Bool, skips: Bool) async throws -> Bool {
        let rig = try await parked([1: "tally.broken", 2: "tally.broken"], count: 12)
        _ = try await rig.views.requestRetry(of: nil, of: rig.key, by: "ada")
        let fold = skips ? TallyProjection() : cured
        if skips {
            for stream in 1...2 {
                let skip = RetryRequest.Skip(GlobalPosition(Int64(stream + 1)), because: "r")
                #expect(try await rig.views.requestSkip(of: .row(stream), of: rig.key, skip, by: "ada"))
            }
        }
        try await rig.append(["tally.up", "tally.up", "tally.up"])
        let plan = FaultPlan(call: call, fault: fault, kills: kills)
        let first = rig.projector(
            fold, log: FaultyLog(base: rig.log, plan: plan), views: FaultyViews(base: rig.views, plan: plan))
        try await running(first) {
            while !plan.isDead, try await !rig.views.allParkedKeys(of: rig.key).isEmpty { await Task.yield() }
        }
        let end = GlobalPosition(skips ? 17 : 15)
        try await running(rig.projector(fold)) {
            try await rig.unpark()
            try await rig.reach(end, "call \(call), \(fault)")
        }
        let left = try await rig.log.skippedEvents(of: "tally")
        #expect(left.count == (skips ? 2 : 0))
        #expect(
            rig.views.rows(of: rig.projection.table) == (try await rig.naive(fold, skipping: left)),
            "call \(call), \(fault)")
        #expect(
            try await rig.views.progress(of: rig.key) == rig.progress(through: end, state: .live),
            "call \(call), \(fault)")
        return plan.wasReached
    }

    @Test func `a process that was paused in a retry past its lease changes nothing when it wakes`() async throws {
        let rig = try await parked(count: 20)
        _ = try await rig.views.requestRetry(of: nil, of: rig.key, by: "ada")
        let paused = PausingViews(rig.views, paused: true)
        let stale = rig.projector(cured, log: rig.log, views: paused, holder: "stale", batch: 64...64)
        try await running(stale) {
            await paused.waitForArrival()
            // Its lease runs out, another process retries and goes on, then it wakes up.
            rig.serverTime.advance(by: .seconds(11))
            try await running(rig.projector(cured, holder: "new", batch: 2...2)) {
                try await rig.unpark()
                try await rig.append(["tally.up", "tally.up", "tally.up"])
                try await rig.reach(GlobalPosition(23))
                paused.resume()
                while paused.answers.isEmpty { await Task.yield() }
            }
            guard case .fenced? = paused.answers.first else {
                Issue.record("\(paused.answers)")
                return
            }
        }
        #expect(rig.views.rows(of: rig.projection.table) == (try await rig.naive(cured)))
    }
}
