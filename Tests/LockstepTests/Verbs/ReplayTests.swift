import EventModel
import Foundation
import Testing

// These need PostgreSQL: LOCKSTEP_DATABASE_URL names a server on which databases may be made.
@Suite("replay", .enabled(if: Program.hasDatabase), .timeLimit(.minutes(15))) struct ReplayTests {
    private func replay(_ arguments: [String], _ environment: [String: String]) async throws -> Program.Outcome {
        try await Program.run(["replay", "--json", "--to"] + arguments, environment: environment)
    }

    /// Runs `body` with a log of `count` events in three streams of two categories, and a directory of its own.
    private func world(
        _ count: Int, _ body: (_ environment: [String: String], _ directory: URL) async throws -> Void
    ) async throws {
        try await TestDatabase.with { environment in
            let directory = FileManager.default.temporaryDirectory.appendingPathComponent("replay-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let lines = (1...count).map { number in
                let category = number % 3 == 0 ? "bill" : "order"
                return
                    #"{"stream":"\#(category)-\#(number % 2)","expected":"any","type":"\#(category).moved","data":{"n":\#(number)}}"#
            }
            let appended = try await Program.run(
                ["append", "--file", "-"], input: Array(lines.joined(separator: "\n").utf8), environment: environment)
            #expect(appended.status == 0, "\(appended.err)")
            try await body(environment, directory)
        }
    }

    @Test func `standard output gets what read prints, and the answer goes beside it`() async throws {
        try await world(30) { environment, _ in
            let read = try await Program.run(["read", "--category", "order", "--from", "4"], environment: environment)
            let outcome = try await replay(["stdout", "--category", "order", "--from", "4"], environment)
            #expect(outcome.status == 0 && outcome.out == read.out && outcome.lines.count > 10)
            let answer = try JSONValue(text: outcome.err, limits: .file)
            #expect(try AnswerSchema("replay").flaws(in: answer) == [])
            #expect(answer["complete"]?.bool == true && answer["events"]?.int == outcome.lines.count)
        }
    }

    @Test func `events are selected by the times at which they were recorded`() async throws {
        try await world(30) { environment, _ in
            let all = try await Program.run(["read"], environment: environment).objects()
            let middle = try #require(all[14]["recorded_at"]?.string)
            let expected = all.filter { ($0["recorded_at"]?.string ?? "") <= middle }.compactMap { $0["position"]?.int }
            let rest = all.filter { ($0["recorded_at"]?.string ?? "") > middle }.compactMap { $0["position"]?.int }
            let until = try await replay(["stdout", "--until", middle], environment)
            #expect(try until.objects().compactMap { $0["position"]?.int } == expected)
            let read = try await Program.run(["read", "--until", middle], environment: environment)
            #expect(read.out == until.out)
            let since = try await replay(["stdout", "--since", middle], environment)
            #expect(try since.objects().compactMap { $0["position"]?.int }.suffix(rest.count) == rest[...])
            #expect(try await replay(["stdout", "--since", "yesterday"], environment).status == 2)
        }
    }

    @Test func `a file torn at any byte becomes what it would have been`() async throws {
        try await world(12) { environment, directory in
            let path = directory.appendingPathComponent("whole.jsonl").path
            let whole = try await replay(["file", "--out", path], environment)
            #expect(whole.status == 0, "\(whole.err)")
            let answer = try #require(whole.objects().first)
            #expect(try AnswerSchema("replay").flaws(in: answer) == [])
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
            let second = ends[1]
            for length in [
                0, 1, 11, 13, second - 1, second, second + 1, second + 2, ends[10] + 40, bytes.count - 1, bytes.count,
            ] {
                let torn = directory.appendingPathComponent("torn-\(length).jsonl")
                try Data(bytes.prefix(length)).write(to: torn)
                let again = try await replay(["file", "--out", torn.path, "--resume"], environment)
                #expect(again.status == 0, "\(length): \(again.err)")
                #expect([UInt8](try Data(contentsOf: torn)) == bytes, "torn at \(length)")
                let there = ends.count { $0 < length }
                #expect(try again.objects().first?["events"]?.int == 12 - there)
            }
        }
    }

    @Test func `a file that is there, or is not ours, or of another log, is left as it is`() async throws {
        try await world(6) { environment, directory in
            let path = directory.appendingPathComponent("r.jsonl").path
            _ = try await replay(["file", "--out", path], environment)
            let there = try await replay(["file", "--out", path], environment)
            #expect(there.status == 1 && there.err.contains("exists already") && there.err.contains("--resume"))
            let whole = try String(contentsOfFile: path, encoding: .utf8)
            let line = try #require(whole.split(separator: "\n").last)
            let id = try #require(JSONValue(text: String(line), limits: .file)["event_id"]?.string)
            let foreign = [
                "a letter without a line break", "a letter\n", "{\"a\":1}\n", "{\"position\":3}\nx",
                "\(line.replacing(id, with: UUID().uuidString.lowercased()))\n",
                "\(line.replacing("\"position\":6", with: "\"position\":99"))\n{\"posit",
            ]
            for text in foreign {
                let file = directory.appendingPathComponent(UUID().uuidString)
                try Data(text.utf8).write(to: file)
                let refused = try await replay(["file", "--out", file.path, "--resume"], environment)
                #expect(refused.status == 1, "\(text): \(refused.err)")
                #expect(try String(contentsOf: file, encoding: .utf8) == text)
            }
            let selection = try await replay(["file", "--out", path, "--resume", "--stream", "order-1"], environment)
            #expect(selection.status == 1 && selection.err.contains("another selection"))
        }
    }

    @Test func `killed in the middle and gone on with, the file is whole`() async throws {
        try await world(3_000) { environment, directory in
            let path = directory.appendingPathComponent("killed.jsonl").path
            let program = try LiveProgram(
                ["replay", "--to", "file", "--out", path, "--speed", "x0.01", "--max-wait", "1"],
                environment: environment)
            while (try? Data(contentsOf: URL(fileURLWithPath: path)).isEmpty) ?? true { await Task.yield() }
            program.signal(SIGKILL)
            _ = await program.status()
            let again = try await replay(["file", "--out", path, "--resume"], environment)
            #expect(again.status == 0, "\(again.err)")
            let written = try #require(again.objects().first?["events"]?.int)
            #expect(written < 3_000 && written > 0)
            let read = try await Program.run(["read"], environment: environment)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == read.out)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM]) func `interrupted, it ends behind a whole event and says how to go on`(
        _ signal: Int32
    ) async throws {
        try await world(200) { environment, _ in
            let program = try LiveProgram(
                ["replay", "--to", "stdout", "--speed", "x0.01", "--max-wait", "60"], environment: environment)
            let first = await program.line()
            program.signal(signal)
            var last = first
            while let line = await program.line() { last = line }
            #expect(await program.status() == 1)
            let text = try #require(last)
            let position = try #require(JSONValue(text: text, limits: .file)["position"]?.int)
            let rest = try await replay(["stdout", "--from", "\(position + 1)"], environment)
            #expect(rest.lines.count == 200 - position)
        }
    }

    @Test func `a scratch view is the read model as of a position, and nothing else changes`() async throws {
        try await world(40) { environment, _ in
            let before = try await Self.state(environment)
            let first = try await replay(
                ["view", "--projection", "timeline", "--name", "then", "--to-position", "17"], environment)
            #expect(first.status == 0, "\(first.err)")
            func rows(_ view: String) async throws -> [Int64] {
                let rows = try await TestDatabase.query(
                    "select position from lockstep_scratch.\(view) order by 1", environment)
                return try (0..<rows.rowCount).map { try rows.int64($0, 0) }
            }
            #expect(try await rows("then") == Array(1...17))
            let there = try await replay(["view", "--projection", "timeline", "--name", "then"], environment)
            #expect(there.status == 1 && there.err.contains("--replace"))
            let further = try await replay(
                ["view", "--projection", "timeline", "--name", "then", "--resume"], environment)
            #expect(try further.objects().first?["events"]?.int == 23)
            #expect(try await rows("then") == Array(1...40))
            let anew = try await replay(
                ["view", "--projection", "timeline", "--name", "then", "--replace", "--category", "bill"], environment)
            #expect(anew.status == 0, "\(anew.err)")
            let bills = try await Program.run(["read", "--category", "bill"], environment: environment).objects()
            #expect(try await rows("then") == bills.compactMap { $0["position"]?.int }.map { Int64($0) })
            #expect(bills.count == 13)
            #expect(
                try await Self.state(environment) == before,
                "log, checkpoints, generations and live views are as they were")
        }
    }

    @Test(arguments: [
        ["file"], ["stdout", "--out", "x"], ["kafka"], ["view"], ["file", "--out", "x", "--topic", "y"],
        ["stdout", "--resume"], ["stdout", "--speed", "x0"], ["stdout", "--speed", "fast"], ["stdout", "--name", "x"],
        ["view", "--projection", "timeline", "--resume", "--replace"], ["kafka", "--topic", "t", "--plain"],
        ["stdout", "--from", "7", "--to-position", "3"], ["nowhere"],
    ]) func `what does not fit together is not understood`(_ arguments: [String]) async throws {
        let outcome = try await replay(arguments, ["LOCKSTEP_DATABASE_URL": "postgres://127.0.0.1:1/none"])
        #expect(outcome.status == 2, "\(outcome.err)")
    }

    /// Everything that a running system reads or writes, counted and digested.
    private static func state(_ environment: [String: String]) async throws -> [String] {
        let tables = try await TestDatabase.query(
            """
            select quote_ident(table_schema) || '.' || quote_ident(table_name) from information_schema.tables
            where table_schema in ('lockstep', 'lockstep_read', 'lockstep_views') and table_type = 'BASE TABLE' order by 1
            """, environment)
        var found: [String] = []
        for row in 0..<tables.rowCount {
            let table = try tables.text(row, 0)
            let digest = try await TestDatabase.query(
                "select coalesce(md5(string_agg(t::text, chr(10) order by t::text)), 'none') from \(table) t",
                environment)
            found.append("\(table) \(try digest.text(0, 0))")
        }
        #expect(found.count > 5)
        return found
    }
}

