import EventModel
import Foundation
import Testing

@Suite("import workflow", .enabled(if: Program.hasDatabase)) struct ImportTests {
    private static let workflow = """
        {"version":"1.0","state":{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start","position":{"x":0,"y":0},
        "subBlocks":{},"outputs":{},"enabled":true}},"edges":[],"loops":{},"parallels":{},"metadata":{"name":"Refund"}}}
        """

    private func withDirectory(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory)
    }

    @Test func `a file is imported, unchanged, and revised`() async throws {
        try await withDirectory { directory in
            let file = directory.appendingPathComponent("refund.json")
            try await TestDatabase.with { environment in
                let schema = try AnswerSchema("import")
                for (content, outcome, version) in [
                    (Self.workflow, "imported", 1), (Self.workflow, "unchanged", 1),
                    (Self.workflow.replacing("\"Start\"", with: "\"Begin\""), "revised", 2),
                ] {
                    try Data(content.utf8).write(to: file)
                    let answer = try await Program.run(
                        ["import", "workflow", "--json", file.path], environment: environment)
                    #expect(answer.status == 0, "\(answer.err)")
                    let object = try #require(try answer.objects().first)
                    #expect(schema.flaws(in: object) == [])
                    #expect(object["outcome"]?.string == outcome && object["version"]?.int == version)
                    #expect(object["stream"]?.string == "workflow-refund" && object["blocks"]?.int == 1)
                }
                #expect(
                    try await TestDatabase.query("select count(*) from lockstep.event_log", environment).int64(0, 0)
                        == 2)
            }
        }
    }

    @Test func `bad files are refused one by one and the good ones go on`() async throws {
        try await withDirectory { directory in
            func write(_ name: String, _ bytes: [UInt8]) throws {
                try Data(bytes).write(to: directory.appendingPathComponent(name))
            }
            try write("a.json", Array(Self.workflow.utf8))
            try write("b.json", [])
            try write("c.json", [0xff, 0xfe, 0x00])
            try write("d.json", Array(#"{"version":"1.0","state":{"blocks":{"x":{"id":"y"}},"edges":[]}}"#.utf8))
            try write("e.yaml", Array("a: [".utf8))
            try write("ignored.txt", Array("x".utf8))
            try await TestDatabase.with { environment in
                let answer = try await Program.run(
                    ["import", "workflow", "--json", directory.path, directory.path + "/none.json"],
                    environment: environment)
                #expect(answer.status == 1)
                let objects = try answer.objects()
                let schema = try AnswerSchema("import")
                for object in objects { #expect(schema.flaws(in: object) == []) }
                #expect(objects.map { $0["outcome"]?.string } == ["imported"] + Array(repeating: "refused", count: 5))
                #expect(objects[3]["error"]?["problems"]?[0]?["place"]?.string?.hasPrefix("$.state.blocks") == true)
                let text = try await Program.run(["import", "workflow", directory.path], environment: environment)
                #expect(text.status == 1)
                #expect(text.out.contains("5 files: 1 unchanged, 4 refused"))
            }
        }
    }

    @Test func `an id that cannot be one, or for several files, is refused`() async throws {
        try await withDirectory { directory in
            for name in ["a.json", "b.json"] {
                try Data(Self.workflow.utf8).write(to: directory.appendingPathComponent(name))
            }
            try await TestDatabase.with { environment in
                let several = try await Program.run(
                    ["import", "workflow", "--id", "x", directory.path], environment: environment)
                #expect(several.status == 2)
                let hostile = try await Program.run(
                    ["import", "workflow", "--json", "--id", "a'; drop schema lockstep", directory.path + "/a.json"],
                    environment: environment)
                #expect(hostile.status == 1)
                let workspace = try await Program.run(
                    ["import", "workflow", "--workspace", "../x", directory.path + "/a.json"], environment: environment)
                #expect(workspace.status == 2)
            }
        }
    }

    @Test func `an archive with an unsafe name is refused, one with other files says what was passed over`()
        async throws
    {
        try await withDirectory { directory in
            let file = directory.appendingPathComponent("w.zip")
            try await TestDatabase.with { environment in
                try StoredArchive.bytes([("a.json", Self.workflow), ("../../tmp/evil.json", Self.workflow)])
                    .write(to: file)
                let refused = try await Program.run(
                    ["import", "workflow", "--json", file.path], environment: environment)
                #expect(refused.status == 1 && refused.out.contains("evil.json"))
                try StoredArchive.bytes([("a.json", Self.workflow), ("__MACOSX/._a.json", "x"), ("notes.txt", "x")])
                    .write(to: file)
                let answer = try await Program.run(
                    ["import", "workflow", "--json", file.path], environment: environment)
                let object = try #require(try answer.objects().first)
                #expect(answer.status == 0 && object["outcome"]?.string == "imported")
                #expect(try AnswerSchema("import").flaws(in: object) == [])
                let warning = object["warnings"]?[0]?["problem"]?.string
                #expect(warning?.hasPrefix("2 files") == true && warning?.contains("notes.txt") == true)
            }
        }
    }

    @Test func `two files of one name in a directory do not revise each other`() async throws {
        try await withDirectory { directory in
            for (name, start) in [("a.json", "Start"), ("b.json", "Begin")] {
                let text = Self.workflow.replacing("\"Start\"", with: "\"\(start)\"")
                try Data(text.utf8).write(to: directory.appendingPathComponent(name))
            }
            try await TestDatabase.with { environment in
                for outcome in ["imported", "unchanged"] {
                    let answer = try await Program.run(
                        ["import", "workflow", "--json", directory.path], environment: environment)
                    #expect(answer.status == 1)
                    let objects = try answer.objects()
                    #expect(objects.map { $0["outcome"]?.string } == [outcome, "refused"])
                    #expect(objects[1]["error"]?["error"]?.string?.contains("a.json") == true)
                }
                let count = try await TestDatabase.query("select count(*) from lockstep.event_log", environment)
                #expect(try count.int64(0, 0) == 1)
            }
        }
    }

    @Test func `a journey with a title that Parlant does not take is imported with a warning`() async throws {
        let journey = """
            {"title":"\(String(repeating: "t", count: 101))","description":"d","conditions":["c"],"labels":[],"tags":[],"priority":0,
            "root_id":"r","nodes":{"r":{"id":"r"},"a":{"id":"a","kind":"chat","action":"Ask"}},
            "edges":[{"id":"t1","source":"r","target":"a"},{"id":"t2","source":"a","target":"end"}]}
            """
        try await withDirectory { directory in
            let file = directory.appendingPathComponent("j.json")
            try Data(journey.utf8).write(to: file)
            try await TestDatabase.with { environment in
                let answer = try await Program.run(
                    ["import", "journey", "--id", "j", "--json", file.path], environment: environment)
                let object = try #require(try answer.objects().first)
                #expect(try AnswerSchema("import_journey").flaws(in: object) == [])
                let warnings = (object["warnings"]?.array ?? []).compactMap(\.string)
                #expect(answer.status == 0 && warnings.contains { $0.contains("title") }, "\(answer.out)")
                let text = try await Program.run(
                    ["import", "journey", "--id", "j", file.path], environment: environment)
                #expect(text.out.contains("1 remark"))
            }
        }
    }

    @Test func `standard input is a file`() async throws {
        try await TestDatabase.with { environment in
            let answer = try await Program.run(
                ["import", "workflow", "-", "--json"], input: Array(Self.workflow.utf8), environment: environment)
            #expect(answer.status == 0, "\(answer.err)")
            #expect(try answer.objects().first?["workflow_id"] == "refund")
            let twice = try await Program.run(["import", "workflow", "-", "-"], environment: environment)
            #expect(twice.status == 2)
        }
    }
}
