import EventModel
import EventSourcingTesting
import Foundation
import Testing

@Suite("Personal data", .enabled(if: Program.hasDatabase)) struct PersonalDataTests {
    private static let id = "0199f3a2-7c5b-7d1e-9a44-3f1c2b7d9e60"
    private static let marker = "MARKER of a person"

    /// A database, and a file of master keys beside it.
    private func with(_ body: ([String: String], _ keyFile: URL) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("# the current key first\n\(Self.key("k1", 1))\n".utf8).write(to: file)
        try await TestDatabase.with { environment in
            var environment = environment
            environment["LOCKSTEP_MASTER_KEY"] = nil
            environment["LOCKSTEP_MASTER_KEY_FILE"] = file.path
            environment["LOCKSTEP_PERSONAL"] = "note.written@1:/text=/subject,note.written@1:/lines/[*]=$key"
            try await body(environment, file)
        }
    }

    private static func key(_ id: String, _ byte: UInt8) -> String {
        "\(id):\(Data(repeating: byte, count: 32).base64EncodedString())"
    }

    @discardableResult
    private func append(_ environment: [String: String], stream: String = "note-1") async throws -> Program.Outcome {
        let data = #"{"lines":["\#(Self.marker)"],"subject":"customer:7","text":"\#(Self.marker)"}"#
        return try await Program.run(
            [
                "append", "--json", "--stream", stream, "--expected", "any", "--type", "note.written", "--id",
                stream == "note-1" ? Self.id : UUID().uuidString, "--data", data,
            ], environment: environment)
    }

    private func run(_ words: String..., in environment: [String: String], status: Int32 = 0) async throws
        -> Program.Outcome
    {
        let outcome = try await Program.run(words, environment: environment)
        #expect(outcome.status == status, "\(words): \(outcome.err)")
        return outcome
    }

    private func erased(_ words: String..., in environment: [String: String], status: Int32 = 0) async throws
        -> JSONValue
    {
        let outcome = try await Program.run(["erase", "--json"] + words, environment: environment)
        #expect(outcome.status == status, "\(outcome.err)")
        let object = try #require(try outcome.objects().first)
        #expect(try AnswerSchema("erase").flaws(in: object) == [])
        return object
    }

    private func hasMarker(_ environment: [String: String]) async throws -> Bool {
        try await TestDatabase.query(
            "select exists (select from lockstep.events where position('MARKER'::bytea in data) > 0)", environment
        ).bool(0, 0)
    }

    @Test func `personal data is stored sealed, shown sealed, and shown plain to whoever has the key`() async throws {
        try await with { environment, _ in
            #expect(try await append(environment).status == 0)
            #expect(try await !hasMarker(environment))
            for verb in [["read"], ["tail"], ["read", "--stream", "note-1"]] {
                let sealed = try await Program.run(verb + ["--json"], environment: environment)
                #expect(!sealed.out.contains("MARKER") && sealed.out.contains("$sealed"))
                let plain = try await Program.run(verb + ["--json", "--plain"], environment: environment)
                let data = try #require(try plain.objects().first?["data"])
                #expect(data["text"]?.string == Self.marker && data["lines"]?[0]?.string == Self.marker)
            }
            var without = environment
            without["LOCKSTEP_MASTER_KEY_FILE"] = nil
            let refused = try await run("read", "--plain", in: without, status: 3)
            #expect(refused.err.contains("LOCKSTEP_MASTER_KEY_FILE"))
            let unsealed = try await append(without, stream: "note-2")
            #expect(unsealed.status == 3 && unsealed.err.contains("LOCKSTEP_MASTER_KEY"))
            _ = try await run("read", in: without)
        }
    }

    @Test func `an erasure is shown first, done once, and everything that verifies still verifies`() async throws {
        try await with { environment, _ in
            try await append(environment)
            try await append(environment, stream: "note-2")
            _ = try await run("audit", "verify", in: environment)
            let survey = try await erased("--subject", "customer:7", "--dry-run", in: environment)
            #expect(survey["outcome"] == "would_erase" && survey["values"]?.int == 2 && survey["streams"]?.int == 2)
            #expect(survey["linked"]?.array?.compactMap { $0["subject"]?.string } == ["key:1", "key:2"])
            // Erasing needs no master key.
            var without = environment
            without["LOCKSTEP_MASTER_KEY_FILE"] = nil
            let done = try await erased("--subject", "customer:7", "--reason", "request 1", in: without)
            #expect(done["outcome"] == "erased" && done["receipt_position"]?.int == 5 && done["reason"] == "request 1")
            let again = try await erased("--subject", "customer:7", "--reason", "other", in: environment)
            #expect(again["outcome"] == "erased_before" && again["receipt_position"] == done["receipt_position"])
            #expect(again["reason"] == "request 1" && again["streams_digest"] == done["streams_digest"])
            let plain = try await run("read", "--json", "--plain", in: environment)
            let data = try #require(try plain.objects().first?["data"])
            #expect(data["text"]?.erasedSubject == "customer:7" && data["lines"]?[0]?.string == Self.marker)
            let audit = try await run("audit", "verify", "--json", in: environment)
            #expect(try audit.objects().first?["verdict"] == "sound")
            let retry = try await append(environment)
            #expect(try retry.objects().first?["outcome"] == "repeated")
            let records = try await run(
                "read", "--json", "--correlation", done["erasure"]?.string ?? "", in: environment)
            #expect(records.lines.count == 3)
            let views = try await TestDatabase.query(
                "select count(*) from lockstep.event_log where type = 'subject.erased'", environment)
            #expect(try views.int64(0, 0) == 3)
            #expect(try await erased("--subject", "nobody", in: environment, status: 1)["outcome"] == "unknown")
        }
    }

    @Test func `a workflow whose values were erased is no dead end: its file brings them back`() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        try Data(ConversionFiles.workflow.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await with { environment, _ in
            func outcome(_ words: String...) async throws -> String? {
                let answer = try await Program.run(words + ["--json"], environment: environment)
                #expect(answer.status == 0, "\(words): \(answer.err)\(answer.out)")
                return try answer.objects().first?["outcome"]?.string
            }
            let convert = ["convert", "workflow", file.path, "--id", "refund"]
            #expect(try await outcome(convert[0], convert[1], convert[2], convert[3], convert[4]) == "converted")
            _ = try await erased("--subject", "workspace:default", in: environment)
            _ = try await run("workflow", "rename", "refund", "Return", in: environment, status: 1)
            _ = try await run("workflow", "archive", "refund", in: environment)
            _ = try await run("workflow", "restore", "refund", in: environment)
            #expect(try await outcome("import", "workflow", file.path, "--id", "refund") == "revised")
            #expect(try await outcome("import", "workflow", file.path, "--id", "refund") == "unchanged")
            #expect(try await outcome(convert[0], convert[1], convert[2], convert[3], convert[4]) == "converted")
            #expect(try await outcome(convert[0], convert[1], convert[2], convert[3], convert[4]) == "unchanged")
            let journey = try await run("export", "journey", "refund", in: environment)
            #expect(!journey.out.contains("$erased") && journey.out.contains("Ask for the order number"))
            #expect(try await outcome("workflow", "rename", "refund", "Return") == "changed")
        }
    }

    @Test func `what stands in plain from before it was sealed is counted, and not passed over in silence`()
        async throws
    {
        try await with { environment, _ in
            let old = try String(
                contentsOfFile: "\(ProjectFiles.eventSchemas(of: "workflow"))/imported.v1.sample.json", encoding: .utf8)
            let imported = try JSONValue(text: old).compactBytes()
            func append(_ type: String, _ data: String, stream: String, in environment: [String: String]) async throws {
                let answer = try await Program.run(
                    ["append", "--stream", stream, "--expected", "any", "--type", type, "--data", data],
                    environment: environment)
                #expect(answer.status == 0, "\(answer.err)")
            }
            try await append(
                "workflow.imported", String(decoding: imported, as: UTF8.self), stream: "workflow-old", in: environment)
            var unmarked = environment
            unmarked["LOCKSTEP_PERSONAL"] = nil
            try await append(
                "note.written", #"{"subject":"customer:7","text":"\#(Self.marker)"}"#, stream: "note-5", in: unmarked)
            #expect(try await self.append(environment).status == 0)

            let survey = try await erased("--subject", "customer:7", "--dry-run", in: environment)
            #expect(survey["outcome"] == "would_erase" && survey["values"]?.int == 1)
            #expect(survey["plain"]?["events"]?.int == 1 && survey["plain"]?["first_position"]?.int == 2)
            let refused = try await run("erase", "--subject", "customer:7", in: environment, status: 1)
            #expect(refused.err.contains("1 event, at positions 2 to 2, holds data of customer:7 in plain"))
            #expect(refused.err.contains("--leave-plain") && refused.out.isEmpty)
            #expect(try await run("read", "--stream", "note-1", "--plain", in: environment).out.contains(Self.marker))
            let done = try await erased("--subject", "customer:7", "--leave-plain", in: environment)
            #expect(done["outcome"] == "erased" && done["plain"]?["events"]?.int == 1)
            let text = try await run("erase", "--subject", "customer:7", "--leave-plain", in: environment).out
            #expect(text.contains("left in plain: 1 event of 1 stream, positions 2 to 2"), "\(text)")

            // Of the workspace nothing is sealed at all: only what cannot be destroyed is there.
            let workspace = try await erased("--subject", "workspace:default", "--dry-run", in: environment, status: 1)
            #expect(workspace["outcome"] == "unknown" && workspace["plain"]?["events"]?.int == 1)
            #expect(workspace["plain"]?["types"]?[0]?["type"] == "workflow.imported")
            let nobody = try await erased("--subject", "customer:8", "--dry-run", in: environment, status: 1)
            #expect(nobody["plain"]?["events"]?.int == 0)
        }
    }

    @Test func `linked subjects are erased only when asked for`() async throws {
        try await with { environment, _ in
            try await append(environment)
            let outcome = try await run("erase", "--subject", "customer:7", "--with-linked", "--json", in: environment)
            let objects = try outcome.objects()
            #expect(objects.compactMap { $0["subject"]?.string } == ["customer:7", "key:1"])
            #expect(objects.allSatisfy { $0["outcome"] == "erased" })
            let plain = try await run("read", "--limit", "1", "--plain", "--json", in: environment)
            #expect(!plain.out.contains("MARKER"))
        }
    }

    @Test func `processes that meet a new subject at once seal with one key`() async throws {
        try await with { environment, _ in
            let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
                for index in 0..<6 {
                    group.addTask { try await append(environment, stream: "note-\(index)0").status }
                }
                return try await group.reduce(into: [Int32]()) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 0, count: 6))
            let keys = try await TestDatabase.query(
                "select count(*), max(generation) from lockstep.subject_keys where subject = 'customer:7'", environment)
            #expect(try keys.int64(0, 0) == 1 && keys.int32(0, 1) == 1)
            let plain = try await run("read", "--plain", "--json", in: environment).objects()
            #expect(plain.count == 6 && plain.allSatisfy { $0["data"]?["text"]?.string == Self.marker })
        }
    }

    @Test func `hostile subjects, reasons and actors are refused`() async throws {
        try await with { environment, _ in
            for words in [
                ["--subject", ""], ["--subject", "a\u{1}"], ["--subject", String(repeating: "x", count: 201)],
                ["--subject", "a", "--workspace", "../x"], ["--subject", "a", "--actor", "a\nb"],
                ["--subject", "a", "--reason", String(repeating: "x", count: 1_001)],
            ] {
                let outcome = try await Program.run(["erase"] + words, environment: environment)
                #expect(outcome.status == 2, "\(words)")
            }
            let quoted = try await erased(
                "--subject", "'; drop table lockstep.subject_keys; --", in: environment, status: 1)
            #expect(quoted["outcome"] == "unknown")
        }
    }

    @Test func `keys are generated, counted and rotated, and the doctor knows whether they fit`() async throws {
        try await with { environment, file in
            try await append(environment)
            let generated = try await run("keys", "generate", "--id", "k2", in: environment).lines
            #expect(generated.count == 1 && generated[0].hasPrefix("k2:"))
            let first = try await run("keys", "status", "--json", in: environment).objects()
            #expect(first.map { $0["keys"]?.int } == [2, 0] && first[0]["current"] == true)
            #expect(try await finding(environment)?["verdict"] == "ok")

            try Data("\(generated[0])\n\n\(Self.key("k1", 1))".utf8).write(to: file)
            #expect(try await finding(environment)?["verdict"] == "warning")
            let dry = try await run("keys", "rotate", "--dry-run", "--json", in: environment).objects()
            #expect(dry.first?["keys"]?.int == 2)
            _ = try await run("keys", "rotate", in: environment)
            try Data(generated[0].utf8).write(to: file)
            let plain = try await run("read", "--plain", "--json", in: environment)
            #expect(plain.out.contains("MARKER"))
            #expect(try await finding(environment)?["verdict"] == "ok")

            try Data(Self.key("k2", 9).utf8).write(to: file)
            #expect(try await finding(environment, status: 3)?["found"]?.string?.contains("k2") == true)
            #expect(try await run("read", "--plain", in: environment, status: 3).err.contains("k2"))
            try Data(Self.key("k3", 9).utf8).write(to: file)
            _ = try await run("keys", "status", in: environment, status: 1)
            var without = environment
            without["LOCKSTEP_MASTER_KEY_FILE"] = nil
            #expect(try await finding(without, status: 1)?["verdict"] == "wrong")
        }
    }

    private func finding(_ environment: [String: String], status: Int32 = 0) async throws -> JSONValue? {
        var alone = environment
        alone["LOCKSTEP_KAFKA"] = nil
        let outcome = try await Program.run(["doctor", "--json"], environment: alone)
        #expect(outcome.status == status, "\(outcome.err)")
        return try outcome.objects().first { $0["check"] == "master key" }
    }
}
