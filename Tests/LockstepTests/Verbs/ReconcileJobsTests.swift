import EventModel
import Foundation
import PostgresDriver
import Testing

@testable import lockstep

// Needs PostgreSQL: LOCKSTEP_DATABASE_URL.
@Suite("reconcile run as a job", .enabled(if: Program.hasDatabase), .timeLimit(.minutes(15))) struct ReconcileJobsTests
{
    private let base = ReconcileTests()
    /// Keys that stand behind those of the log's own executions.
    private static let others = 250

    /// The base's log as the read model shows it, with many more executions of which nothing was heard.
    private func withMany(
        leaseSeconds: Int = 60, _ body: (_ environment: [String: String]) async throws -> Void
    ) async throws {
        try await base.withLog { environment in
            let server = try LiveProgram(["serve", "--roles", "projector"], environment: environment)
            try await TestDatabase.until(
                "(select count(*) from lockstep_views.sync_state where execution_id in ('run-17', 'run-18')) = 2",
                environment)
            server.signal(SIGTERM)
            #expect(await server.status() == 0)
            try await TestDatabase.execute(
                """
                insert into lockstep_read.sync_state_v1 (workspace, execution_id, workflow_seen, journey_seen, workflow_over, journey_over,
                    moved_last, session_bound, first_position, last_position, updated_at)
                select 'default', 's-' || lpad(n::text, 4, '0'), true, false, false, false, 'workflow', false, 1, 1, now()
                from generate_series(1, \(Self.others)) n
                """, environment)
            try await body(environment.merging(["LOCKSTEP_SERVE_LEASE_SECONDS": "\(leaseSeconds)"]) { $1 })
        }
    }

    /// Whoever writes the second batch of a job stands still until `body` has ended.
    private func withBarrier(
        _ environment: [String: String], _ body: (PostgresConnection) async throws -> Void
    ) async throws {
        try await TestDatabase.execute(
            """
            create function public.stand_still() returns trigger language plpgsql as
            $$ begin perform pg_advisory_xact_lock_shared(4711); return new; end $$;
            create trigger stand_still before update on lockstep.reconcile_jobs for each row
            when (new.looked > old.looked and old.looked > 0) execute function public.stand_still()
            """, environment)
        try await PostgresConnection.with(PostgresConfiguration(environment["LOCKSTEP_DATABASE_URL"] ?? "")) {
            _ = try await $0.query("select pg_advisory_lock(4711)")
            try await body($0)
        }
    }

    private func untilSomebodyStandsStill(_ environment: [String: String]) async throws {
        try await TestDatabase.until(
            "exists (select from pg_stat_activity where datname = current_database() and wait_event = 'advisory')",
            environment)
    }

    /// Who was granted the lease of the only job last. Whoever stands still in a write keeps also his own renewals waiting, so it may have run out.
    private func worker(_ environment: [String: String]) async throws -> String {
        try await TestDatabase.query(
            "select holder from lockstep.leases where name like 'reconcile-job-%'", environment
        ).text(0, 0)
    }

    private func count(_ sql: String, _ environment: [String: String]) async throws -> Int64 {
        try await TestDatabase.query("select count(*) from \(sql)", environment).int64(0, 0)
    }

    @Test func `where nobody serves, the verb works at its job itself, and it can be looked at again`() async throws {
        try await withMany { environment in
            let lines = try await base.lines(["run", "--actor", "ada"], in: environment, status: 1)
            let sum = try #require(lines.last)
            #expect(sum["executions"]?.int == Self.others + 2 && sum["failed"]?.int == 0, "\(sum)")
            #expect(lines.contains { $0["execution"] == "run-17" && $0["recorded"] == .bool(true) })
            let decided = "lockstep.event_log where type = 'reconciliation.resolved' and actor = 'ada'"
            #expect(try await count(decided, environment) == Int64(sum["resolutions"]?.int ?? -1))
            #expect(try await base.lines(["jobs"], in: environment, status: 0).isEmpty)
            let job = try #require(try await base.lines(["jobs", "--all"], in: environment, status: 0).first)
            #expect(job["job"] == sum["job"] && job["state"] == "done" && job["requested_by"] == "ada")
            let id = try #require(job["job"]?.string)
            #expect(try await base.lines(["run", "--resume", id], in: environment, status: 1) == lines)
            // Nobody has to look again at what it has looked at to know how it stands.
            let whole = try #require(try await base.lines(["status"], in: environment, status: 1).last)
            #expect(whole["executions"]?.int == Self.others + 2 && whole["known"] == whole["executions"], "\(whole)")
            #expect(whole["running_jobs"]?.int == 0 && whole["jobs"]?.array?.isEmpty == true)
            let told = try await Program.run(["reconcile", "run", "--resume", id], environment: environment)
            #expect(
                told.status == 1 && told.lines.first?.hasPrefix("run-17  being brought together") == true, "\(told.out)"
            )
            #expect(told.lines.last?.hasPrefix("\(Self.others + 2) executions: ") == true, "\(told.out)")
            let table = try await Program.run(["reconcile", "jobs", "--all"], environment: environment)
            #expect(table.out.contains("252 of 252"), "\(table.out)")
        }
    }

    @Test func `what a job keeps beside the log holds nothing personal, not even names inside of data`() async throws {
        try await withMany { environment in
            // Both sides have collected something else for the wait, which is over at the run.
            let resumed = """
                {"execution":"run-19","workflow":"refund-a-customer","type":"resumed","at":"2026-03-02T09:00:03Z",\
                "data":{"context":"ctx-1","input":{"secretname":"secretleft"}}}
                """
            let collected = """
                {"engine":"acme-dialogue","session":"c-run-19","execution":"run-19","customer":"cust-17","observed_at":"2026-03-02T09:02:00Z",\
                "events":[{"id":"9","offset":9,"at":"2026-03-02T09:01:09Z","type":"input_collected","turn":"t9","name":"secretname",\
                "value":"secretright","journey":"refund-a-customer","state":"refund-a-customer.approve"}]}
                """
            let payloads = [
                ReconcileTests.waiting("run-19"), resumed, ReconcileTests.passed("run-19"), collected,
            ].joined(separator: "\n")
            let taken = try await Program.run(["ingest", "-"], input: Array(payloads.utf8), environment: environment)
            #expect(taken.status == 0, "\(taken.out)\(taken.err)")
            let plain = try await Program.run(
                ["reconcile", "run", "--dry-run", "--execution", "run-19", "--plain"], environment: environment)
            #expect(plain.out.contains("secretname"), "\(plain.out)\(plain.err)")
            try await TestDatabase.execute(
                """
                insert into lockstep_read.sync_state_v1 (workspace, execution_id, workflow_seen, journey_seen, workflow_over, journey_over,
                    moved_last, session_bound, first_position, last_position, updated_at)
                values ('default', 'run-19', true, true, false, false, 'workflow', false, 1, 1, now())
                """, environment)
            let lines = try await base.lines(["run"], in: environment, status: 1)
            let line = try #require(lines.first { $0["execution"] == "run-19" })
            #expect(line["standing"] == "queued" && "\(line)".contains("inputs/approve"), "\(line)")
            #expect(try await count("lockstep.reconcile_job_lines where line::text like '%secret%'", environment) == 0)
        }
    }

    @Test func `an execution that cannot be read is counted and named, and the others are looked at`() async throws {
        try await withMany { environment in
            let bad = ["append", "--stream", "workflow_execution-run-bad", "--expected", "noStream"]
            let appended = try await Program.run(
                bad + ["--type", "workflow_execution.started", "--data", #"{"bad":1}"#], environment: environment)
            #expect(appended.status == 0, "\(appended.err)")
            try await TestDatabase.execute(
                """
                insert into lockstep_read.sync_state_v1 (workspace, execution_id, workflow_seen, journey_seen, workflow_over, journey_over,
                    moved_last, session_bound, first_position, last_position, updated_at)
                values ('default', 'run-bad', true, false, false, false, 'workflow', false, 1, 1, now())
                """, environment)
            let lines = try await base.lines(["run"], in: environment, status: 1)
            let sum = try #require(lines.last)
            #expect(sum["executions"]?.int == Self.others + 3 && sum["failed"]?.int == 1, "\(sum)")
            let named = try #require(lines.first { $0["execution"] == "run-bad" })
            #expect(named["error"] == "a stream of it cannot be read")
            #expect(named["hint"]?.string?.contains("--execution run-bad") == true)
            #expect(lines.contains { $0["execution"] == "run-17" && $0["recorded"] == .bool(true) })
            let job = try #require(try await base.lines(["jobs", "--all"], in: environment, status: 0).first)
            #expect(job["state"] == "done" && job["failed"]?.int == 1, "\(job)")
            let noted = "lockstep.comparisons where execution_id = 'run-bad'"
            #expect(try await count(noted, environment) == 0, "nobody has looked at it")
        }
    }

    @Test(arguments: [SIGKILL, SIGINT])
    func `a job whose process was ended in the middle is ended by --resume, and nothing is counted twice`(
        _ signal: Int32
    ) async throws {
        // What was killed holds its lease until that is over.
        try await withMany(leaseSeconds: 2) { environment in
            try await withBarrier(environment) { barrier in
                let ended = try LiveProgram(["reconcile", "run"], environment: environment)
                try await untilSomebodyStandsStill(environment)
                ended.signal(signal)
                #expect(await ended.status() == (signal == SIGKILL ? SIGKILL : 1))
                // What the server has of it is rolled back, as when the machine is gone.
                try await TestDatabase.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event = 'advisory'",
                    environment)
                let left = try #require(try await base.lines(["jobs"], in: environment, status: 0).first)
                #expect(left["state"] == "running" && left["executions"]?.int == 100, "\(left)")
                // Who is killed gives nothing back; who is asked to end does.
                #expect(signal == SIGKILL || left["holder"] == .null, "\(left)")
                try await TestDatabase.until(
                    "not exists (select from lockstep.leases where name like 'reconcile-job-%' and expires_at > clock_timestamp())",
                    environment)
                let whole = try #require(try await base.lines(["status"], in: environment, status: 1).last)
                #expect(whole["orphaned_jobs"]?.int == 1 && whole["running_jobs"]?.int == 0, "\(whole)")
                let told = try #require(whole["jobs"]?.array?.first)
                #expect(told["job"] == left["job"] && told["executions"]?.int == 100 && told["holder"] == .null)
                let id = try #require(left["job"]?.string)
                let plain = try await Program.run(["reconcile", "status"], environment: environment)
                #expect(plain.out.contains("job \(id) (all): 100 of 252; nobody works at it"), "\(plain.out)")
                #expect(plain.out.contains("lockstep reconcile run --resume \(id)"), "\(plain.out)")
                _ = try await barrier.query("select pg_advisory_unlock(4711)")
            }
            let ended = try await base.lines(["run", "--resume"], in: environment, status: 1)
            let sum = try #require(ended.last)
            #expect(sum["executions"]?.int == Self.others + 2 && sum["failed"]?.int == 0, "\(sum)")
            #expect(ended.count { $0["execution"] == "run-17" } == 1)
            let decided = try await count("lockstep.event_log where type = 'reconciliation.resolved'", environment)
            #expect(Int64(sum["resolutions"]?.int ?? -1) == decided && decided > 0)
            #expect(try await base.lines(["run", "--resume"], in: environment, status: 1).isEmpty)
        }
    }

    @Test
    func `a process that serves gives its job up when it is told to end, and the verb that follows goes on with it`()
        async throws
    {
        try await withMany { environment in
            let server = try LiveProgram(["serve", "--roles", "reconciler"], environment: environment)
            try await TestDatabase.until(Self.isServed, environment)
            try await withBarrier(environment) { barrier in
                let verb = try await followingVerb(environment)
                #expect(try await !worker(environment).hasPrefix("reconcile-run"))
                server.signal(SIGTERM)
                #expect(await server.status() == 0)
                try await TestDatabase.until(
                    "exists (select from lockstep.leases where name like 'reconcile-job-%' and holder like 'reconcile-run-%')",
                    environment)
                _ = try await barrier.query("select pg_advisory_unlock(4711)")
                #expect(await verb.status() == 1)
            }
            let job = try #require(try await base.lines(["jobs", "--all"], in: environment, status: 0).first)
            #expect(job["state"] == "done" && job["executions"]?.int == Self.others + 2, "\(job)")
        }
    }

    /// One that follows a job at which the process works that serves: it was filed before, so that nobody else has begun with it.
    private func followingVerb(_ environment: [String: String]) async throws -> LiveProgram {
        _ = try await base.lines(["run", "--detach"], in: environment, status: 0)
        try await untilSomebodyStandsStill(environment)
        let verb = try LiveProgram(["reconcile", "run"], environment: environment, log: true)
        while let line = await verb.line(), !line.contains("the same is under way") {}
        return verb
    }

    private static let isServed =
        "exists (select from lockstep.leases where name ~ '^reconciler/' and expires_at > now())"

    @Test
    func
        `a serving reconciler works at a job, which goes on when the verb is interrupted, and the same one is followed`()
        async throws
    {
        try await withMany { environment in
            let server = try LiveProgram(["serve", "--roles", "reconciler"], environment: environment)
            try await TestDatabase.until(Self.isServed, environment)
            try await withBarrier(environment) { barrier in
                let verb = try await followingVerb(environment)
                verb.signal(SIGINT)
                #expect(await verb.status() == 1)
                let job = try #require(try await base.lines(["jobs"], in: environment, status: 0).first)
                #expect(job["state"] == "running", "\(job)")
                #expect(try await !worker(environment).hasPrefix("reconcile-run"))
                let same = try await Program.run(["reconcile", "run", "--detach", "--json"], environment: environment)
                #expect(same.status == 0 && same.err.contains("note: the same is under way as job"), "\(same.err)")
                let filed = try #require(try same.objects().first)
                #expect(
                    filed["job"] == job["job"] && filed["is_new"] == .bool(false) && filed["is_served"] == .bool(true))
                #expect(try AnswerSchema("reconcile_run").flaws(in: filed) == [])
                _ = try await barrier.query("select pg_advisory_unlock(4711)")
            }
            let words = ["run", "--resume"] + (try await unfinished(environment))
            let sum = try #require(try await base.lines(words, in: environment, status: 1).last)
            #expect(sum["executions"]?.int == Self.others + 2, "\(sum)")
            server.signal(SIGTERM)
            #expect(await server.status() == 0)
        }
    }

    /// The newest job: it may have ended by now.
    private func unfinished(_ environment: [String: String]) async throws -> [String] {
        try await base.lines(["jobs", "--all"], in: environment, status: 0).prefix(1).compactMap { $0["job"]?.string }
    }

    @Test func `a job that is filed waits, is filed once, and can be called off`() async throws {
        try await TestDatabase.with { environment in
            let words = ["run", "--workflow", "refund", "--detach"]
            let filed = try #require(try await base.lines(words, in: environment, status: 0).first)
            #expect(filed["is_new"] == .bool(true) && filed["is_served"] == .bool(false) && filed["state"] == "queued")
            let again = try #require(try await base.lines(words, in: environment, status: 0).first)
            #expect(again["is_new"] == .bool(false) && again["job"] == filed["job"])
            let told = try await Program.run(["reconcile"] + words, environment: environment)
            #expect(
                told.out == "\(filed["job"]?.string ?? "")\n" && told.err.contains("nobody reconciles now"),
                "\(told.err)")
            let id = try #require(filed["job"]?.string)
            let listed = try await base.lines(["jobs"], in: environment, status: 0)
            #expect(listed.count == 1 && listed[0]["workflow"] == "refund" && listed[0]["total"] == .null)
            #expect(try await base.lines(["jobs", "--workspace", "other"], in: environment, status: 0).isEmpty)
            for _ in 0..<2 {
                let cancelled = try await base.lines(["jobs", "--cancel", id], in: environment, status: 0)
                #expect(cancelled.first?["state"] == "cancelled")
            }
            #expect(try await base.lines(["jobs"], in: environment, status: 0).isEmpty)
            let late = try await Program.run(["reconcile", "run", "--resume", id], environment: environment)
            #expect(late.status == 1 && late.err.contains("was cancelled"), "\(late.err)")
            let next = try #require(
                try await base.lines(["run", "--workflow", "refund"], in: environment, status: 0).last)
            let done = try #require(next["job"]?.string)
            #expect(done != id)
            let refused = try await Program.run(["reconcile", "jobs", "--cancel", done], environment: environment)
            #expect(refused.status == 1 && refused.err.contains("is done already"), "\(refused.err)")
        }
    }

    @Test func `what cannot be meant is refused before anything is filed`() async throws {
        try await TestDatabase.with { environment in
            let id = ReconcileTests.unknown
            for (words, status) in [
                (["run", id], 2), (["run", "--resume", id, "--workflow", "a"], 2),
                (["run", "--resume", "--detach"], 2),
                (["run", "--resume", "--dry-run"], 2), (["run", "--detach", "--execution", "run-1"], 2),
                (["run", "--detach", "--dry-run"], 2), (["run", "--resume", "\u{1b}[2J"], 2),
                (["run", "--resume", String(repeating: "9", count: 100_000)], 2), (["run", "--resume", id, id], 2),
                (["run", "--policy", ReconcileTests.policy], 2), (["jobs", "--cancel", "x"], 2),
                (["jobs", "--cancel", id, "--all"], 2), (["jobs", "--cancel", id], 1), (["run", "--resume", id], 1),
                (["run", "--resume"], 1), (["run", "--detach", "--actor", "\n"], 2),
            ] as [([String], Int32)] {
                let outcome = try await Program.run(["reconcile"] + words, environment: environment)
                let what = words.map { String($0.prefix(40)) }
                #expect(outcome.status == status, "\(what): \(outcome.status) \(outcome.err.prefix(300))")
                #expect(outcome.err.utf8.count < 2_000 && !outcome.err.contains("\u{1b}"), "\(what)")
                #expect(outcome.err.contains("next:"), "\(what): \(outcome.err.prefix(300))")
            }
            #expect(try await count("lockstep.reconcile_jobs", environment) == 0)
        }
    }
}
