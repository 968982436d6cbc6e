import Foundation
import PostgresDriver

/// One round: a change of what readers see that is struck, the one that succeeds, and the questions afterwards.
struct Changeover: Sendable {
    let stage: ChangeoverStage
    /// How long the undisturbed run lived that ended last: where in its life one is that is struck anywhere.
    private var life: Duration = .seconds(1)
    private(set) var summary = ""

    init(stage: ChangeoverStage) { self.stage = stage }

    /// The generations that readers see and may return to.
    private struct Kept: Equatable { let active: Int64, previous: Int64, newest: Int64 }

    /// Everything that the rounds need to be there: events, and a generation to return to. What reads the topic returns to one that was fed from it.
    mutating func warmUp() async throws {
        stage.writer.feed(true)
        try await Patience.until("the writer appends") { stage.writer.acknowledged >= 200 }
        for _ in 0..<(stage.source == .topic ? 2 : 1) {
            try await succeed(
                ["projections", "rebuild"] + ChangeoverPlan.projections
                    + ["--activate", "--layout", "by-lane", "--json"])
        }
        guard stage.source == .topic else { return }
        try await Patience.until("both projectors have lanes of what readers see") {
            try await stage.observer.number(
                """
                select count(distinct l.holder) from lockstep.leases l join lockstep.generations g
                    on l.name like format('projector/%s/v%s/%%', g.projection, g.number)
                where g.state = 'active' and l.expires_at > clock_timestamp()
                """) == 2
        }
    }

    /// Folds the whole log once more, and compares that row by row with what readers see.
    func expectFoldedAnew() async throws {
        let outcome = try await ChangeoverAttempt(
            ["projections", "rebuild"] + ChangeoverPlan.projections + ["--json"], environment: stage.environment
        ).outcome()
        if outcome.status != 0 { throw Flawed(flaws: ["rows differ from a fold of the whole log: \(outcome)"]) }
    }

    mutating func perform(_ plan: ChangeoverPlan) async throws {
        let began = ContinuousClock.now
        stage.writer.feed(true)
        let before = try await kept(plan.projection)
        let struck = try await strike(plan)
        try await check("after the strike", before, plan)
        let disturbed = ContinuousClock.now
        try await succeed(plan.arguments)
        let after = try await kept(plan.projection)
        if plan.disturbance.verb == .rebuild, after.active <= before.newest {
            throw Flawed(flaws: ["readers see generation \(after.active) after a rebuild"])
        }
        let undisturbed = ContinuousClock.now
        try await stage.settled()
        try await checkRows(plan.projection)
        summary =
            "\(struck); \(began.duration(to: disturbed)) for the strike, \(disturbed.duration(to: undisturbed)) for the next run, "
            + "\(undisturbed.duration(to: .now)) for the questions; \(stage.writer.acknowledged) events, \(stage.watch.looks) looks of a reader"
    }

    /// Runs until it succeeds. A dead one holds the lease for a while, and nothing else may be in the way.
    private mutating func succeed(_ arguments: [String]) async throws {
        var outcome: ChangeoverAttempt.Outcome?
        try await Patience.until("\(arguments.prefix(3).joined(separator: " ")) succeeds") {
            let began = ContinuousClock.now
            let last = try await ChangeoverAttempt(arguments, environment: stage.environment).outcome()
            outcome = last
            life = began.duration(to: .now)
            // Who finds no connection, on a machine that is busy, has changed nothing.
            return !last.isOvertaken && last.status != 3
        }
        guard let outcome, outcome.status == 0 else {
            throw Flawed(flaws: ["\(arguments.joined(separator: " ")): \(outcome.map { "\($0)" } ?? "never ended")"])
        }
    }

    private func kept(_ projection: String) async throws -> Kept {
        try await stage.observer.with { connection in
            let found = try await connection.query(
                PostgresStatement(
                    """
                    select coalesce(max(number) filter (where state = 'active'), 0)::bigint,
                        coalesce(max(number) filter (where state = 'previous'), 0)::bigint, max(number)::bigint
                    from lockstep.generations where projection = '\(projection)'
                    """))
            return Kept(
                active: try found.int64(0, 0), previous: try found.int64(0, 1), newest: try found.int64(0, 2))
        }
    }
}

// MARK: Striking

