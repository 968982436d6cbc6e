import EventModel
import Foundation
import Testing

@testable import lockstep

@Suite("What reconcile tells", .enabled(if: Program.hasDatabase)) struct ReconcileToldTests {
    private let base = ReconcileTests()

    /// A run that waits, and a conversation that says something else of its variable `limit`.
    private static let disputed = """
        {"execution":"run-19","workflow":"refund-a-customer","type":"started","at":"2026-03-02T09:00:00Z","data":{"input":{"limit":{"secretname":"secretleft"}}}}
        {"execution":"run-19","workflow":"refund-a-customer","type":"block_started","block":"approve","at":"2026-03-02T09:00:01Z"}
        {"execution":"run-19","workflow":"refund-a-customer","type":"waiting","at":"2026-03-02T09:00:02Z","data":{"kind":"human","context":"ctx-1","blockedOn":"approve"}}
        {"engine":"acme-dialogue","session":"c-19","execution":"run-19","customer":"cust-19","observed_at":"2026-03-02T09:02:00Z","events":[\
        {"id":"1","offset":1,"at":"2026-03-02T09:01:00Z","type":"moved","positions":[{"journey":"refund-a-customer","state":"refund-a-customer.approve"}]},\
        {"id":"2","offset":2,"at":"2026-03-02T09:01:09Z","type":"custom","data":{"lockstep":{"values":{"limit":{"secretname":"secretright"}}}}}]}
        """

    private func withDispute(_ body: (_ environment: [String: String], _ conflict: String) async throws -> Void)
        async throws
    {
        try await base.withLog { environment in
            let taken = try await Program.run(
                ["ingest", "-"], input: Array(Self.disputed.utf8), environment: environment)
            #expect(taken.status == 0, "\(taken.out)\(taken.err)")
            let run = try await base.lines(["run", "--execution", "run-19"], in: environment, status: 1)
            try await body(environment, try #require(run[0]["conflicts"]?[0]?["conflict"]?.string))
        }
    }

    @Test func `a conflict that waits is told with both sides, base, rule and version, its reason, and its age`()
        async throws
    {
        try await base.withLog { environment in
            _ = try await base.lines(["run", "--execution", "run-18"], in: environment, status: 1)
            let waiting = try await base.lines(["status", "--execution", "run-18"], in: environment, status: 1)
            let conflict = try #require(waiting.first)
            #expect(conflict["workflow"]?["word"] == "waiting" && conflict["journey"]?["word"] == "cancelled")
            #expect((conflict["workflow"]?["position"]?.int ?? 0) > 0 && conflict["workflow"]?["hidden"]?.bool == false)
            #expect(conflict["base"]?.isNull == true && conflict["history"]?.array == [])
            #expect(conflict["rule"] == "manual" && conflict["rule_place"]?.int == 0)
            #expect(conflict["policy"] == "default" && conflict["policy_version"]?.int == 1)
            let because = "a run is not cancelled because a conversation has ended"
            #expect(conflict["because"]?.string == because && (conflict["age_seconds"]?.int ?? -1) >= 0)
            let plain = try await Program.run(
                ["reconcile", "status", "--execution", "run-18"], environment: environment)
            for text in [
                "workflow  waiting (position ", "journey   cancelled (position ", "agreed    nothing",
                "manual, rule 0 of policy default 1", because,
            ] { #expect(plain.out.contains(text), "\(text)\n\(plain.out)") }
            #expect(!plain.out.contains("--plain"))
        }
    }

    @Test func `the reason of a rule is that of the version which has ruled`() async throws {
        try await base.withLog { environment in
            func policy(_ version: Int, _ because: String, _ body: (String) async throws -> Void) async throws {
                let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
                let text = """
                    policy: house
                    version: \(version)
                    rules:
                      - path: status
                        rule: manual
                        because: \(because)
                    """
                try Data(text.utf8).write(to: file)
                defer { try? FileManager.default.removeItem(at: file) }
                try await body(file.path)
            }
            try await policy(1, "the first reason") { file in
                let published = try await Program.run(["policy", "publish", file], environment: environment)
                #expect(published.status == 0, "\(published.err)")
            }
            try await policy(2, "the second reason") { file in
                _ = try await base.lines(
                    ["run", "--execution", "run-18", "--policy", file], in: environment, status: 1)
            }
            try await policy(3, "the third reason") { file in
                let told = try await base.lines(
                    ["status", "--execution", "run-18", "--policy", file], in: environment, status: 1)
                #expect(told[0]["policy_version"]?.int == 2 && told[0]["because"]?.string == "the second reason")
            }
            // Nobody has to have the file any more.
            let told = try await base.lines(["status", "--execution", "run-18"], in: environment, status: 1)
            #expect(told[0]["policy"] == "house" && told[0]["because"]?.string == "the second reason")
        }
    }

    @Test func `data and names inside of data are told to nobody who has not asked for them and has the keys`()
        async throws
    {
        try await withDispute { environment, conflict in
            let verbs = [
                ["status", "--execution", "run-19"], ["explain", "run-19"],
                ["run", "--dry-run", "--execution", "run-19"],
            ]
            for words in verbs {
                for json in [[], ["--json"]] {
                    let told = try await Program.run(["reconcile"] + words + json, environment: environment)
                    #expect(!told.out.isEmpty && !(told.out + told.err).contains("secret"), "\(words) \(told.out)")
                }
            }
            for words in verbs.prefix(2) {
                let told = try await Program.run(["reconcile"] + words, environment: environment)
                #expect(told.out.contains("hidden ") && told.out.contains("--plain shows it"), "\(told.out)")
                let plain = try await Program.run(["reconcile"] + words + ["--plain"], environment: environment)
                #expect(plain.out.contains("secretleft") && plain.out.contains("secretright"), "\(plain.out)")
            }
            let fields = try await base.lines(["explain", "run-19", "--plain"], in: environment, status: 0)
            let limit = try #require(fields.first { $0["field"] == "variables/limit" })
            #expect(limit["state"] == "waiting" && limit["journey"]?["data"] == ["secretname": "secretright"])
            let keyless = environment.merging(["LOCKSTEP_MASTER_KEY": "", "LOCKSTEP_MASTER_KEY_FILE": ""]) { $1 }
            for words in verbs {
                let refused = try await Program.run(["reconcile"] + words + ["--plain"], environment: keyless)
                #expect(refused.status == 3 && refused.out.isEmpty, "\(words) \(refused.status) \(refused.out)")
                #expect(refused.err.contains("master key"), "\(refused.err)")
            }
            let sealed = try await Program.run(
                ["reconcile", "explain", "run-19", "--field", "variables/limit"], environment: keyless)
            #expect(sealed.out.contains("sealed or erased (position "), "\(sealed.out)\(sealed.err)")
            let refused = try await Program.run(
                ["reconcile", "resolve", "run-19", conflict, "--value", "7"], environment: environment)
            #expect(!refused.err.contains("secret") && !refused.out.contains("secret"), "\(refused.err)")
        }
    }

    @Test func `of a field that is parked because it flaps, the decisions are told that were taken back`() async throws
    {
        try await base.withLog { environment in
            let run = try await base.lines(["run", "--execution", "run-17"], in: environment, status: 1)
            let decision = try #require(run[0]["resolutions"]?[0]?["resolution"]?.string)
            let parked = """
                {"conflict":"\(ReconcileTests.unknown)","reason":"flapping","at":"2026-03-02T09:05:00.000000Z",\
                "history":["\(decision)","0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e09"],"kind":"conflict","path":"steps/approve",\
                "workflow":{"word":"started","position":1},"journey":{"word":"completed","position":2},\
                "workflow_subject":"execution:run-17","journey_subject":"customer:cust-17","compared":{}}
                """
            let appended = try await Program.run(
                [
                    "append", "--stream", "reconciliation-run-17", "--expected", "any", "--type",
                    "reconciliation.conflict_queued", "--data",
                    parked,
                ], environment: environment)
            #expect(appended.status == 0, "\(appended.out)\(appended.err)")
            let told = try await base.lines(["status", "--execution", "run-17"], in: environment, status: 1)
            #expect(told[0]["reason"] == "flapping" && told[0]["rule"]?.isNull == true)
            #expect(told[0]["history"]?.array?.map { $0["resolution"]?.string } == [decision])
            #expect(told[0]["history"]?[0]?["winner"] == "journey")
            #expect(told[0]["history"]?[0]?["outcome"]?["word"] == "completed")
            #expect((told[0]["history"]?[0]?["position"]?.int ?? 0) > 0)
            let plain = try await Program.run(
                ["reconcile", "status", "--execution", "run-17"], environment: environment)
            #expect(plain.out.contains("before    the journey's word stood: completed (position "), "\(plain.out)")
        }
    }

    @Test func `each field is told as it is now, with who has set it and where`() async throws {
        try await base.withLog { environment in
            let before = try await base.lines(["explain", "run-17"], in: environment, status: 0)
            #expect(!before.isEmpty && before.allSatisfy { $0["type"] == nil })
            _ = try await base.lines(["run", "--execution", "run-17"], in: environment, status: 1)
            let told = try await base.lines(["explain", "run-17"], in: environment, status: 0)
            #expect(told.firstIndex { $0["field"] != nil } == told.count { $0["type"] != nil })
            func field(_ name: String) throws -> JSONValue { try #require(told.first { $0["field"]?.string == name }) }
            let status = try field("status")
            #expect(
                status["state"] == "agreed" && status["value"]?["word"] == "waiting" && status["set_by"] == "workflow")
            #expect(status["value"]?["position"] == status["workflow"]?["position"])
            #expect(status["journey"]?["word"] == "running" && status["base"]?["word"] == "waiting")
            #expect(status["base"]?["position"] == told[0]["position"])
            let approve = try field("steps/approve")
            #expect(approve["state"] == "under_way" && approve["value"]?.isNull == true)
            #expect(approve["workflow"]?["word"] == "started" && approve["journey"]?["word"] == "completed")

            let decision = try #require(told.compactMap { $0["decision"] }.first)
            #expect(decision["winner"] == "journey" && decision["loser"] == "workflow")
            #expect(decision["cause"] == "comparison" && decision["outcome"]?["word"] == "completed")
            #expect(decision["workflow"]?["position"] == approve["workflow"]?["position"])
            #expect((decision["compared"]?["workflow_version"]?.int ?? 0) > 0)
            #expect((decision["compared"]?["mapping_version"]?.int ?? 0) > 0)
            let alone = try await base.lines(
                ["explain", "run-17", "--field", "steps/approve"], in: environment, status: 0)
            #expect(alone.filter { $0["field"] != nil }.map { $0["field"] } == ["steps/approve"])
            let none = try await Program.run(
                ["reconcile", "explain", "run-17", "--field", "variables/none"], environment: environment)
            #expect(none.status == 0 && none.out.contains("Neither side says anything of variables/none."))
            let plain = try await Program.run(["reconcile", "explain", "run-17"], environment: environment)
            #expect(plain.out.contains("being brought together"), "\(plain.out)")

            let resumed = """
                {"execution":"run-17","workflow":"refund-a-customer","type":"resumed","at":"2026-03-02T09:03:00Z","data":{"context":"ctx-1"}}
                {"execution":"run-17","workflow":"refund-a-customer","type":"block_completed","block":"approve","at":"2026-03-02T09:03:01Z"}
                """
            _ = try await Program.run(["ingest", "-"], input: Array(resumed.utf8), environment: environment)
            let followed = try await base.lines(
                ["explain", "run-17", "--field", "steps/approve"], in: environment, status: 0)
            let last = try #require(followed.last)
            #expect(last["state"] == "agreed" && last["value"]?["word"] == "completed")
            #expect(last["set_by"] == "journey" && last["value"]?["position"] == approve["journey"]?["position"])
        }
    }

    @Test func `a plan tells what a side says and what it is to say`() async throws {
        try await base.withLog { environment in
            let plan = try await Program.run(
                ["reconcile", "run", "--dry-run", "--execution", "run-17"], environment: environment)
            #expect(
                plan.out.contains(
                    "+ steps/approve: workflow started → completed; journey's word stands (passed on"), "\(plan.out)")
            let job = try await Program.run(["reconcile", "run", "--plain"], environment: environment)
            #expect(job.status == 2 && job.err.contains("--plain goes with --execution or --dry-run"), "\(job.err)")
        }
    }

    @Test func `a person may say a word of a status, and what is no word is refused with those that are`() async throws
    {
        try await base.withLog { environment in
            _ = try await base.lines(["run", "--execution", "run-18"], in: environment, status: 1)
            let waiting = try await base.lines(["status", "--execution", "run-18"], in: environment, status: 1)
            let conflict = try #require(waiting.first?["conflict"]?.string)
            for value in ["7", "null", "skipped", "donee", #""done""#] {
                let refused = try await Program.run(
                    ["reconcile", "resolve", "run-18", conflict, "--value", value], environment: environment)
                #expect(refused.status == 2 && refused.out.isEmpty, "\(value): \(refused.status)")
                #expect(refused.err.contains("no word for the status of an execution"), "\(refused.err)")
                #expect(refused.err.contains("choose queued, running, waiting"), "\(refused.err)")
            }
            let settled = try await base.lines(
                ["resolve", "run-18", conflict, "--value", "cancelled", "--actor", "ada"], in: environment,
                schema: "run", status: 0)
            #expect(settled[0]["resolutions"]?[0]?["outcome"]?["word"] == "cancelled")
            #expect(settled[0]["resolutions"]?[0]?["cause"] == "person")
            #expect(settled[0]["resolutions"]?[0]?["conflict"]?.string == conflict)
            #expect(settled[0]["effects"]?.array?.map { $0["action"] } == ["cancel"])
        }
    }
}
