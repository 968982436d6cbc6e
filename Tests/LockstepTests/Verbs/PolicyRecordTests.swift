import EventModel
import EventSourcingTesting
import Foundation
import Testing

@Suite("policy publish and list", .enabled(if: Program.hasDatabase)) struct PolicyRecordTests {
    private static func text(_ name: String, _ version: Int, rule: String = "workflow_wins", more: String = "")
        -> String
    {
        "\(more)policy: \(name)\nversion: \(version)\nworkflow: \(name)-flow\nrules:\n  - path: status\n    owner: workflow\n    rule: \(rule)\n"
    }

    /// Files with these texts.
    private func withFiles(_ texts: [String], _ body: ([String]) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var paths: [String] = []
        for (index, text) in texts.enumerated() {
            let file = directory.appendingPathComponent("\(index).yaml")
            try Data(text.utf8).write(to: file)
            paths.append(file.path)
        }
        try await body(paths)
    }

    private func publish(_ files: [String], _ environment: [String: String]) async throws -> [JSONValue] {
        let outcome = try await Program.run(
            ["policy", "publish", "--json", "--actor", "ada"] + files, environment: environment)
        #expect(outcome.status == 0, "\(outcome.err)")
        let objects = try outcome.objects()
        for object in objects { #expect(try AnswerSchema("policy_publish").flaws(in: object) == [], "\(object)") }
        return objects
    }

    private func recorded(_ environment: [String: String]) async throws -> String {
        try await TestDatabase.query(
            "select coalesce(string_agg(stream || ' ' || type, ', ' order by position), '') from lockstep.event_log where category = 'policy'",
            environment
        ).text(0, 0)
    }

    @Test func `a policy is put on record once, its next version takes its place, and the list tells`() async throws {
        try await TestDatabase.with { environment in
            let texts = [
                Self.text("house", 1), Self.text("house", 1, more: "# a comment\n"), Self.text("house", 3),
                Self.text("desk", 1),
            ]
            try await withFiles(texts) { files in
                let first = try await publish([files[0], files[3]], environment)
                #expect(first.map { $0["outcome"] } == ["published", "published"])
                #expect(first.map { $0["file"]?.string } == [files[0], files[3]])
                #expect(try await publish([files[1]], environment).map { $0["outcome"] } == ["known"])
                let next = try await publish([files[2]], environment)
                #expect(next[0]["superseded"]?.int == 1 && next[0]["workflow"] == "house-flow")
                #expect(try await publish([files[0]], environment).map { $0["outcome"] } == ["known"])
                #expect(
                    try await recorded(environment)
                        == "policy-house policy.published, policy-desk policy.published, policy-house policy.superseded, policy-house policy.published"
                )
                let server = try LiveProgram(["serve", "--roles", "projector"], environment: environment)
                try await TestDatabase.until("(select count(*) from lockstep_views.policies) = 3", environment)
                server.signal(SIGTERM)
                #expect(await server.status() == 0)
                let list = try await Program.run(
                    ["policy", "list", "--json", "--wait-for", "4"], environment: environment)
                #expect(list.status == 0, "\(list.err)")
                let listed = try list.objects()
                for object in listed { #expect(try AnswerSchema("policy_list").flaws(in: object) == []) }
                #expect(listed.map { $0["policy"] } == ["desk", "house", "house"])
                #expect(listed.map { $0["current"]?.bool } == [true, false, true])
                #expect(listed[1]["text"]?.string == texts[0] && listed[1]["digest"] == first[0]["digest"])
                #expect(listed.allSatisfy { $0["actor"] == "ada" })
                let house = try await Program.run(["policy", "list", "house"], environment: environment)
                #expect(house.out.contains("superseded") && !house.out.contains("desk"))
            }
        }
    }

    @Test func `a verb that decides puts its policies on record first, and decides nothing by an edited one`()
        async throws
    {
        try await ReconcileTests().withLog { environment in
            let texts = [Self.text("house", 1), Self.text("house", 1, rule: "latest")]
            try await withFiles(texts) { files in
                let look = ["reconcile", "run", "--execution", "run-17", "--actor", "ada", "--policy"]
                let dry = try await Program.run(look + [files[0], "--dry-run"], environment: environment)
                #expect(try await recorded(environment) == "", "a dry run records nothing: \(dry.err)")
                _ = try await Program.run(look + [files[0]], environment: environment)
                let onRecord = try await recorded(environment)
                #expect(onRecord == "policy-default policy.published, policy-house policy.published")
                let edited = try await Program.run(
                    ["reconcile", "run", "--execution", "run-18", "--policy", files[1]], environment: environment)
                #expect(edited.status == 1 && edited.err.contains("house"), "\(edited.err)")
                #expect(try await ReconcileTests().recorded("run-18", environment) == [])
                #expect(try await recorded(environment) == onRecord)
                let first = try await TestDatabase.query(
                    "select type, actor from lockstep.event_log where actor = 'ada' order by position limit 1",
                    environment)
                #expect(try first.text(0, 0) == "policy.published", "before what is decided by it")
            }
        }
    }

    @Test func `an edited version and a lower one are refused with what to do, and nothing of the call is recorded`()
        async throws
    {
        try await TestDatabase.with { environment in
            let texts = [
                Self.text("house", 2), Self.text("house", 2, rule: "latest"), Self.text("house", 1),
                Self.text("desk", 1),
            ]
            try await withFiles(texts) { files in
                let known = try await publish([files[0]], environment)
                let before = try await recorded(environment)
                let edited = try await Program.run(
                    ["policy", "publish", files[3], files[1]], environment: environment)
                #expect(edited.status == 1 && edited.out.isEmpty, "\(edited.out)")
                #expect(edited.err.contains(try #require(known[0]["digest"]?.string)), "\(edited.err)")
                #expect(edited.err.contains("give what the file says version 3"), "\(edited.err)")
                let lower = try await Program.run(["policy", "publish", files[2]], environment: environment)
                #expect(lower.status == 1 && lower.err.contains("version 2 was"), "\(lower.err)")
                #expect(try await recorded(environment) == before)
            }
        }
    }

    @Test func `who reconciles puts on record what they go by, and does not begin by an edited version`() async throws {
        try await TestDatabase.with { environment in
            try await withFiles([Self.text("house", 1), Self.text("house", 1, rule: "latest")]) { files in
                var environment = environment
                environment["LOCKSTEP_RECONCILER_POLICIES"] = files[0]
                let server = try LiveProgram(["serve", "--roles", "reconciler"], environment: environment)
                try await TestDatabase.until(
                    "(select count(*) from lockstep.event_log where category = 'policy' and actor = 'reconciler') = 2",
                    environment)
                try await TestDatabase.until(
                    "exists (select from lockstep.leases where name like 'reconcil%')", environment)
                server.signal(SIGTERM)
                #expect(await server.status() == 0)
                #expect(
                    try await recorded(environment) == "policy-default policy.published, policy-house policy.published")
                environment["LOCKSTEP_RECONCILER_POLICIES"] = files[1]
                let refused = try await Program.run(["serve", "--roles", "reconciler"], environment: environment)
                #expect(refused.status == 1 && refused.err.contains("version 1 of policy \"house\" is on record"))
                #expect(refused.err.contains("give what the file says version 2"), "\(refused.err)")
            }
        }
    }

    @Test func `hostile arguments are refused before anything is recorded`() async throws {
        try await TestDatabase.with { environment in
            try await withFiles([Self.text("house", 1), "policy: [", Self.text("other", 1, rule: "no_rule")]) { files in
                for words in [
                    ["publish"], ["publish", "/nowhere.yaml"], ["publish", files[0], files[1]],
                    ["publish", files[0], files[2]], ["publish", "-", "-"], ["publish", files[0], "--actor", ""],
                    ["publish", files[0], "--actor", "a\u{1b}[2J"], ["list", "a", "b"],
                ] {
                    let outcome = try await Program.run(["policy"] + words, environment: environment)
                    #expect(outcome.status == 2 && !outcome.err.contains("\u{1b}"), "\(words): \(outcome.err)")
                }
                #expect(try await recorded(environment) == "")
                let list = try await Program.run(
                    ["policy", "list", "a'; drop table x; --\u{1b}[2J"], environment: environment)
                #expect(list.status == 0 && list.out.hasPrefix("No policy is on record."))
            }
        }
    }
}
