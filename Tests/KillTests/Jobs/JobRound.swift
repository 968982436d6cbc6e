import Foundation
import Testing

/// One job over many executions, one of which is to be decided about, and one strike at whoever works at it.
struct JobRound: Sendable {
    /// More than a page of a job; nothing was heard of them.
    static let others = 150

    let stage: EffectStage
    let run: String
    let plan: JobPlan

    /// In whose name the job decides: what it has decided is known by that.
    private var actor: String { "job-of-\(run)" }

    /// The executions beside the runs, as the read model would show them.
    static let script = """
        insert into lockstep_read.sync_state_v1 (workspace, execution_id, workflow_seen, journey_seen, workflow_over, journey_over, moved_last,
            session_bound, first_position, last_position, updated_at)
        select 'default', 's-' || lpad(n::text, 4, '0'), true, false, false, false, 'workflow', false, 1, 1, now()
        from generate_series(1, \(others)) n
        """

    /// - Parameter answer: what the conversation answers the run.
    /// - Returns: who was struck.
    func perform(_ answer: String) async throws -> String {
        try await prepare(answer)
        let id = UUID().uuidString.lowercased()
        try await file(id)
        let (name, verb) = try await EffectGate.closed(stage.observer, at: gate(id).type, of: gate(id).stream) { open in
            let (name, verb) = try await work(id)
            return (name, try await strike(name, verb, id, open))
        }
        let outcome = await verb.outcome()
        guard [0, 1].contains(outcome.status), outcome.output.contains(#""job":"\#(id)""#) else {
            throw Flawed(flaws: ["the verb that follows said: \(outcome)"])
        }
        try await check(id)
        return name
    }

    /// A run is apart, and nobody has looked at it.
    private func prepare(_ answer: String) async throws {
        for member in stage.reconcilers { member.goAway() }
        try await stage.engine.execute(run)
        try await Patience.until("\(run) waits") {
            try await stage.observer.number(
                "select count(*) from lockstep.event_log where stream = 'workflow_execution-\(run)' and type = 'workflow_execution.wait_started'"
            ) > 0
        }
        try await stage.talks.begin(run)
        try await stage.talks.answer(run, answer)
        try await Patience.until("both sides of \(run) are projected, and no lane is held") {
            try await stage.observer.number(
                """
                select count(*) from lockstep_views.sync_state where execution_id = '\(run)' and workflow_seen and journey_seen
                    and not exists (select from lockstep.leases where name ~ '^reconciler/' and expires_at > clock_timestamp())
                """) > 0
        }
    }

    /// As the verb does; the gate has to know the job before anybody works at it.
    private func file(_ id: String) async throws {
        try await stage.observer.with {
            try await $0.execute(
                """
                insert into lockstep.reconcile_jobs (id, selection, requested_by, requested_at, state)
                values ('\(id)', '{}', '\(actor)', clock_timestamp(), 'queued')
                """)
        }
    }

    /// What is stopped.
    private func gate(_ id: String) -> (type: String, stream: String) {
        switch plan.step {
        case .deciding: (EffectPlan.Step.deciding.rawValue, "reconciliation-\(run)")
        case .counting: (EffectGate.batch, id)
        }
    }

    /// - Returns: who stands still at the gate, and the verb that follows it, or works at it.
    private func work(_ id: String) async throws -> (String, ChangeoverAttempt) {
        switch plan.worker {
        case .verb:
            let verb = try follow(id)
            return (try await stopped(), verb)
        case .reconciler:
            for member in stage.reconcilers { member.comeBack() }
            let name = try await stopped()
            let verb = try follow(id)
            try await Patience.until("the verb follows") {
                try await stage.observer.number(
                    "select count(*) from pg_stat_activity where datname = current_database() and application_name = '\(Self.verb)'"
                ) > 0
            }
            return (name, verb)
        }
    }

    private func stopped() async throws -> String {
        var name: String?
        try await Patience.until("somebody is \(plan.step)") {
            name = try await EffectGate.stopped(stage.observer)
            return name != nil
        }
        guard let name, (name == Self.verb) == (plan.worker == .verb) else {
            throw Flawed(flaws: ["\(name ?? "nobody") is \(plan.step), not the \(plan.worker)"])
        }
        return name
    }

