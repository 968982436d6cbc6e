import EventModel
import EventSourcingTesting
import Foundation
import Testing

@testable import lockstep

@Suite("reconcile", .enabled(if: Program.hasDatabase)) struct ReconcileTests {
    private static let demo = ProjectFiles.path("Schemas/demo/workflows/demo_refund_export.json")
    static let policy = ProjectFiles.path("Schemas/policies/default.yaml")
    static let unknown = "0198c2f0-1a2b-8c3d-9e4f-5a6b7c8d9e01"

    /// A run that waits for a person at `approve`.
    static func waiting(_ execution: String) -> String {
        func report(_ type: String, _ second: Int, _ more: String = "") -> String {
            """
            {"execution":"\(execution)","workflow":"refund-a-customer","type":"\(type)","at":"2026-03-02T09:00:0\(second)Z"\(more)}
            """
        }
        return [
            report("started", 0), report("block_started", 1, #","block":"approve""#),
            report("waiting", 2, #","data":{"kind":"human","context":"ctx-1","blockedOn":"approve"}"#),
        ].joined(separator: "\n")
    }

    /// A conversation that has gone on from `approve` to `decision`.
    static func passed(_ execution: String, isClosed: Bool = false) -> String {
        func turn(_ offset: Int, _ state: String) -> String {
            """
            {"id":"\(offset)","offset":\(offset),"at":"2026-03-02T09:01:0\(offset)Z","type":"turn_completed","turn":"t\(offset)",\
            "positions":[{"journey":"refund-a-customer","state":"refund-a-customer.\(state)"}]}
            """
        }
        return """
            {"engine":"acme-dialogue","session":"c-\(execution)","execution":"\(execution)","customer":"cust-17",\
            "observed_at":"2026-03-02T09:02:00Z","closed":\(isClosed),"events":[\(turn(1, "approve")),\(turn(2, "decision"))]}
            """
    }

    /// A log in which the demo's workflow is converted, `run-17` waits and its conversation has passed the wait, and that of `run-18` is closed.
    func withLog(_ body: (_ environment: [String: String]) async throws -> Void) async throws {
        let payloads = [
            Self.waiting("run-17"), Self.passed("run-17"), Self.waiting("run-18"),
            Self.passed("run-18", isClosed: true),
        ]
        try await withLog(of: payloads, body)
    }

    /// A log in which the demo's workflow is converted, and that was told this.
    func withLog(of payloads: [String], _ body: (_ environment: [String: String]) async throws -> Void) async throws {
        try await TestDatabase.with { environment in
            let converted = try await Program.run(["convert", "workflow", Self.demo], environment: environment)
            #expect(converted.status == 0, "\(converted.err)")
            let told = payloads.joined(separator: "\n")
            let taken = try await Program.run(["ingest", "-"], input: Array(told.utf8), environment: environment)
            #expect(taken.status == 0, "\(taken.out)\(taken.err)")
            try await body(environment)
        }
    }

    /// The lines of an answer, each of which fits the verb's schema.
    func lines(
        _ words: [String], in environment: [String: String], schema: String? = nil, status: Int32
    ) async throws -> [JSONValue] {
        let outcome = try await Program.run(["reconcile"] + words + ["--json"], environment: environment)
        #expect(outcome.status == status, "\(words): \(outcome.out)\(outcome.err)")
        let objects = try outcome.objects()
        let name = schema ?? words[0].replacing("-", with: "_")
        let shape = try AnswerSchema("reconcile_\(name)")
        for object in objects { #expect(shape.flaws(in: object) == [], "\(object)") }
        return objects
    }

    /// The events that `explain` tells, without the fields as they are now.
    func chain(_ words: [String], in environment: [String: String]) async throws -> [JSONValue] {
        try await lines(["explain"] + words, in: environment, status: 0).filter { $0["type"] != nil }
    }

    func recorded(_ execution: String, _ environment: [String: String]) async throws -> [String] {
        let rows = try await TestDatabase.query(
            "select coalesce(string_agg(type, ' ' order by position), '') from lockstep.event_log where stream = 'reconciliation-\(execution)'",
            environment)
        return try rows.text(0, 0).split(separator: " ").map { String($0.dropFirst("reconciliation.".count)) }
    }

    @Test func `a dry run shows what would be recorded, records nothing, and says no`() async throws {
        try await withLog { environment in
            let shown = try await lines(
                ["run", "--dry-run", "--execution", "run-17"], in: environment, status: 1)
            #expect(shown.count == 2)
            #expect(shown[0]["standing"] == "under_way" && shown[0]["recorded"]?.bool == false)
            #expect(shown[0]["resolutions"]?.array?.map { $0["path"] } == ["steps/approve"])
            #expect(shown[0]["resolutions"]?[0]?["winner"] == "journey")
            #expect(shown[0]["effects"]?.array?.map { $0["action"] } == ["resume"])
            #expect(shown[1]["dry_run"]?.bool == true && shown[1]["under_way"]?.int == 1)
            #expect(try await recorded("run-17", environment) == [])
            let plain = try await Program.run(
                ["reconcile", "run", "--dry-run", "--execution", "run-17"], environment: environment)
            #expect(plain.status == 1 && plain.out.contains("would be brought together  1 field agreed"))
            #expect(plain.out.contains("1 execution: 1 would be brought together; 1 decision, 1 effect (nothing was"))
        }
    }

    @Test func `a decision and its effect are recorded once, are pending, and can be told`() async throws {
        try await withLog { environment in
            let first = try await lines(["run", "--execution", "run-17"], in: environment, status: 1)
            #expect(first[0]["recorded"]?.bool == true && first[1]["resolutions"]?.int == 1)
            let history = ["agreed", "resolved", "effect_requested"]
            #expect(try await recorded("run-17", environment) == history)
            let second = try await lines(["run", "--execution", "run-17"], in: environment, status: 1)
            #expect(second[0]["recorded"]?.bool == false && second[0]["standing"] == "under_way")
            #expect(second[1]["resolutions"]?.int == 0 && second[1]["effects"]?.int == 0)
            #expect(try await recorded("run-17", environment) == history)

            let pending = try await lines(["status", "--execution", "run-17"], in: environment, status: 0)
            #expect(pending.map { $0["progress"] } == ["requested"])
            #expect(pending[0]["effect"] == first[0]["effects"]?[0]?["effect"])

            let told = try await chain(["run-17"], in: environment)
            #expect(told.map { $0["type"]?.string?.replacing("reconciliation.", with: "") } == history)
            #expect(told[1]["decision"]?["effects"] == [first[0]["effects"]?[0]?["effect"] ?? .null])
            #expect(told[1]["message"]?.string?.contains("the journey's word stands for steps/approve") == true)
            let field = try await chain(["run-17", "--field", "steps/approve"], in: environment)
            #expect(field.map { $0["position"] } == told.dropFirst().map { $0["position"] })

            let same = try await lines(["what-if", Self.policy, "run-17"], in: environment, status: 0)
            let tried: JSONValue = [
                "decisions": 1, "changed": 0, "policy": "default", "version": 1, "by": [], "others": 0, "outside": 0,
                "hidden": 0, "unknown": 0,
            ]
            #expect(same == [tried])
        }
    }

    @Test func `the end of an effect is told of the field that it was to settle`() async throws {
        try await withLog { environment in
            _ = try await lines(["run", "--execution", "run-17"], in: environment, status: 1)
            let resumed = """
                {"execution":"run-17","workflow":"refund-a-customer","type":"resumed","at":"2026-03-02T09:03:00Z","data":{"context":"ctx-1"}}
                {"execution":"run-17","workflow":"refund-a-customer","type":"block_completed","block":"approve","at":"2026-03-02T09:03:01Z"}
                """
            _ = try await Program.run(["ingest", "-"], input: Array(resumed.utf8), environment: environment)
            _ = try await Program.run(["reconcile", "run", "--execution", "run-17"], environment: environment)
            let field = try await chain(["run-17", "--field", "steps/approve"], in: environment)
            let types = field.map { $0["type"]?.string ?? "" }
            #expect(types.contains("reconciliation.effect_confirmed"), "\(types)")
            #expect(field.allSatisfy { $0["fields"]?.array?.contains("steps/approve") == true })
        }
    }

    @Test func `a conflict waits for a person, whose word is answered with what it has brought about, once`()
        async throws
    {
        try await withLog { environment in
            _ = try await lines(["run", "--execution", "run-18"], in: environment, status: 1)
            let waiting = try await lines(["status", "--execution", "run-18"], in: environment, status: 1)
            let conflict = try #require(waiting.first?["conflict"]?.string)
            let table = try await Program.run(
                ["reconcile", "status", "--execution", "run-18"], environment: environment)
            #expect(table.out.contains("since 2") && table.out.contains("next: lockstep reconcile resolve"))
            let words = ["resolve", "run-18", conflict, "--take", "journey", "--actor", "ada"]
            let settled = try await lines(words, in: environment, schema: "run", status: 0)
            #expect(settled.count == 1 && settled[0]["recorded"]?.bool == true)
            #expect(settled[0]["standing"] == "under_way")
            #expect(settled[0]["resolutions"]?[0]?["winner"] == "journey")
            #expect(settled[0]["effects"]?.array?.map { $0["action"] } == ["cancel"])
            let told = try await chain(["run-18"], in: environment)
            #expect(told.last?["actor"] == "ada")
            let again = try await Program.run(["reconcile"] + words, environment: environment)
            #expect(again.status == 1 && again.err.contains("no conflict \(conflict) waits for a person"))
            let decision = try #require(settled[0]["resolutions"]?[0]?["resolution"]?.string)
            let flip = try await Program.run(["reconcile", "flip", "run-18", decision], environment: environment)
            #expect(flip.status == 1 && flip.err.contains("the journey cannot be told what is to stand for status"))
            let apart = try await lines(
                ["flip", "run-18", decision, "--apart"], in: environment, schema: "flip", status: 0)
            #expect(apart.count == 3)
            #expect(apart[0]["withdrawn"]?.bool == true && apart[0]["effect"] == settled[0]["effects"]?[0]?["effect"])
            #expect(apart[1]["winner"] == "workflow" && apart[1]["effects"]?.array == [])
            #expect(apart[2]["accepted"]?.bool == true && apart[2]["path"] == "status")
        }
    }

    @Test(arguments: [
        (["run", "--execution", "nobody"], "nothing was heard of execution nobody"),
        (["run", "--dry-run", "--execution", "nobody"], "nothing was heard of execution nobody"),
        (["run", "--execution", "run-17", "--workspace", "other"], "in workspace other"),
        (["status", "--execution", "nobody"], "nothing was heard of execution nobody"),
        (["explain", "nobody"], "nothing was heard of execution nobody"),
        (["what-if", policy, "nobody"], "nothing was heard of execution nobody"),
        (["resolve", "run-17", unknown, "--take", "journey"], "no conflict \(unknown) waits for a person"),
        (["resolve", "run-17", unknown, "--accept"], "no conflict \(unknown) waits for a person"),
        (["resolve", "nobody", unknown, "--value", "1"], "no conflict \(unknown) waits for a person"),
        (["flip", "run-17", unknown], "has no decision \(unknown)"),
        (["flip", "nobody", unknown, "--dry-run"], "has no decision \(unknown)"),
    ]) func `what is not known is answered with no, and says what was meant`(
        _ words: [String], _ sentence: String
    ) async throws {
        try await withLog { environment in
            let outcome = try await Program.run(["reconcile"] + words, environment: environment)
            #expect(outcome.status == 1 && outcome.out.isEmpty, "\(outcome.status) \(outcome.out)")
            #expect(outcome.err.contains(sentence) && outcome.err.contains("next:"), "\(outcome.err)")
            #expect(try await recorded("run-17", environment) == [])
        }
    }

    @Test func `hostile arguments end with 2 and one short sentence, and move no cursor`() async throws {
        let huge = String(repeating: "x", count: 10_240)
        let escape = "a\u{1b}[2Jb"
        var all: [[String]] = []
        for id in ["", huge, escape, "a\nb", "é", String(repeating: "x", count: 239)] {
            all += [
                ["run", "--execution", id], ["status", "--execution", id], ["explain", id],
                ["what-if", Self.policy, id],
                ["resolve", id, Self.unknown, "--accept"], ["flip", id, Self.unknown],
            ]
        }
        for id in ["", huge, escape, "0198c2f0", Self.unknown + "0"] {
            all += [["resolve", "run-17", id, "--accept"], ["flip", "run-17", id]]
        }
        for value in ["", "{", huge, #"{"a":1,"a":2}"#, "\"\u{1b}[2J\"", String(repeating: "[", count: 5_000)] {
            all.append(["resolve", "run-17", Self.unknown, "--value", value])
        }
        for field in ["", huge, escape, "steps/~2"] { all.append(["explain", "run-17", "--field", field]) }
        for name in ["", huge, escape] {
            all += [["run", "--execution", "run-17", "--actor", name], ["drift", "--workspace", name]]
            all += [["run", "--workflow", name], ["run", "--since", name]]
        }
        for file in ["/nowhere.yaml", "/\(escape).yaml"] {
            all += [["what-if", file], ["run", "--execution", "run-17", "--policy", file]]
        }
        all += [
            ["run", "--execution", "run-17", "--workflow", "refund"],
            ["resolve", "run-17", Self.unknown], ["resolve", "run-17", Self.unknown, "--accept", "--take", "journey"],
            ["resolve", "run-17", Self.unknown, "--take", escape], ["flip"], ["explain"], ["what-if"],
        ]
        try await TestDatabase.with { environment in
            for words in all {
                let outcome = try await Program.run(["reconcile"] + words, environment: environment)
                let what = words.map { String($0.prefix(40)) }
                #expect(outcome.status == 2, "\(what): \(outcome.status) \(outcome.err.prefix(300))")
                #expect(outcome.err.utf8.count < 2_000 && !outcome.err.contains("\u{1b}"), "\(what)")
                #expect(outcome.err.contains("next:"), "\(what): \(outcome.err.prefix(300))")
            }
            let count = try await TestDatabase.query("select count(*) from lockstep.event_log", environment)
            #expect(try count.int64(0, 0) == 0)
        }
    }

    @Test func `a log in which nothing is open has no drift`() async throws {
        try await TestDatabase.with { environment in
            #expect(try await lines(["drift"], in: environment, status: 0) == [])
            let sum = try await lines(["run"], in: environment, status: 0)
            #expect(sum.count == 1 && sum[0]["executions"]?.int == 0)
            let plain = try await Program.run(["reconcile", "drift"], environment: environment)
            #expect(plain.out.contains("No execution is open."))
        }
    }

    @Test func `a projected execution is found without being named, and counts as drift until it is brought together`()
        async throws
    {
        try await withLog { environment in
            let server = try LiveProgram(["serve", "--roles", "projector"], environment: environment)
            try await TestDatabase.until(
                "(select count(*) from lockstep_views.sync_state where execution_id in ('run-17', 'run-18')) = 2",
                environment)
            server.signal(SIGTERM)
            #expect(await server.status() == 0)
            let drift = try await lines(["drift"], in: environment, status: 1)
            #expect(drift.count == 1 && (drift[0]["differing"]?.int ?? 0) >= 1)
            let found = try await lines(["run", "--dry-run"], in: environment, status: 1)
            #expect(found.contains { $0["execution"] == "run-17" })
            #expect(found.last?["executions"] == drift[0]["executions"])
            #expect(try await lines(["run", "--workspace", "other"], in: environment, status: 0).count == 1)
            let workflow = ["run", "--dry-run", "--workflow"]
            let all = try await lines(workflow + ["refund-a-customer"], in: environment, status: 1)
            #expect(all.last?["executions"] == drift[0]["executions"])
            #expect(try await lines(workflow + ["another"], in: environment, status: 0).last?["executions"]?.int == 0)
            let later = try await lines(["run", "--since", "2999-01-01T00:00:00Z"], in: environment, status: 0)
            #expect(later.last?["executions"]?.int == 0)
            let whole = try await lines(["status"], in: environment, status: 0).last
            #expect(whole?["verdict"] == "nobody" && whole?["held_lanes"]?.int == 0)
            let told = try await Program.run(["reconcile", "status"], environment: environment)
            #expect(told.out.contains("nobody reconciles, although there is work"), "\(told.out)")
        }
    }

    @Test func `what a serving reconciler has looked at is known without reading it again`() async throws {
        try await withLog { environment in
            let server = try LiveProgram(
                ["serve", "--roles", "projector,reconciler"],
                environment: environment.merging(["LOCKSTEP_SERVE_LEASE_SECONDS": "60"]) { $1 })
            try await TestDatabase.until(
                """
                (select count(*) from lockstep_views.comparisons where execution_id in ('run-17', 'run-18') and journey_version > 0) = 2
                and (select coalesce(max(lag_events), 9) from lockstep.consumer_progress where kind = 'reconciler') = 0
                """, environment)
            let whole = try await lines(["status"], in: environment, status: 1).last
            let held = try #require(whole?["held_lanes"]?.int)
            #expect(whole?["verdict"] == "ok" && whole?["known"]?.int == 2 && held > 0)
            let drift = try await lines(["drift"], in: environment, status: 1)
            #expect((drift[0]["oldest_seconds"]?.number?.double ?? 0) > 0)
            server.signal(SIGTERM)
            #expect(await server.status() == 0)
            let left = try await TestDatabase.query(
                "select count(*), min(position), max(head) from lockstep.consumer_progress where kind = 'reconciler'",
                environment)
            #expect(try left.int64(0, 0) == Int64(held))
            #expect(try left.int64(0, 1) == left.int64(0, 2))
        }
    }
}
