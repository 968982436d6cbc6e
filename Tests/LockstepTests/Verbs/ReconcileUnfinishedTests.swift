import EventModel
import EventSourcingTesting
import Foundation
import Testing

/// What the verbs say of executions that are over and not done with, and whether it depends on who has looked.
@Suite("reconcile, what is not done with", .enabled(if: Program.hasDatabase), .timeLimit(.minutes(15)))
struct ReconcileUnfinishedTests {
    private let base = ReconcileTests()

    private func serve(_ roles: String, until condition: String, _ environment: [String: String]) async throws {
        let server = try LiveProgram(["serve", "--roles", roles], environment: environment)
        try await TestDatabase.until(condition, environment)
        server.signal(SIGTERM)
        #expect(await server.status() == 0)
    }

    private static func noted(_ condition: String) -> String {
        "(select count(*) from lockstep_views.comparisons where \(condition)) = 1"
    }

    @Test func `a conflict of a run that is over on both sides is told by every verb, until somebody has settled it`()
        async throws
    {
        let completed =
            #"{"execution":"run-18","workflow":"refund-a-customer","type":"completed","at":"2026-03-02T09:05:00Z"}"#
        let payloads = [
            ReconcileTests.waiting("run-18"), ReconcileTests.passed("run-18", isClosed: true), completed,
        ]
        try await base.withLog(of: payloads) { environment in
            try await serve(
                "projector,reconciler",
                until: Self.noted("queued = 1 and differing = 1")
                    + " and (select count(*) from lockstep_views.sync_state where workflow_over and journey_over) = 1",
                environment)
            let status = try await base.lines(["status"], in: environment, status: 1)
            let conflict = try #require(status.first?["conflict"]?.string)
            let overview = try #require(status.last)
            #expect(status.count == 2 && overview["executions"]?.int == 1 && overview["queued"]?.int == 1)
            #expect(overview["differing"]?.int == 1 && overview["known"]?.int == 1)
            let drift = try await base.lines(["drift"], in: environment, status: 1)
            #expect(drift.map { $0["differing"]?.int } == [1] && drift.map { $0["queued"]?.int } == [1])
            let looked = try await base.lines(["run", "--dry-run"], in: environment, schema: "run", status: 1)
            #expect(looked.last?["queued"]?.int == 1 && looked.last?["executions"]?.int == 1)

            _ = try await base.lines(
                ["resolve", "run-18", conflict, "--accept", "--actor", "ada"], in: environment, schema: "run", status: 0
            )
            try await serve("projector,reconciler", until: Self.noted("queued = 0 and differing = 0"), environment)
            #expect(try await base.lines(["status"], in: environment, status: 0).last?["executions"]?.int == 0)
            #expect(try await base.lines(["drift"], in: environment, status: 0).isEmpty)
            let settled = try await base.lines(["run", "--dry-run"], in: environment, schema: "run", status: 0)
            #expect(settled.last?["executions"]?.int == 0)
        }
    }

    @Test func `a run that waits for a conversation is told the same before anybody has looked at it and afterwards`()
        async throws
    {
        try await base.withLog(of: [ReconcileTests.waiting("run-19")]) { environment in
            func told() async throws -> [[JSONValue]] {
                [
                    try await base.lines(["drift"], in: environment, status: 0),
                    try await base.lines(["run", "--dry-run"], in: environment, schema: "run", status: 1),
                    Array(try await base.lines(["status"], in: environment, status: 0).dropLast()),
                ]
            }
            let shown = "(select count(*) from lockstep_views.sync_state where execution_id = 'run-19') = 1"
            try await serve("projector", until: shown, environment)
            let before = try await told()
            #expect(before[1].last?["held"]?.int == 1 && before[0].first?["differing"]?.int == 0)
            try await serve("projector,reconciler", until: Self.noted("not_yet > 0 and differing = 0"), environment)
            #expect(try await told() == before)
        }
    }
}
