import EventModel
import Foundation
import KafkaDriver
import Testing

@Suite("ingest", .enabled(if: Program.hasDatabase)) struct IngestTests {
    private static let started = #"{"execution":"e1","workflow":"w1","type":"started","at":"2026-01-01T00:00:00Z"}"#
    private static let completed = #"{"execution":"e1","workflow":"w1","type":"completed","at":"2026-01-01T00:00:02Z"}"#
    private static let session = """
        {"session_id":"s1","session":{"id":"s1","agent_id":"a","customer_id":"c","creation_utc":"2026-01-01T00:00:00Z",\
        "metadata":{"lockstep_execution_id":"e1"}},"events":[{"id":"m1","source":"customer","kind":"message","offset":0,\
        "creation_utc":"2026-01-01T00:00:01Z","trace_id":"t","data":{"message":"hello","participant":{"display_name":"C"}}}]}
        """
    private static let workflow = """
        {"version":"1.0","state":{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start","position":{"x":0,"y":0},\
        "subBlocks":{},"outputs":{},"enabled":true}},"edges":[],"loops":{},"parallels":{},"metadata":{"name":"Refund"}}}
        """
    private static let all = [started, completed, session, workflow]

    private func ingest(
        _ text: String, _ options: [String] = [], in environment: [String: String], status: Int32 = 0
    ) async throws -> (answer: JSONValue, err: String) {
        let outcome = try await Program.run(
            ["ingest", "-", "--json"] + options, input: Array(text.utf8), environment: environment)
        #expect(outcome.status == status, "\(outcome.err)")
        let object = try #require(try outcome.objects().first, "\(outcome.err)")
        #expect(try AnswerSchema("ingest").flaws(in: object) == [])
        return (object, outcome.err)
    }

    private func events(_ environment: [String: String]) async throws -> Int64 {
        try await TestDatabase.query("select count(*) from lockstep.event_log", environment).int64(0, 0)
    }

    @Test(arguments: [0, 1, 2])
    func `lines, an array and one value after the other are all taken, once`(_ shape: Int) async throws {
        let text =
            switch shape {
            case 0: Self.all.joined(separator: "\n")
            case 1: "[" + Self.all.joined(separator: ",\n") + "]"
            default: Self.all.joined(separator: " ").replacing(#"{"execution""#, with: "{\n\"execution\"")
            }
        try await TestDatabase.with { environment in
            let (first, _) = try await ingest(text, in: environment)
            #expect(first["payloads"]?.int == 4 && first["appended"]?.int == 4 && first["rejected"]?.int == 0)
            #expect(first["kinds"]?["execution"]?["events"]?.int == 2)
            let count = try await events(environment)
            #expect(first["events"]?.int == Int(count))
            let (again, _) = try await ingest(text, in: environment)
            #expect(again["no_news"]?.int == 4 && again["events"]?.int == 0)
            #expect(try await events(environment) == count)
            let (reversed, _) = try await ingest(Self.all.reversed().joined(separator: "\n"), in: environment)
            #expect(reversed["no_news"]?.int == 4)
        }
    }

    @Test func `a conversation that walks for an execution is copied into the execution's stream`() async throws {
        try await TestDatabase.with { environment in
            _ = try await ingest(Self.session, in: environment)
            let streams = try await TestDatabase.query(
                "select string_agg(distinct stream, ' ' order by stream) from lockstep.event_log", environment)
            #expect(try streams.text(0, 0) == "journey_session-e1 parlant_session-s1")
        }
    }

    @Test func `what is refused is kept with its line and reason, the rest goes on`() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("refused-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = [Self.started, #"{"cut":"#, "", #"{"what":1}"#, Self.completed].joined(separator: "\n")
        try await TestDatabase.with { environment in
            let (answer, _) = try await ingest(text, ["--rejected", file.path], in: environment, status: 1)
            #expect(answer["appended"]?.int == 2 && answer["rejected"]?.int == 2)
            #expect(answer["reasons"] == ["not_json": 1, "unknown_form": 1])
            let kept = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
                try JSONValue(text: String($0))
            }
            #expect(kept.map { $0["line"]?.int } == [2, 4])
            #expect(kept.map { $0["payload"]?.string } == [#"{"cut":"#, #"{"what":1}"#])
            let (_, err) = try await ingest(text, in: environment, status: 1)
            #expect(err.split(separator: "\n").count == 2, "without a file they are told on standard error")
            let plain = try await Program.run(["ingest", "-"], input: Array(text.utf8), environment: environment)
            #expect(plain.status == 1 && plain.err.contains("-:2: refused (not_json)"))
        }
    }

    @Test func `a dry run appends nothing and counts the same`() async throws {
        try await TestDatabase.with { environment in
            let text = Self.all.joined(separator: "\n")
            let (rehearsal, _) = try await ingest(text, ["--dry-run"], in: environment)
            #expect(try await events(environment) == 0)
            let (answer, _) = try await ingest(text, in: environment)
            #expect(rehearsal["events"] == answer["events"] && rehearsal["dry_run"]?.bool == true)
        }
    }

    @Test func `a name is taken once, from one run to the next`() async throws {
        func envelope(_ data: String) -> String {
            #"{"specversion":"1.0","source":"crm","id":"7","type":"x","data":\#(data)}"#
        }
        try await TestDatabase.with { environment in
            _ = try await ingest(envelope(Self.started), in: environment)
            _ = try await ingest(envelope(Self.started), in: environment)
            let (answer, _) = try await ingest(envelope(Self.completed), in: environment, status: 1)
            #expect(answer["reasons"] == ["key_reused": 1])
            #expect(try await events(environment) == 1)
        }
    }

    @Test func `usage and environment have their statuses`() async throws {
        #expect(try await Program.run(["ingest"]).status == 2)
        try await TestDatabase.with(migrated: false) { environment in
            let missing = try await Program.run(["ingest", "/nowhere.json"], environment: environment)
            #expect(missing.status == 2 && missing.err.contains("/nowhere.json"))
            let actor = try await Program.run(["ingest", "-", "--actor", ""], environment: environment)
            #expect(actor.status == 2)
            let empty = try await Program.run(
                ["ingest", "-"], input: Array(Self.started.utf8), environment: environment)
            #expect(empty.status == 3 && empty.err.contains("lockstep migrate up"))
        }
    }

    // Needs a broker as well: set LOCKSTEP_KAFKA to its bootstrap list.
    @Test(.enabled(if: Program.hasServices), .timeLimit(.minutes(15)))
    func `serve takes messages in, also after it was killed, each once`() async throws {
        try await TestDatabase.with { environment in
            let prefix = "ingest-test-\(UUID().uuidString.lowercased())"
            var environment = environment
            environment["LOCKSTEP_KAFKA"] = Program.brokers
            environment["LOCKSTEP_TOPIC_PREFIX"] = prefix
            environment["LOCKSTEP_TOPIC_PARTITIONS"] = "2"
            environment["LOCKSTEP_TOPIC_REPLICATION"] = "1"
            environment["LOCKSTEP_SERVE_LEASE_SECONDS"] = "2"
            let first = try LiveProgram(["serve", "--roles", "ingest"], environment: environment)
            let bootstrap = try #require(Program.brokers)
            let configuration = KafkaConfiguration(bootstrapServers: bootstrap)
            let admin = try KafkaAdmin(configuration)
            while try await admin.metadata(of: "\(prefix).inbound") == nil { await Task.yield() }
            let producer = try KafkaProducer(configuration)
            func write(_ from: Int, _ count: Int) async throws {
                let records = (from..<from + count).map { number in
                    let value = Self.started.replacing("e1", with: "e\(number)")
                    return KafkaRecord(topic: "\(prefix).inbound", value: Array(value.utf8))
                }
                #expect(try await producer.send(records).firstFailure == nil)
            }
            try await write(0, 3_000)
            try await TestDatabase.until("(select position from lockstep.log_head) > 0", environment)
            first.signal(SIGKILL)
            _ = await first.status()
            try await write(2_500, 1_000)
            let second = try LiveProgram(["serve", "--roles", "ingest"], environment: environment)
            try await TestDatabase.until("(select position from lockstep.log_head) >= 3500", environment)
            second.signal(SIGTERM)
            #expect(await second.status() == 0)
            #expect(try await events(environment) == 3_500)
            try await producer.close(timeout: .seconds(5))
            for topic in ["inbound", "rejected"] { _ = try? await admin.deleteTopic("\(prefix).\(topic)") }
        }
    }

    @Test(arguments: ["", " \n", "[]"])
    func `a file without a payload is taken in, and it is said that there was none`(_ content: String) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        try Data(content.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await TestDatabase.with { environment in
            let answer = try await Program.run(["ingest", "--json", file.path], environment: environment)
            #expect(answer.status == 0 && answer.err.contains("holds no payload"), "\(answer.err)")
            #expect(try answer.objects().first?["payloads"]?.int == 0)
        }
    }
}
