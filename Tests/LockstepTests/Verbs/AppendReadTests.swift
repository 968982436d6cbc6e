import EventModel
import Foundation
import Testing

// These need PostgreSQL: LOCKSTEP_DATABASE_URL names a server on which databases may be made.
@Suite("append, read and tail", .enabled(if: Program.hasDatabase)) struct AppendReadTests {
    private func append(_ arguments: [String], _ environment: [String: String]) async throws -> Program.Outcome {
        try await Program.run(["append", "--json"] + arguments, environment: environment)
    }

    @Test func `one event is appended, repeated, and refused when somebody was faster`() async throws {
        try await TestDatabase.with { environment in
            let schema = try AnswerSchema("append")
            let event = [
                "--stream", "order-1", "--type", "order.placed", "--data", #"{ "total" : 1.50 }"#, "--id",
                UUID().uuidString, "--expected",
                "noStream",
            ]
            for (outcome, status) in [("appended", 0), ("repeated", 0)] as [(String, Int32)] {
                let answer = try await append(event, environment)
                #expect(answer.status == status, "\(answer.err)")
                let object = try #require(try answer.objects().first)
                #expect(schema.flaws(in: object) == [])
                #expect(
                    object["outcome"]?.string == outcome && object["first_position"]?.int == 1
                        && object["version"]?.int == 1)
            }
            let conflict = try await append(
                ["--stream", "order-1", "--type", "order.placed", "--data", "1", "--expected", "noStream"], environment)
            #expect(conflict.status == 1)
            #expect(try conflict.objects().first?["outcome"]?.string == "conflict")
            #expect(try conflict.objects().first?["actual"]?.int == 1)
            #expect(schema.flaws(in: try #require(try conflict.objects().first)) == [])
        }
    }

    @Test func `what was appended is read back byte for byte, one object per line`() async throws {
        try await TestDatabase.with { environment in
            let id = UUID().uuidString.lowercased()
            let answer = try await append(
                [
                    "--stream", "order-7", "--expected", "noStream", "--type", "order.placed", "--data",
                    "{\"a\":\n[1.50,\r\n\"x\\ny\"]}",
                    "--metadata", #"{"m":1}"#, "--id", id, "--workspace", "acme", "--actor", "ada", "--correlation", id,
                    "--causation", id,
                    "--occurred-at", "2026-02-03T04:05:06.7Z", "--schema-version", "3",
                ], environment)
            #expect(answer.status == 0, "\(answer.err)")
            let read = try await Program.run(["read", "--workspace", "acme"], environment: environment)
            #expect(read.lines.count == 1)
            #expect(read.out.contains(#""data":{"a": [1.50,  "x\ny"]},"#))
            let event = try #require(try read.objects().first)
            #expect(try AnswerSchema("read").flaws(in: event) == [])
            #expect(
                event["event_id"]?.string == id && event["correlation_id"]?.string == id
                    && event["causation_id"]?.string == id)
            #expect(event["actor"]?.string == "ada" && event["schema_version"]?.int == 3)
            #expect(event["occurred_at"]?.string == "2026-02-03T04:05:06.700000Z")
            #expect(event["metadata"]?["m"]?.int == 1)
        }
    }

    @Test func `events are selected by stream, category, type, range and end`() async throws {
        try await TestDatabase.with { environment in
            let lines = (1...9).map { number in
                let (category, type) =
                    number % 3 == 0 ? ("bill", "bill.sent") : ("order", number % 2 == 0 ? "order.paid" : "order.placed")
                return #"{"stream":"\#(category)-\#(number % 2)","expected":"any","type":"\#(type)","data":\#(number)}"#
            }
            // Several streams share commits; an order over all of them comes from appending one by one.
            for line in lines {
                let one = try await Program.run(
                    ["append", "--file", "-"], input: Array(line.utf8), environment: environment)
                #expect(one.status == 0, "\(one.err)")
            }
            func positions(_ arguments: String...) async throws -> [Int] {
                try await Program.run(["read", "--json"] + arguments, environment: environment).objects().compactMap {
                    $0["position"]?.int
                }
            }
            #expect(try await positions() == Array(1...9))
            #expect(try await positions("--category", "bill") == [3, 6, 9])
            #expect(try await positions("--type", "order.paid", "--type", "bill.sent") == [2, 3, 4, 6, 8, 9])
            #expect(try await positions("--stream", "order-1") == [1, 5, 7])
            #expect(try await positions("--stream", "order-1", "--from", "5", "--to", "6") == [5])
            #expect(try await positions("--from", "4", "--to", "6") == [4, 5, 6])
            #expect(try await positions("--backwards", "--limit", "2") == [9, 8])
            #expect(try await positions("--stream", "order-1", "--backwards", "--limit", "2") == [7, 5])
            #expect(try await positions("--workspace", "nobody") == [])
            #expect(try await positions("--from", "10") == [])
            let tail = try await Program.run(["tail", "--lines", "2", "--json"], environment: environment)
            #expect(try tail.objects().compactMap { $0["position"]?.int } == [8, 9])
            #expect(try tail.objects().allSatisfy { try AnswerSchema("tail").flaws(in: $0) == [] })
        }
    }

    @Test func `a file is answered line by line, bad lines are refused and the others go on`() async throws {
        try await TestDatabase.with { environment in
            var input = Array(#"{"stream":"a-1","expected":"noStream","type":"a.b","data":1}"#.utf8) + [10]
            input += Array("not json".utf8) + [10]
            input +=
                Array(#"{"stream":"a-1","expected":1,"type":"a.b","data":"#.utf8) + [0x22, 0xff, 0xfe, 0x22]
                + Array("}".utf8) + [10]
            input +=
                Array(#"{"stream":"'; drop table lockstep.events; --","expected":"any","type":"a.b","data":1}"#.utf8)
                + [10, 10]
            input += Array(#"{"stream":"a-1","expected":7,"type":"a.b","data":1}"#.utf8) + [10]
            input +=
                Array(
                    #"{"stream":"a-1","expected":"any","type":"a.b","data":"\#(String(repeating: "x", count: 1_100_000))"}"#
                        .utf8) + [10]
            input += Array(#"{"stream":"a-1","expected":"1","type":"a.b","data":2,"actor":"'; select 1"}"#.utf8)
            let answer = try await Program.run(["append", "--file", "-"], input: input, environment: environment)
            let objects = try answer.objects()
            #expect(answer.status == 1)
            #expect(
                objects.map { $0["outcome"]?.string }
                    == ["appended", "refused", "refused", "refused", "refused", "conflict", "refused", "appended"])
            #expect(objects.compactMap { $0["line"]?.int } == [2, 3, 4, 5, 7])
            let schema = try AnswerSchema("append")
            #expect(objects.allSatisfy { schema.flaws(in: $0) == [] })
            #expect(
                try await TestDatabase.query("select count(*) from lockstep.event_log", environment).int64(0, 0) == 2)
        }
    }

    @Test func `lines of one stream keep their order while many are under way`() async throws {
        try await TestDatabase.with { environment in
            let lines = (0..<2_000).map { number in
                #"{"stream":"s-\#(number % 7)","expected":\#(number < 7 ? "\"noStream\"" : "\(number / 7)"),"type":"s.moved","data":\#(number)}"#
            }
            let answer = try await Program.run(
                ["append", "--file", "-"], input: Array(lines.joined(separator: "\n").utf8), environment: environment)
            #expect(answer.status == 0, "\(answer.err)")
            #expect(answer.lines.count == 2_000)
            #expect(try answer.objects().allSatisfy { $0["outcome"]?.string == "appended" })
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `killed in the middle and appended again, nothing is lost and nothing is there twice`() async throws {
        try await TestDatabase.with { environment in
            let lines = (0..<3_000).map { number in
                #"{"stream":"s-\#(number % 11)","expected":"any","type":"s.moved","data":\#(number),"event_id":"\#(UUID().uuidString)"}"#
            }
            let text = lines.joined(separator: "\n") + "\n"
            let program = try LiveProgram(["append", "--file", "-"], environment: environment)
            let writing = Task.detached { try? program.write(text) }
            for _ in 0..<100 { _ = await program.line() }
            program.signal(SIGKILL)
            _ = await program.status()
            _ = await writing.value
            let again = try await Program.run(
                ["append", "--file", "-"], input: Array(text.utf8), environment: environment)
            #expect(again.status == 0, "\(again.err)")
            let repeated = try again.objects().count { $0["outcome"]?.string == "repeated" }
            #expect(repeated >= 100)
            let rows = try await TestDatabase.query(
                "select count(*), count(distinct event_id), max(position), count(distinct data) from lockstep.event_log",
                environment)
            #expect(
                try (0..<4).map { column in column == 2 ? try rows.int64(0, column) : try rows.int64(0, column) } == [
                    3_000, 3_000, 3_000, 3_000,
                ])
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `a program that ends while it still connects ends with its status`() async throws {
        try await TestDatabase.with { environment in
            try await withThrowingTaskGroup(of: Int32.self) { runs in
                for started in 0..<120 {
                    runs.addTask {
                        try await Program.run(["append", "--file", "/dev/null"], environment: environment).status
                    }
                    guard started >= 5 else { continue }
                    let status = try await runs.next()
                    #expect(status == 0)
                }
                for try await status in runs { #expect(status == 0) }
            }
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `a line that is far too long is refused, and the next one is appended`() async throws {
        try await TestDatabase.with { environment in
            let long =
                #"{"stream":"a-1","expected":"any","type":"a.b","data":""# + String(repeating: "x", count: 20 << 20)
            let text = long + "\"}\n" + #"{"stream":"a-1","expected":"noStream","type":"a.b","data":-1}"#
            let answer = try await Program.run(
                ["append", "--file", "-"], input: Array(text.utf8), environment: environment)
            #expect(answer.status == 1)
            let outcomes = try answer.objects()
            #expect(outcomes.map { $0["outcome"]?.string } == ["refused", "appended"])
            #expect(outcomes.first?["error"]?.string?.contains("8388608 bytes") == true)
            let directory = try await Program.run(["append", "--file", "/tmp"], environment: environment)
            #expect(directory.status == 2 && directory.err.contains("/tmp cannot be read"))
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `answers come while the input is still open`() async throws {
        try await TestDatabase.with { environment in
            let program = try LiveProgram(["append", "--file", "-"], environment: environment)
            try program.write(#"{"stream":"a-1","expected":"noStream","type":"a.b","data":1}"# + "\n")
            #expect(await program.line()?.contains("appended") == true)
            try program.closeInput()
            #expect(await program.status() == 0)
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `tail follows what comes and ends cleanly with Ctrl-C`() async throws {
        try await TestDatabase.with { environment in
            func append(_ number: Int) async throws {
                _ = try await Program.run(
                    ["append", "--stream", "a-\(number)", "--expected", "any", "--type", "a.b", "--data", "\(number)"],
                    environment: environment)
            }
            try await append(1)
            let tail = try LiveProgram(["tail", "--follow", "--from", "1"], environment: environment)
            #expect(await tail.line()?.contains(#""position":1,"#) == true)
            try await append(2)
            #expect(await tail.line()?.contains(#""position":2,"#) == true)
            tail.signal(SIGINT)
            #expect(await tail.line() == nil)
            #expect(await tail.status() == 0)
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `a reader that goes away ends the program quietly`() async throws {
        try await TestDatabase.with { environment in
            let lines = (0..<500).map {
                #"{"stream":"s-\#($0)","expected":"any","type":"s.moved","data":"\#(String(repeating: "x", count: 2_000))"}"#
            }
            _ = try await Program.run(
                ["append", "--file", "-"], input: Array(lines.joined(separator: "\n").utf8), environment: environment)
            let shell = Foundation.Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/bash")
            shell.arguments = ["-c", "set -o pipefail; \"$0\" read 2>&1 | head -n 1 | wc -l", Program.path]
            shell.environment = environment.merging(ProcessInfo.processInfo.environment.filter { $0.key == "PATH" }) {
                given, _ in given
            }
            let output = Pipe()
            shell.standardOutput = output
            try shell.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            shell.waitUntilExit()
            #expect(text.filter(\.isNumber) == "1")
            #expect(shell.terminationStatus == 0)
        }
    }
}
