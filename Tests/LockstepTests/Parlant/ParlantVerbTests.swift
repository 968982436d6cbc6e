import Conversion
import EventModel
import Foundation
import JourneyDomain
import Testing

@testable import lockstep

@Suite("parlant", .enabled(if: Program.hasDatabase)) struct ParlantVerbTests {
    private func journey(_ action: String, title: String = "Refund") -> String {
        """
        {"title":"\(title)","description":"d","conditions":["wants a refund"],"root_id":"r.start","nodes":{\
        "r.start":{"id":"r.start"},"r.ask":{"id":"r.ask","kind":"chat","action":"\(action)"}},\
        "edges":[{"id":"e1","source":"r.start","target":"r.ask"},{"id":"e2","source":"r.ask","target":"end"}]}
        """
    }

    private func with(_ body: (FakeParlantServer, [String: String]) async throws -> Void) async throws {
        try await FakeParlantServer.running { server in
            try await TestDatabase.with { environment in
                var environment = environment
                environment["LOCKSTEP_PARLANT_URL"] = server.url
                try await body(server, environment)
            }
        }
    }

    private func importing(_ text: String, _ environment: [String: String]) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("journey-\(UUID().uuidString).json")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let outcome = try await Program.run(
            ["import", "journey", file.path, "--id", "refund"], environment: environment)
        #expect(outcome.status == 0, "\(outcome.out) \(outcome.err)")
    }

    private func run(
        _ arguments: [String], _ schema: String, status: Int32 = 0, in environment: [String: String]
    ) async throws -> JSONValue {
        let outcome = try await Program.run(["parlant"] + arguments + ["--json"], environment: environment)
        #expect(outcome.status == status, "\(arguments): \(outcome.err)")
        let object = try #require(try outcome.objects().first, "\(outcome.err)")
        #expect(try AnswerSchema(schema).flaws(in: object) == [])
        return object
    }

    private func push(
        _ options: [String] = [], status: Int32 = 0, in environment: [String: String]
    ) async throws -> JSONValue {
        try await run(["push", "refund"] + options, "parlant_push", status: status, in: environment)
    }

    @Test func `a journey is created, updated, and left alone when it is there`() async throws {
        try await with { _, environment in
            try await importing(journey("Ask"), environment)
            let rehearsal = try await push(["--dry-run"], in: environment)
            #expect(rehearsal["outcome"] == "created" && rehearsal["version"] == .null)
            let created = try await push(in: environment)
            #expect(created["outcome"] == "created" && created["version"] == "1.x" && created["dry_run"] == false)
            let again = try await push(in: environment)
            #expect(again["outcome"] == "unchanged" && again["known_version"] == "1.x")
            try await importing(journey("Ask twice"), environment)
            let planned = try await push(["--dry-run"], in: environment)
            #expect(planned["outcome"] == "updated" && planned["version"] == "1.x")
            #expect(planned["changes"]?["states"]?["changed"] == ["r.ask"])
            let updated = try await push(in: environment)
            #expect(updated["outcome"] == "updated" && updated["version"] == "2.x" && updated["revision"] == 2)
            let pushes = try await TestDatabase.query(
                "select count(*) from lockstep.event_log where stream = 'parlant_journey-refund'", environment)
            #expect(try pushes.int64(0, 0) == 2, "what was pushed is on record")
        }
    }

    @Test func `a push says how many live sessions are concerned by another structure`() async throws {
        try await with { _, environment in
            try await importing(journey("Ask"), environment)
            #expect(try await push(in: environment)["live_sessions"]?.int == 0)
            let entered = ParlantSessionEvent(
                .stateEntered(StateEntered(journey: "refund", state: "r.ask", turn: nil, cause: .path)))
            let append = try await Program.run(
                [
                    "append", "--stream", "parlant_session-s1", "--expected", "noStream", "--type",
                    entered.type.rawValue, "--data", String(decoding: entered.encoded(), as: UTF8.self),
                ], environment: environment)
            #expect(append.status == 0, "\(append.err)")
            try await importing(journey("Ask twice"), environment)
            #expect(try await push(in: environment)["live_sessions"]?.int == 0, "the structure is what it was")
            let longer = journey("Ask").replacing("\"edges\":[", with: "\"edges\":[")
                .replacing(
                    "\"r.start\":{",
                    with: "\"r.new\":{\"id\":\"r.new\",\"kind\":\"chat\",\"action\":\"More\"},\"r.start\":{"
                )
                .replacing(
                    "\"target\":\"end\"",
                    with: "\"target\":\"r.new\"},{\"id\":\"e3\",\"source\":\"r.new\",\"target\":\"end\"")
            try await importing(longer, environment)
            #expect(try await push(["--dry-run"], in: environment)["live_sessions"]?.int == 1)
            let plain = try await Program.run(["parlant", "push", "refund"], environment: environment)
            #expect(plain.out.contains("1 live session is") && plain.out.contains("lockstep parlant state"))
        }
    }

    @Test func `what was changed there is not overwritten unasked`() async throws {
        try await with { server, environment in
            try await importing(journey("Ask"), environment)
            _ = try await push(in: environment)
            server.world.edit("refund")
            let refused = try await push(status: 1, in: environment)
            #expect(refused["outcome"] == "changed_there" && refused["known_version"] == "1.x")
            let plain = try await Program.run(["parlant", "push", "refund"], environment: environment)
            #expect(plain.status == 1 && plain.err.contains("--overwrite"))
            let forced = try await push(["--overwrite"], in: environment)
            #expect(forced["outcome"] == "updated" && forced["version"] == "3.x")
            #expect(try await push(in: environment)["outcome"] == "unchanged")
        }
    }

    @Test func `somebody else's journey of this id is not taken`() async throws {
        try await with { server, environment in
            try await importing(journey("Ask"), environment)
            _ = try await push(in: environment)
            try await TestDatabase.with { other in
                var other = other
                other["LOCKSTEP_PARLANT_URL"] = server.url
                try await importing(journey("Something else"), other)
                #expect(try await push(status: 1, in: other)["outcome"] == "taken")
            }
        }
    }

    @Test func `what can only be set at creation is created anew when that is asked for`() async throws {
        try await with { _, environment in
            try await importing(journey("Ask"), environment)
            _ = try await push(in: environment)
            try await importing(journey("Ask", title: "Returns"), environment)
            let refused = try await push(status: 1, in: environment)
            #expect(refused["outcome"] == "needs_recreation" && refused["changes"]?["kind"] == "recreation")
            #expect(try await push(["--recreate"], in: environment)["outcome"] == "recreated")
            #expect(try await push(in: environment)["outcome"] == "unchanged")
        }
    }

    @Test func `the status tells how each journey stands`() async throws {
        try await with { server, environment in
            func state() async throws -> String? {
                let outcome = try await Program.run(["parlant", "status", "--json"], environment: environment)
                let object = try #require(try outcome.objects().first, "\(outcome.err)")
                #expect(try AnswerSchema("parlant_status").flaws(in: object) == [])
                let state = object["journeys"]?.array?.first?["state"]?.string
                #expect(outcome.status == (state == nil || state == "in_step" ? 0 : 1))
                return state
            }
            #expect(try await state() == nil)
            try await importing(journey("Ask"), environment)
            _ = try await push(in: environment)
            #expect(try await state() == "in_step")
            try await importing(journey("Ask twice"), environment)
            #expect(try await state() == "behind")
            server.world.edit("refund")
            #expect(try await state() == "changed_there")
            server.world.restart()
            #expect(try await state() == "missing")
            let plain = try await Program.run(["parlant", "status"], environment: environment)
            #expect(plain.out.contains("refund") && plain.out.contains("missing"))
        }
    }

    @Test func `a session is bound once, shown, and set`() async throws {
        try await with { server, environment in
            server.world.open("s")
            let bound = try await run(["bind", "s", "run-1"], "parlant_session", in: environment)
            #expect(bound["execution"] == "run-1")
            let elsewhere = try await Program.run(["parlant", "bind", "s", "run-2"], environment: environment)
            #expect(elsewhere.status == 1 && elsewhere.err.contains("run-1"))
            let unclear = try await Program.run(
                ["parlant", "state", "s", "--set", "r.ask"], environment: environment)
            #expect(unclear.status == 2 && unclear.err.contains("--journey"))
            let set = try await run(
                ["state", "s", "--set", "r.ask", "--journey", "j"], "parlant_session", in: environment)
            #expect(set["journeys"]?.array?.first?["state"] == "r.ask")
            let further = try await run(["state", "s", "--set", "r.done"], "parlant_session", in: environment)
            #expect(further["journeys"]?.array?.first?["steps"]?.int == 2)
            let gone = try await Program.run(["parlant", "state", "nobody"], environment: environment)
            #expect(gone.status == 1 && gone.err.contains("nobody"))
        }
    }

    @Test func `usage and environment have their statuses`() async throws {
        try await with { server, environment in
            let unknown = try await Program.run(["parlant", "push", "nothing"], environment: environment)
            #expect(unknown.status == 1 && unknown.err.contains("import"))
            var nobody = environment
            nobody["LOCKSTEP_PARLANT_URL"] = "http://127.0.0.1:9"
            #expect(try await Program.run(["parlant", "status"], environment: nobody).status == 3)
            server.world.loadModule(nil)
            let without = try await Program.run(["parlant", "status"], environment: environment)
            #expect(without.status == 3 && without.err.contains("ops/parlant"))
            nobody["LOCKSTEP_PARLANT_URL"] = nil
            let unnamed = try await Program.run(["parlant", "status"], environment: nobody)
            #expect(unnamed.status == 3 && unnamed.err.contains("LOCKSTEP_PARLANT_URL"))
        }
    }
}
