import EventModel
import Foundation
import Testing

@Suite("Command line") struct CommandLineTests {
    @Test(arguments: [
        [], ["serve"], ["migrate"], ["migrate", "up"], ["migrate", "status"], ["migrate", "down"], ["doctor"],
        ["doctor", "adopt-history"],
        ["import"], ["import", "workflow"], ["append"], ["read"], ["tail"], ["projections"], ["projections", "list"],
        ["projections", "status"], ["projections", "parked"], ["projections", "retry"], ["projections", "skip"],
        ["projections", "verify"], ["projections", "rebuild"], ["projections", "diff"], ["projections", "activate"],
        ["projections", "rollback"], ["audit"], ["audit", "verify"], ["demo"],
        ["parlant"], ["parlant", "status"], ["parlant", "push"], ["parlant", "bind"], ["parlant", "state"],
    ])
    func `every verb explains itself with examples`(_ verb: [String]) async throws {
        let outcome = try await Program.run(verb + ["--help"])
        #expect(outcome.status == 0)
        #expect(outcome.out.contains("Example"), "\(verb)")
        #expect(outcome.err.isEmpty)
    }

    @Test(arguments: [
        ["nonsense"], ["read", "--nonsense"], ["read", "--limit", "x"], ["read", "--limit", "0"],
        ["read", "--from", "0"],
        ["read", "--from", "5", "--to", "4"], ["tail", "--from", "1", "--from-end"], ["append"],
        ["append", "--stream", "a-1"],
        ["append", "--file", "x", "--stream", "a-1"], ["import", "workflow"],
        ["projections", "status", "--stall-seconds", "0"], ["projections", "parked", "nobody"],
        ["projections", "status", "--projection", "timeline"], ["projections", "status", "--wait-for", "-1"],
        ["projections", "status", "--wait-for", "1", "--timeout", "0"],
        ["projections", "status", "--wait-for", "1", "--projection", "nothing"],
        ["projections", "rebuild", "timeline", "--from", "3"],
        ["projections", "rebuild", "timeline", "--from", "3", "--to", "2"],
        ["projections", "rebuild", "timeline", "--from", "1", "--to", "2", "--workspace", "w"],
        ["projections", "rebuild", "timeline", "--stream", "no stream"], ["projections", "rebuild", "nothing"],
        ["projections", "rebuild", "--anew"], ["projections", "rebuild", "timeline", "timeline"],
        ["projections", "rebuild", "timeline", "executions", "--from", "1", "--to", "2"],
        ["projections", "retry", "executions"], ["projections", "retry", "executions", "--all", "--key", "k"],
        ["projections", "skip", "executions", "--key", "k", "--actor", "ada"],
        ["projections", "skip", "executions", "--key", "k", "--actor", "ada", "--reason", " "],
        ["audit", "verify", "--against", "12"], ["audit", "verify", "--against", "12:zz"],
        ["parlant", "push"], ["parlant", "bind", "s"], ["parlant", "status", "--parlant", "no address"],
        ["parlant", "status", "--parlant", "http://me:secret@host"],
    ])
    func `what is not understood ends with 2 and says what to do`(_ arguments: [String]) async throws {
        let outcome = try await Program.run(
            arguments, environment: ["LOCKSTEP_DATABASE_URL": "postgres://127.0.0.1:1/none"])
        #expect(outcome.status == 2, "\(outcome.err)")
        #expect(outcome.out.isEmpty)
        #expect(outcome.err.contains("next:"))
    }

    @Test(arguments: [["migrate"], ["projections"], ["import"], ["audit"], ["parlant"]])
    func `half a verb is not understood, so that a script notices`(_ verb: [String]) async throws {
        let outcome = try await Program.run(verb)
        #expect(outcome.status == 2 && outcome.out.isEmpty)
        #expect(outcome.err.contains("`lockstep \(verb[0])` needs one of:"))
    }

    @Test(arguments: [
        (["nonsense"], "lockstep --help"),
        (["projections", "status", "--nonsense"], "lockstep projections status --help"),
        (["read", "--nonsense"], "lockstep read --help"),
    ]) func `the hint names the help of the verb that was meant`(_ arguments: [String], _ help: String) async throws {
        #expect(try await Program.run(arguments).err.contains("see `\(help)`"))
    }

    @Test(arguments: [
        (["read", "--limit", "-1"], "-1"), (["read", "--from", "-5"], "-5"), (["tail", "-n", "-1"], "-1"),
        (["read", "--correlation", "seven"], "seven"),
        (["append", "--stream", "a-1", "--expected", "-1", "--type", "a.b", "--data", "-1"], "\"-1\""),
        (["append", "--stream", "a-1", "--expected", "1", "--type", "a.b", "--data", "1", "--id", "seven"], "seven"),
        (
            ["append", "--stream", "a-1", "--expected", "1", "--type", "a.b", "--data", "1", "--occurred-at", "noon"],
            "noon"
        ),
    ]) func `an error names the value that it is about`(_ arguments: [String], _ value: String) async throws {
        let outcome = try await Program.run(
            arguments, environment: ["LOCKSTEP_DATABASE_URL": "postgres://127.0.0.1:1/none"])
        #expect(outcome.status == 2 && outcome.err.contains(value), "\(outcome.err)")
    }