// These need PostgreSQL and a broker.
@Suite("replay to Kafka", .enabled(if: Program.hasServices), .timeLimit(.minutes(15))) struct KafkaReplayTests {
    @Test func `killed in the middle and gone on with, a consumer sees each event once and live topics are not made`()
        async throws
    {
        try await TestDatabase.with { environment in
            let lines = (0..<4_000).map {
                #"{"stream":"s-\#($0 % 13)","expected":"any","type":"s.\#($0 % 4 == 0 ? "seen" : "moved")","data":\#($0)}"#
            }
            _ = try await Program.run(
                ["append", "--file", "-"], input: Array(lines.joined(separator: "\n").utf8), environment: environment)
            let topic = "\(environment["LOCKSTEP_TOPIC_PREFIX"] ?? "").copy"
            let arguments = ["replay", "--to", "kafka", "--topic", topic, "--type", "s.moved", "--json"]
            let killed = try LiveProgram(
                arguments + ["--speed", "x0.05", "--max-wait", "1"], environment: environment)
            while try await TopicCopy.read(topic, limit: 1).accepted.isEmpty {}
            killed.signal(SIGKILL)
            _ = await killed.status()
            let again = try await Program.run(arguments + ["--resume"], environment: environment)
            #expect(again.status == 0, "\(again.err)")
            let copy = try await TopicCopy.read(topic, limit: .max)
            let read = try await Program.run(["read", "--type", "s.moved"], environment: environment)
            let positions = try read.objects().compactMap { $0["position"]?.int }
            #expect(copy.accepted.sorted() == positions)
            let refused = try await Program.run(
                ["replay", "--to", "kafka", "--topic", "\(environment["LOCKSTEP_TOPIC_PREFIX"] ?? "").events"],
                environment: environment)
            #expect(refused.status == 1 && refused.err.contains("live topic"))
        }
    }
}
