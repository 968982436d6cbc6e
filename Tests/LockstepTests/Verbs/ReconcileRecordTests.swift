import EventModel
import EventSourcingTesting
import Foundation
import Testing

/// Decisions and conflicts are found by the read model, in executions that are over as well.
@Suite("reconcile, by what is on record", .enabled(if: Program.hasDatabase)) struct ReconcileRecordTests {
    private let base = ReconcileTests()

    /// Everything of `run-17` was decided and done, and both sides are over; the conflict of `run-18` waits. All of it is projected.
    private func withEnded(
        _ body: (_ environment: [String: String], _ decision: String, _ conflict: String) async throws -> Void
    ) async throws {
        try await base.withLog { environment in
            let decided = try await base.lines(["run", "--execution", "run-17"], in: environment, status: 1)
            let decision = try #require(decided[0]["resolutions"]?[0]?["resolution"]?.string)
            _ = try await base.lines(["run", "--execution", "run-18"], in: environment, status: 1)
            let waiting = try await base.lines(["status", "--execution", "run-18"], in: environment, status: 1)
            let conflict = try #require(waiting.first?["conflict"]?.string)
            let rest = """
                {"execution":"run-17","workflow":"refund-a-customer","type":"completed","at":"2026-03-02T09:04:00Z"}
                \(ReconcileTests.passed("run-17", isClosed: true))
                """
            let taken = try await Program.run(["ingest", "-"], input: Array(rest.utf8), environment: environment)
            #expect(taken.status == 0, "\(taken.out)\(taken.err)")
            let server = try LiveProgram(["serve", "--roles", "projector"], environment: environment)
            try await TestDatabase.until(
                """
                (select count(*) from lockstep.consumer_progress
                    where kind = 'projector' and consumer in ('divergences', 'effects', 'sync_state')
                        and position = (select max(position) from lockstep.event_log)) = 3
                """, environment)
            server.signal(SIGTERM)
            #expect(await server.status() == 0)
            try await body(environment, decision, conflict)
        }
    }

    private static func policy(
        for workflow: String? = nil, _ body: (String) async throws -> Void
    ) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        try Data(
            "policy: house\nversion: 1\n\(workflow.map { "workflow: \($0)\n" } ?? "")rules:\n  - path: \"steps/*\"\n    owner: workflow\n    rule: manual\n"
                .utf8
        ).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file.path)
    }

    @Test func `the views tell what was decided, what waits and what was asked for`() async throws {
        try await withEnded { environment, decision, conflict in
            let rows = try await TestDatabase.query(
                "select execution_id || ' ' || id || ' ' || field || ' ' || state || ' ' || workflow_id from lockstep_views.divergences order by 1",
                environment)
            #expect(rows.rowCount == 2)
            #expect(try rows.text(0, 0) == "run-17 \(decision) steps/approve resolved refund-a-customer")
            #expect(try rows.text(1, 0).hasPrefix("run-18 \(conflict) status open"))
            let effects = try await TestDatabase.query(
                "select action || ' ' || target || ' ' || state || ' ' || (resolutions ->> 0) from lockstep_views.effects",
                environment)
            #expect(effects.rowCount == 1)
            #expect(try effects.text(0, 0) == "resume approve requested \(decision)")
        }
    }

    @Test func `another policy is tried on what is over, and on what was recorded since a time alone`() async throws {
        try await withEnded { environment, decision, _ in
            let open = try await TestDatabase.query(
                "select count(*) from lockstep_views.sync_state where execution_id = 'run-17' and not (workflow_over and journey_over)",
                environment)
            #expect(try open.int64(0, 0) == 0)
            try await Self.policy { file in
                let all = try await base.lines(["what-if", file], in: environment, status: 1)
                #expect(all.contains { $0["execution"] == "run-17" && $0["id"]?.string == decision }, "\(all)")
                let sum = try #require(all.last)
                #expect(sum["policy"] == "house" && sum["changed"]?.int == all.count - 1)
                let since = try await base.lines(
                    ["what-if", file, "--since", "2020-01-01T00:00:00Z"], in: environment, status: 1)
                #expect(since == all)
                let none = try await base.lines(
                    ["what-if", file, "--since", "2999-01-01T00:00:00Z"], in: environment, status: 0)
                #expect(none.count == 1 && none[0]["decisions"]?.int == 0)
                let elsewhere = try await base.lines(
                    ["what-if", file, "--workspace", "other"], in: environment, status: 0)
                #expect(elsewhere.count == 1)
                let line = try #require(all.first { $0["id"]?.string == decision })
                let rule: JSONValue = ["place": 0, "name": "manual", "policy": "house", "version": 1]
                #expect(line["path"] == "steps/approve" && line["was"] == "journey" && line["was_rule"] == .null)
                #expect(line["would_be_rule"] == rule && line["would_be"] != "journey", "\(line)")
                let by: JSONValue = [
                    "field": "steps/approve", "was_rule": .null, "would_be_rule": rule, "changed": 1,
                ]
                #expect(sum["by"] == [by] && sum["others"] == 0 && sum["unknown"] == 0 && sum["hidden"] == 0)
                let words = try await Program.run(["reconcile", "what-if", file], environment: environment)
                #expect(words.status == 1 && words.out.contains("steps/approve: journey → "), "\(words.out)")
                #expect(words.out.contains("no rule → rule 0 (manual) of house 1"), "\(words.out)")
                #expect(words.out.contains("1 of 2 decisions would come out otherwise under house 1"), "\(words.out)")
            }
            try await Self.policy(for: "another-workflow") { file in
                let outside = try await base.lines(["what-if", file], in: environment, status: 0)
                #expect(outside.count == 1 && outside[0]["decisions"] == 0 && outside[0]["outside"] == 2)
                let words = try await Program.run(["reconcile", "what-if", file], environment: environment)
                #expect(words.out.contains("2 decisions not tried: the policy is not for their executions"))
            }
            try await Self.policy(for: "refund-a-customer") { file in
                let own = try await base.lines(["what-if", file], in: environment, status: 1)
                #expect(own.last?["decisions"] == 2 && own.last?["changed"] == 1)
            }
        }
    }

    @Test func `a decision and a conflict are found by their ids alone`() async throws {
        try await withEnded { environment, decision, conflict in
            let told = try await base.chain(["--decision", decision], in: environment)
            #expect(told.contains { $0["decision"]?["resolution"]?.string == decision })
            #expect(told.allSatisfy { $0["fields"]?.array?.contains("steps/approve") == true })
            let waits = try await base.chain(["--decision", conflict], in: environment)
            #expect(waits.contains { $0["type"] == "reconciliation.conflict_queued" })
            let flip = try await Program.run(["reconcile", "flip", decision], environment: environment)
            #expect(flip.status == 1 && !flip.err.contains("no decision"), "\(flip.err)")
            let settled = try await base.lines(
                ["resolve", conflict, "--accept", "--actor", "ada"], in: environment, schema: "run", status: 0)
            #expect(settled[0]["execution"] == "run-18" && settled[0]["recorded"]?.bool == true)
            for words in [
                ["resolve", ReconcileTests.unknown, "--accept"], ["flip", ReconcileTests.unknown],
                ["explain", "--decision", ReconcileTests.unknown], ["flip", decision, "--workspace", "other"],
            ] {
                let outcome = try await Program.run(["reconcile"] + words, environment: environment)
                #expect(outcome.status == 1 && outcome.out.isEmpty && outcome.err.contains("next: "), "\(outcome.err)")
                #expect(outcome.err.contains("no decision "), "\(outcome.err)")
            }
            let head = try await TestDatabase.query("select max(position) from lockstep.event_log", environment)
            let late = try await Program.run(
                [
                    "reconcile", "explain", "--decision", decision, "--wait-for", "\(head.int64(0, 0))", "--timeout",
                    "1",
                ],
                environment: environment)
            #expect(late.status == 1 && late.err.contains("divergences is at position"), "\(late.err)")
            #expect(late.out.isEmpty)
        }
    }

    @Test(arguments: [
        ["explain"], ["explain", "run-17", "--decision", ReconcileTests.unknown], ["explain", "--decision", "x"],
        ["explain", "--decision", ReconcileTests.unknown, "--field", "status"], ["flip", "a", "b", "c"],
        ["resolve", "a", "b", "c", "--accept"], ["what-if", ReconcileTests.policy, "--since", "yesterday"],
        ["what-if", ReconcileTests.policy, "--since", "\u{1b}[2J"],
        ["what-if", ReconcileTests.policy, "--timeout", "0"],
    ])
    func `what cannot be meant is refused before anything is asked`(_ words: [String]) async throws {
        let outcome = try await Program.run(["reconcile"] + words, environment: [:])
        #expect(outcome.status == 2 && !outcome.err.contains("\u{1b}"), "\(words): \(outcome.err)")
    }
}