    private func follow(_ id: String) throws -> ChangeoverAttempt {
        var environment = stage.environment
        environment["LOCKSTEP_DATABASE_URL"] = EffectGate.url(stage.observer.url, as: Self.verb)
        return try ChangeoverAttempt(["reconcile", "run", "--resume", id, "--json"], environment: environment)
    }

    /// The name of its sessions.
    private static let verb = "reconciler-verb"

    /// - Returns: the verb that follows the job then.
    private func strike(
        _ name: String, _ verb: ChangeoverAttempt, _ id: String, _ open: @Sendable () async throws -> Void
    ) async throws -> ChangeoverAttempt {
        guard let victim = stage.reconcilers.first(where: { $0.name == name }) else {
            return try await strike(signal: { verb.signal($0) }, id, open) { try follow(id) } ?? verb
        }
        let next = try await strike(signal: { victim.signal($0) }, id, open) {
            // Whoever follows is killed with whoever works.
            verb.signal(SIGKILL)
            return try follow(id)
        }
        return next ?? verb
    }

    /// - Parameter again: has somebody follow the job whose worker, or follower, was killed; one that was only paused goes on following.
    private func strike(
        signal: (Int32) -> Void, _ id: String, _ open: @Sendable () async throws -> Void,
        again: () throws -> ChangeoverAttempt
    ) async throws -> ChangeoverAttempt? {
        switch plan.strike {
        case .kill:
            signal(SIGKILL)
            try await EffectGate.endSession(stage.observer)
            try await open()
            return try again()
        case .killBehind:
            try await open()
            signal(SIGKILL)
            return try again()
        case .pause:
            let holder = try await holder(of: id)
            signal(SIGSTOP)
            defer { signal(SIGCONT) }
            try await open()
            // Where nobody serves somebody has to be there who takes it over.
            let other = plan.worker == .verb ? try follow(id) : nil
            try await Patience.until("somebody else works at the job", within: .seconds(90)) {
                if let now = try await self.holder(of: id), now != holder { return true }
                return try await isOver(id)
            }
            if let other { _ = await other.outcome() }
            return nil
        }
    }

    private func holder(of id: String) async throws -> String? {
        try await stage.observer.texts(
            "select holder from lockstep.leases where name = 'reconcile-job-\(id)' and expires_at > clock_timestamp()"
        ).first
    }

    private func isOver(_ id: String) async throws -> Bool {
        try await stage.observer.number(
            "select count(*) from lockstep.reconcile_jobs where id = '\(id)' and finished_at is not null") > 0
    }

    /// Whether the looks that have decided are also those that were counted: who dies in between leaves decisions that the job does not count.
    private var isCounted: Bool { plan.step == .counting && plan.strike != .kill }

    /// The job is done, has counted every execution once, and says of its decisions what the log says.
    private func check(_ id: String) async throws {
        try Flawed.check(
            try await stage.observer.texts(
                """
                with job as (select * from lockstep.reconcile_jobs where id = '\(id)'), log as (
                    select count(*) as decided from lockstep.event_log where type = 'reconciliation.resolved' and actor = '\(actor)')
                select format('the job is %s: %s', j.state, j.last_error) from job j where j.state <> 'done'
                union all
                select format('%s of %s executions were looked at, beside %s runs', j.looked, j.total, r.runs)
                from job j, (select count(*) as runs from lockstep_views.sync_state where execution_id like 'run-%') r
                where j.looked not between \(Self.others) and \(Self.others) + r.runs or j.failed > 0
                union all
                select format('%s decisions are counted, %s are in the log', j.resolutions, l.decided) from job j, log l
                where j.resolutions \(isCounted ? "<>" : ">") l.decided
                union all
                select format('%s: %s was decided %s times', e.stream, e.data->>'path', count(*)) from lockstep.event_log e
                where e.type = 'reconciliation.resolved' group by e.stream, e.data->>'path', (e.data->'compared')::text having count(*) > 1
                """))
    }
}
