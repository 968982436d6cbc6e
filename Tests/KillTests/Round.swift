import Foundation

/// What the questions of a round found.
struct Flawed: Error, CustomStringConvertible {
    let flaws: [String]
    var description: String { flaws.joined(separator: "; ") }

    static func check(_ flaws: [String]) throws(Flawed) {
        if !flaws.isEmpty { throw Flawed(flaws: flaws) }
    }
}

/// One round: appends, faults, recovery, and the questions afterwards.
struct Round: Sendable {
    /// A log of this many events is read from the topic anew after every round; a longer one by the live consumer, and now and then.
    private static let wholeTopic = 40_000
    /// Appends of each writer after the last fault: everything works again.
    private static let recovery = 40

    let world: World
    let live: TopicFollower
    private var copy = CopyCheck()
    private var number = 0
    private var isByLane = false
    private(set) var summary = ""

    init(world: World, live: TopicFollower) {
        self.world = world
        self.live = live
        isByLane = world.source == .topic
    }

    mutating func perform(_ plan: RoundPlan, isLast: Bool) async throws {
        number += 1
        if plan.isByLane != isByLane {
            try await world.layOut(byLane: plan.isByLane)
            isByLane = plan.isByLane
        }
        let began = ContinuousClock.now
        try await disturb(plan)
        let disturbed = ContinuousClock.now
        try await checkLog()
        let head = try await world.caughtUp()
        try await checkCopies(head, reading: isLast || plan.isQuiet || number % 5 == 0 || head < Self.wholeTopic)
        summary =
            "head \(head), \(live.read - live.total) records ignored, \(began.duration(to: disturbed)) for the faults, "
            + "\(disturbed.duration(to: .now)) for the rest"
    }

    private func disturb(_ plan: RoundPlan) async throws {
        world.feed(true)
        let before = world.acknowledged
        if plan.isQuiet {
            try await Patience.until("appends before a quiet fault") { world.acknowledged >= before + 100 }
            world.feed(false)
            try await world.caughtUp()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for planned in plan.faults {
                group.addTask { [world] in
                    if !plan.isQuiet {
                        try await Patience.until("\(planned.after) appends") {
                            world.acknowledged >= before + planned.after
                        }
                    }
                    try await world.inject(planned.fault)
                }
            }
            try await group.waitForAll()
        }
        guard !plan.isQuiet else { return }
        let counts = world.writers.map(\.acknowledged)
        try await Patience.until("every writer goes on after the faults") {
            zip(world.writers, counts).allSatisfy { $0.acknowledged >= $1 + Self.recovery }
        }
        world.feed(false)
    }

    /// First of all, and before anybody waits for what may never come: is every acknowledged append there?
    private func checkLog() async throws {
        try await world.answered()
        let acknowledged = world.writers.flatMap { $0.ledger.acknowledged }
        var flaws: [String] = []
        try await Patience.until("the log can be asked") {
            flaws = try await world.observer.with { try await LogCheck.flaws($0, acknowledged) }
            return true
        }
        try Flawed.check(flaws + world.writers.flatMap { $0.ledger.flaws })
    }

    private mutating func checkCopies(_ head: Int64, reading isWhole: Bool) async throws {
        let flaws = try await world.observer.with { connection in
            try await ViewCheck.flaws(connection, fromLane: world.leastLane) + CheckpointWatch.flaws(connection)
                + StopWatch.flaws(connection, fromLane: world.leastLane)
        }
        try Flawed.check(
            flaws + world.members.flatMap { member in member.collapses.map { "\(member.name) ended with \($0)" } })
        let verified = try await ChangeoverAttempt(
            ["projections", "verify", "--completeness", "--json"], environment: world.environment
        ).outcome()
        if verified.status != 0 { throw Flawed(flaws: ["certificates: \(verified)"]) }
        try await Patience.until("the publisher has handled every event once") {
            try await world.observer.with { try await ViewCheck.flaws($0, ofKind: "publisher") }.isEmpty
        }
        try await Self.compare(live, with: head, &copy, world)
        guard isWhole else { return }
        var fresh = CopyCheck()
        try await world.following { try await Self.compare($0, with: head, &fresh, world) }
    }

    private static func compare(
        _ follower: TopicFollower, with head: Int64, _ copy: inout CopyCheck, _ world: World
    ) async throws {
        // What does not come in time is named below.
        try? await Patience.until("the consumer has every event") { follower.total >= head }
        var comparison = copy
        comparison.take(follower.take())
        let before = comparison
        comparison = try await world.observer.with { connection in
            var comparison = before
            try await comparison.compareLog(connection)
            return comparison
        }
        copy = comparison
        try Flawed.check(Array((copy.flaws + follower.alarms).prefix(20)))
    }
}

extension World {
    /// The first events, so that the topic and every checkpoint exist.
    func warmUp() async throws {
        feed(true)
        try await Patience.until("every writer appends") { writers.allSatisfy { $0.acknowledged >= 5 } }
        if source == .topic { try await layOut(byLane: true) }
        feed(false)
        try await caughtUp()
    }

    /// Folds the whole log once more, and compares that row by row with what readers see.
    func expectFoldedAnew() async throws {
        let outcome = try await ChangeoverAttempt(
            ["projections", "rebuild"] + ChangeoverPlan.projections + ["--json"], environment: environment
        ).outcome()
        if outcome.status != 0 { throw Flawed(flaws: ["rows differ from a fold of the whole log: \(outcome)"]) }
    }

    /// Makes the read models that are asked about anew, with one checkpoint or with one for each lane, while events come.
    func layOut(byLane: Bool) async throws {
        feed(true)
        let layout: ChangeoverPlan.Layout = byLane ? .byLane : .whole
        let outcome = try await ChangeoverAttempt(
            ["projections", "rebuild"] + ChangeoverPlan.projections + [
                "--activate", "--layout", layout.rawValue, "--json",
            ], environment: environment
        ).outcome()
        if outcome.status != 0 { throw Flawed(flaws: ["a rebuild \(layout.rawValue): \(outcome)"]) }
        feed(false)
        guard byLane else { return }
        try await Patience.until("both projectors have lanes") {
            try await observer.number(
                """
                select count(distinct l.holder) from lockstep.leases l join lockstep.generations g
                    on l.name like format('projector/%s/v%s/%%', g.projection, g.number)
                where g.state = 'active' and l.expires_at > clock_timestamp()
                """) == 2
        }
    }

    func answered() async throws {
        try await Patience.until("every append is answered") { writers.allSatisfy(\.isIdle) }
    }

    /// Waits until every append has its answer and every consumer is at the head, which is returned.
    @discardableResult func caughtUp() async throws -> Int64 {
        try await answered()
        do {
            try await Patience.until("publisher and projectors are at the head") {
                try await observer.number(
                    """
                    select case when count(*) filter (where kind = 'publisher') = 1 and count(distinct consumer) filter (where kind = 'projector') = \(source == .topic ? ChangeoverPlan.projections.count : World.projections)
                        and min(position) = max(head) then 1::bigint else 0::bigint end
                    from lockstep.consumer_progress where kind <> 'projector' or lane >= \(leastLane)
                    """) == 1
            }
        } catch let exhausted as Patience.Exhausted {
            throw Flawed(flaws: try await [exhausted.description] + observer.texts(Stragglers.question))
        }
        return try await observer.number("select position from lockstep.log_head")
    }
}