extension Changeover {
    /// - Returns: what became of it.
    private func strike(_ plan: ChangeoverPlan) async throws -> String {
        try await ChangeoverGate.closed(stage.observer) { open in
            var environment = stage.environment
            environment["LOCKSTEP_DATABASE_URL"] = ChangeoverGate.url(
                stage.observer.url, stoppingAt: plan.disturbance.step)
            let victim = try ChangeoverAttempt(plan.arguments, environment: environment)
            let isThere = try await reach(plan, victim)
            switch plan.disturbance.strike {
            case .kill:
                victim.signal(SIGKILL)
                _ = await victim.outcome()
                try await open()
            case .killBehind:
                try await open()
                victim.signal(SIGKILL)
                _ = await victim.outcome()
            case .pause:
                victim.signal(SIGSTOP)
                try await open()
                return try await outlast(victim, plan)
            }
            return isThere ? "struck" : "struck too late"
        }
    }

    /// Waits until the process is where it is to be struck.
    ///
    /// - Returns: whether it is; it may have ended before.
    private func reach(_ plan: ChangeoverPlan, _ victim: ChangeoverAttempt) async throws -> Bool {
        let moment = ContinuousClock.now + life * plan.moment
        try await Patience.until("the process is \(plan.disturbance.step.rawValue), or has ended") {
            if victim.hasEnded { return true }
            guard plan.disturbance.step == .anywhere else {
                return try await ChangeoverGate.isReached(stage.observer)
            }
            return ContinuousClock.now >= moment
        }
        return !victim.hasEnded
    }

    /// The paused process holds nobody up for long, another one takes its place, and then it wakes and believes that it leads.
    private func outlast(_ victim: ChangeoverAttempt, _ plan: ChangeoverPlan) async throws -> String {
        defer { victim.signal(SIGCONT) }
        let head = try await stage.observer.number("select position from lockstep.log_head")
        try await Patience.until("readers and projectors go on while \(plan.disturbance.verb.rawValue) is paused") {
            try await stage.observer.number(
                """
                select min(position) from lockstep.consumer_progress where consumer = '\(plan.projection)' and kind = 'projector'
                """) > head
        }
        let lease = "from lockstep.leases where name = 'rebuild/\(plan.projection)'"
        try await Patience.until("the lease of the paused one is over") {
            try await stage.observer.number("select count(*) \(lease) and expires_at > clock_timestamp()") == 0
        }
        let token = try await stage.observer.number("select coalesce(max(token), 0) \(lease)")
        let successor = try ChangeoverAttempt(plan.arguments, environment: stage.environment)
        try await Patience.until("another one leads, or has ended") {
            if successor.hasEnded { return true }
            return try await stage.observer.number("select coalesce(max(token), 0) \(lease)") > token
        }
        victim.signal(SIGCONT)
        let (woken, next) = (await victim.outcome(), await successor.outcome())
        for outcome in [woken, next] where outcome.status == 4 || outcome.status > 64 {
            throw Flawed(flaws: ["ended with \(outcome)"])
        }
        return "woke up to \(woken); the next one ended with \(next)"
    }
}

// MARK: Asking

extension Changeover {
    private func check(_ when: String, _ before: Kept, _ plan: ChangeoverPlan) async throws {
        let after = try await kept(plan.projection)
        let isOneOfTwo =
            switch plan.disturbance.verb {
            case .rebuild: after.active == before.active || after.active > before.newest
            case .rollback: [before.active, before.previous].contains(after.active)
            }
        var flaws = try await stage.observer.with { try await GenerationCheck.flaws($0) }
        if !isOneOfTwo { flaws.append("readers see generation \(after.active), of \(before)") }
        try Flawed.check(flaws.map { "\(when): \($0)" })
    }

    /// Rows are what the log says, whichever generation they are of; certificates are complete; and no reader was ever set back.
    func checkRows(_ projection: String) async throws {
        let flaws = try await stage.observer.with { connection in
            try await GenerationCheck.flaws(connection) + ViewCheck.flaws(connection, fromLane: stage.leastLane)
                + ViewCheck.flaws(connection, ofKind: "previous", fromLane: stage.leastLane)
                + GenerationCheck.differences(connection, of: projection) + CheckpointWatch.flaws(connection)
                + StopWatch.flaws(connection, fromLane: stage.leastLane)
        }
        let verified = try await ChangeoverAttempt(
            ["projections", "verify", "--completeness", "--json"], environment: stage.environment
        ).outcome()
        try await Flawed.check(
            flaws + stage.watch.flaws() + (verified.status == 0 ? [] : ["certificates: \(verified)"]))
    }
}
