import EventModel
import EventSourcingTesting
import Foundation
import Testing

/// Executions in which nothing moves, as the program leaves them alone and shows them.
@Suite("reconcile, what nothing moves in", .enabled(if: Program.hasDatabase), .timeLimit(.minutes(15)))
struct ReconcileStaleTests {
    private let base = ReconcileTests()

    /// Serves until something is so, with a patience of a second.
    private func serve(until condition: String, _ environment: [String: String]) async throws {
        let impatient = [
            "LOCKSTEP_RECONCILER_STALE_AFTER_SECONDS": "1", "LOCKSTEP_RECONCILER_CLEANUP_SECONDS": "1",
        ]
        let server = try LiveProgram(
            ["serve", "--roles", "projector,reconciler"], environment: environment.merging(impatient) { $1 })
        try await TestDatabase.until(condition, environment)
        server.signal(SIGTERM)
        #expect(await server.status() == 0)
    }

    private static func stale(_ isStale: Bool) -> String {
        """
        (select count(*) from lockstep_views.comparisons
            where execution_id = 'run-18' and stale_since is \(isStale ? "not null" : "null")) = 1
        """
    }

    @Test func `a run that nobody moves is left alone and counted apart, keeps its conflict, and wakes when it moves`()
        async throws
    {
        try await base.withLog { environment in
            // The conversation of run-17 has passed a wait, so the run is to be resumed, which is under way for as long as there is no engine.
            try await serve(
                until: Self.stale(true)
                    + " and (select pending from lockstep_views.comparisons where execution_id = 'run-17') = 1",
                environment)
            #expect(try await base.recorded("run-18", environment).last == "went_stale")
            #expect(try await !base.recorded("run-17", environment).contains("went_stale"))
            let status = try await base.lines(["status"], in: environment, status: 1)
            #expect(status.last?["stale"]?.int == 1 && status.last?["executions"]?.int == 2)
            let waiting = try #require(status.first { $0["conflict"] != nil })
            #expect(waiting["execution"] == "run-18")
            let drift = try await base.lines(["drift"], in: environment, status: 1)
            #expect(drift.count == 1 && drift[0]["stale"]?.int == 1 && drift[0]["executions"]?.int == 2)
            #expect(drift[0]["queued"]?.int == 1 && drift[0]["differing"]?.int == 1, "run-17 alone differs")
            let told = try #require(try await base.chain(["run-18"], in: environment).last)
            #expect(told["type"] == "reconciliation.went_stale" && told["actor"] == "reconciler")
            #expect(told["message"]?.string?.contains("left alone until one of them moves") == true)
            let looked = try await base.lines(["run", "--dry-run"], in: environment, status: 1)
            #expect(looked.last?["executions"]?.int == 1 && !looked.contains { $0["execution"] == "run-18" })
            let named = try await base.lines(
                ["run", "--dry-run", "--execution", "run-18"], in: environment, status: 1)
            #expect(named[0]["standing"] == "queued", "who is named is looked at")

            let completed =
                #"{"execution":"run-18","workflow":"refund-a-customer","type":"block_completed","block":"approve","at":"2026-03-02T09:05:00Z"}"#
            let taken = try await Program.run(["ingest", "-"], input: Array(completed.utf8), environment: environment)
            #expect(taken.status == 0, "\(taken.out)\(taken.err)")
            let server = try LiveProgram(["serve", "--roles", "projector,reconciler"], environment: environment)
            try await TestDatabase.until(Self.stale(false), environment)
            server.signal(SIGTERM)
            #expect(await server.status() == 0)
            let plain = try await Program.run(["reconcile", "status"], environment: environment)
            #expect(!plain.out.contains(" stale"), "\(plain.out)")
        }
    }

    @Test func `a conflict of a stale run is settled, and what follows is carried out`() async throws {
        try await base.withLog { environment in
            try await serve(until: Self.stale(true), environment)
            let plain = try await Program.run(["reconcile", "status"], environment: environment)
            #expect(plain.out.contains(", 1 stale;"), "\(plain.out)")
            let waiting = try await base.lines(["status", "--execution", "run-18"], in: environment, status: 1)
            let conflict = try #require(waiting.first?["conflict"]?.string)
            let settled = try await base.lines(
                ["resolve", "run-18", conflict, "--accept", "--actor", "ada"], in: environment, schema: "run", status: 0
            )
            #expect(settled[0]["recorded"]?.bool == true)
            // It is awake, has nothing to do, and falls asleep once more.
            let count = "(select count(*) from lockstep.event_log where type = 'reconciliation.went_stale')"
            try await serve(until: "\(count) = 2 and \(Self.stale(true))", environment)
            #expect(try await base.lines(["status"], in: environment, status: 0).last?["stale"]?.int == 1)
        }
    }
}