    @Test func `with --json an error is one object on standard error`() async throws {
        let outcome = try await Program.run(["read", "--json", "--nonsense"])
        let error = try JSONValue(text: outcome.err.filter { $0 != "\n" })
        #expect(error["error"]?.string?.contains("--nonsense") == true)
        #expect(error["hint"]?.string?.isEmpty == false)
        #expect(outcome.status == 2 && outcome.out.isEmpty)
    }

    @Test(arguments: [
        ["read"], ["tail"], ["migrate", "up"], ["migrate", "status"], ["projections", "status"], ["doctor"],
        ["audit", "verify"],
        ["append", "--stream", "a-1", "--expected", "any", "--type", "a.b", "--data", "1"],
        ["serve", "--roles", "projector"], ["parlant", "push", "refund", "--parlant", "http://127.0.0.1:1"],
        ["export", "journey", "refund"],
    ])
    func `without a database the status is 3`(_ verb: [String]) async throws {
        let environment = ["LOCKSTEP_DATABASE_URL": "postgres://nobody:topsecret@127.0.0.1:1/none?connect_timeout=2"]
        let outcome = try await Program.run(verb, environment: environment)
        #expect(outcome.status == 3, "\(outcome.err)")
        #expect(outcome.err.contains("next:"))
        #expect(!(outcome.err + outcome.out).contains("topsecret"))
    }

    @Test func `without any setting the hint names the variable`() async throws {
        let outcome = try await Program.run(["read"])
        #expect(outcome.status == 3)
        #expect(outcome.err.contains("LOCKSTEP_DATABASE_URL"))
    }

    @Test func `a database address that is none ends with 2 and is not repeated`() async throws {
        let outcome = try await Program.run(["read", "--database", "postgres://u:top@secret@h/d"])
        #expect(outcome.status == 2)
        #expect(!outcome.err.contains("secret@h"))
    }

    @Test func `the effective settings are shown without secrets`() async throws {
        let outcome = try await Program.run(
            ["serve", "--print-config"],
            environment: [
                "LOCKSTEP_DATABASE_URL": "postgres://u:topsecret@h/d", "LOCKSTEP_KAFKA": "b:1",
                "LOCKSTEP_KAFKA_SASL_PASSWORD": "hushhush",
                "LOCKSTEP_PUBLISHER_WINDOW_EVENTS": "77", "LOCKSTEP_PARLANT_URL": "http://h:1",
                "LOCKSTEP_PARLANT_AUTHORIZATION": "Bearer quietquiet",
            ])
        #expect(outcome.out.contains("parlant"), "the role is on where a server is named")
        #expect(outcome.status == 0, "\(outcome.err)")
        #expect(outcome.out.contains("77") && outcome.out.contains("host=h") && outcome.out.contains("***"))
        #expect(!outcome.out.contains("topsecret") && !outcome.out.contains("hushhush"))
        #expect(!outcome.out.contains("quietquiet"))
    }

    @Test func `a file gives settings, and the environment wins over it`() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        try Data("publisher:\n  window:\n    events: 55\n    bytes: 2000000\nserve:\n  roles: [sealer]\n".utf8).write(
            to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try await Program.run(
            ["serve", "--print-config", "--json", "--config", file.path],
            environment: ["LOCKSTEP_PUBLISHER_WINDOW_EVENTS": "66"])
        let values = Dictionary(
            try outcome.objects().map { ($0["key"]?.string ?? "", $0["value"]?.string ?? "") },
            uniquingKeysWith: { first, _ in first })
        #expect(values["publisher.window.events"] == "66")
        #expect(values["publisher.window.bytes"] == "2000000")
        #expect(values["serve.roles"] == "sealer")
    }

    @Test func `a missing file of settings ends with 2`() async throws {
        let outcome = try await Program.run(["serve", "--print-config", "--config", "/nowhere/lockstep.yaml"])
        #expect(outcome.status == 2 && outcome.err.contains("/nowhere/lockstep.yaml"))
    }

    @Test func `a new master key is an object where objects are asked for`() async throws {
        let outcome = try await Program.run(["keys", "generate", "--id", "k1", "--json"])
        let object = try #require(try outcome.objects().first)
        #expect(object["master_key"] == "k1" && object["line"]?.string?.hasPrefix("k1:") == true)
    }
}
