import EventModel
import EventSourcingTesting
import Foundation
import Testing

@Suite("convert, without a database") struct PlannedConversionTests {
    @Test func `a workflow becomes a journey that comes back as the workflow`() async throws {
        try await ConversionFiles.withDirectory { directory in
            let journey = directory.appendingPathComponent("journey.json").path
            let back = directory.appendingPathComponent("back.json").path
            let there = try await Program.run(
                ["convert", "workflow", ConversionFiles.demonstration, "--dry-run", "--json", "--out", journey])
            #expect(there.status == 0, "\(there.err)")
            let answer = try #require(try there.objects().first)
            #expect(try AnswerSchema("convert").flaws(in: answer) == [])
            #expect(answer["outcome"] == "planned")
            #expect(answer["out"]?.string == journey)
            let here = try await Program.run(
                ["convert", "journey", journey, "--id", "refund-a-customer", "--dry-run", "--json", "--out", back])
            #expect(here.status == 0, "\(here.err)")
            #expect(try here.objects().first?["result"]?["digest"] == answer["source"]?["digest"])
        }
    }

    @Test func `the journey is drawn as Parlant draws it`() async throws {
        let answer = try await Program.run(
            ["convert", "workflow", ConversionFiles.demonstration, "--dry-run", "--to", "mermaid"])
        #expect(answer.status == 0)
        #expect(answer.out.hasPrefix("stateDiagram-v2\n"))
    }

    @Test func `a workflow with errors is refused with every finding, and converted when that is asked for`()
        async throws
    {
        try await ConversionFiles.withDirectory { directory in
            let file = directory.appendingPathComponent("bad.json")
            let text = ConversionFiles.workflow.replacing("\"target\":\"ask\"", with: "\"target\":\"nowhere\"")
            try Data(text.utf8).write(to: file)
            let refused = try await Program.run(["convert", "workflow", file.path, "--dry-run", "--json"])
            #expect(refused.status == 1)
            let answer = try #require(try refused.objects().first)
            #expect(try AnswerSchema("convert").flaws(in: answer) == [])
            #expect(answer["findings"]?.array?.contains { $0["severity"] == "error" } == true)
            #expect(answer["error"]?["hint"]?.string?.contains("--tolerate-errors") == true)
            let tolerated = try await Program.run(
                ["convert", "workflow", file.path, "--dry-run", "--json", "--tolerate-errors"])
            #expect(tolerated.status == 0, "\(tolerated.err)")
        }
    }

    @Test(arguments: [["convert"], ["convert", "workflow", "/nowhere/at/all.json", "--dry-run"]])
    func `what cannot be converted is said in a sentence`(_ arguments: [String]) async throws {
        let answer = try await Program.run(arguments)
        #expect(answer.status == 2)
        #expect(answer.err.contains("error:") && answer.err.contains("next:"))
    }

    @Test(arguments: ["workflow", "journey"])
    func `a file that cannot be read as what it should be is named`(_ kind: String) async throws {
        let answer = try await Program.run(["convert", kind, "-", "--dry-run"], input: Array(#"{"a":1}"#.utf8))
        #expect(answer.status == 1 && answer.err.contains("error: -: this is no"), "\(answer.err)")
    }

    @Test func `each workflow of an archive is converted, and the others go on`() async throws {
        func workflow(_ name: String) -> String {
            """
            {"version":"1.0","state":{"blocks":{"s":{"id":"s","type":"start_trigger","name":"S"},
            "a":{"id":"a","type":"agent","name":"A"}},"edges":[{"id":"e","source":"s","target":"a"}],
            "metadata":{"name":"\(name)"}}}
            """
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).zip")
        defer { try? FileManager.default.removeItem(at: file) }
        try StoredArchive.bytes([("a.json", workflow("One")), ("b.json", workflow("Two"))]).write(to: file)
        let answer = try await Program.run(["convert", "workflow", "--dry-run", "--json", file.path])
        #expect(answer.status == 0, "\(answer.err)")
        let schema = try AnswerSchema("convert")
        for object in try answer.objects() { #expect(schema.flaws(in: object) == []) }
        #expect(try answer.objects().map { $0["source"]?["id"]?.string } == ["one", "two"])
        let one = try await Program.run(["convert", "workflow", "--dry-run", "--to", "mermaid", file.path])
        #expect(one.status == 2)
        try StoredArchive.bytes([("a.json", "{"), ("b.json", workflow("Two")), ("c.txt", "")]).write(to: file)
        let partly = try await Program.run(["convert", "workflow", "--dry-run", "--json", file.path])
        #expect(partly.status == 1 && partly.err.contains("a.json") && partly.err.contains("c.txt"))
        #expect(try partly.objects().map { $0["source"]?["id"]?.string } == ["two"])
    }
}

@Suite("convert and export", .enabled(if: Program.hasDatabase)) struct ConvertTests {
    @Test func `a file is converted, stored, unchanged the second time, and has a history`() async throws {
        try await ConversionFiles.withDirectory { directory in
            let file = directory.appendingPathComponent("refund.json")
            try Data(ConversionFiles.workflow.utf8).write(to: file)
            try await TestDatabase.with { environment in
                for outcome in ["converted", "unchanged"] {
                    let run = try await Program.run(
                        ["convert", "workflow", file.path, "--json"], environment: environment)
                    #expect(run.status == 0, "\(run.err)")
                    let answer = try #require(try run.objects().first)
                    #expect(try AnswerSchema("convert").flaws(in: answer) == [])
                    #expect(answer["outcome"]?.string == outcome)
                    #expect(answer["mapping_version"]?.int == 1)
                }
                let history = try await Program.run(
                    ["convert", "--history", "refund", "--json"], environment: environment)
                let runs = try history.objects()
                #expect(runs.count == 1)
                #expect(try AnswerSchema("convert_history").flaws(in: runs[0]) == [])
                #expect(runs[0]["outcome"] == "completed")
                let none = try await Program.run(["convert", "--history", "other"], environment: environment)
                #expect(none.status == 1)
            }
        }
    }

    @Test func `what is exported is imported as it was`() async throws {
        try await ConversionFiles.withDirectory { directory in
            let file = directory.appendingPathComponent("refund.json")
            let exported = directory.appendingPathComponent("exported.json")
            try Data(ConversionFiles.workflow.utf8).write(to: file)
            try await TestDatabase.with { environment in
                _ = try await Program.run(["convert", "workflow", file.path], environment: environment)
                let export = try await Program.run(
                    ["export", "workflow", "refund", "--out", exported.path, "--json"], environment: environment)
                #expect(export.status == 0, "\(export.err)")
                #expect(try AnswerSchema("export").flaws(in: try #require(try export.objects().first)) == [])
                let again = try await Program.run(
                    ["import", "workflow", exported.path, "--id", "refund", "--json"], environment: environment)
                #expect(try again.objects().first?["outcome"] == "unchanged")
                let journey = try await Program.run(
                    ["export", "journey", "refund", "--out", exported.path], environment: environment)
                #expect(journey.status == 0, "\(journey.err)")
                let imported = try await Program.run(
                    ["import", "journey", exported.path, "--id", "refund", "--json"], environment: environment)
                let answer = try #require(try imported.objects().first)
                #expect(try AnswerSchema("import_journey").flaws(in: answer) == [])
                #expect(answer["outcome"] == "unchanged")
            }
        }
    }

    @Test func `a format that cannot hold everything is refused with what it would lose`() async throws {
        try await ConversionFiles.withDirectory { directory in
            let file = directory.appendingPathComponent("refund.json")
            try Data(ConversionFiles.workflow.utf8).write(to: file)
            try await TestDatabase.with { environment in
                _ = try await Program.run(["import", "workflow", file.path], environment: environment)
                let refused = try await Program.run(
                    ["export", "workflow", "refund", "--format", "sim-yaml-1.0"], environment: environment)
                #expect(refused.status == 1)
                #expect(refused.err.contains("--incomplete"))
                let incomplete = try await Program.run(
                    ["export", "workflow", "refund", "--format", "sim-yaml-1.0", "--incomplete"],
                    environment: environment)
                #expect(incomplete.status == 0)
                #expect(incomplete.out.contains("blocks:"))
            }
        }
    }

    @Test func `what people typed in is not exported without the right`() async throws {
        try await ConversionFiles.withDirectory { directory in
            let file = directory.appendingPathComponent("refund.json")
            try Data(ConversionFiles.workflow.utf8).write(to: file)
            try await TestDatabase.with { environment in
                _ = try await Program.run(["import", "workflow", file.path], environment: environment)
                var blind = environment
                blind["LOCKSTEP_MASTER_KEY_FILE"] = ""
                blind["LOCKSTEP_MASTER_KEY"] = ""
                let refused = try await Program.run(["export", "workflow", "refund"], environment: blind)
                #expect(refused.status == 1)
                #expect(refused.err.contains("sealed or erased"))
                #expect(!(refused.out + refused.err).contains("order number"))
            }
        }
    }
}

/// A small workflow, and one of our demonstrations.
enum ConversionFiles {
    static let workflow = """
        {"version":"1.0","state":{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start","position":{"x":0,"y":0},
        "subBlocks":{},"outputs":{},"enabled":true},"ask":{"id":"ask","type":"agent","name":"Ask","position":{"x":200,"y":0},
        "subBlocks":{"prompt":{"id":"prompt","type":"long-input","value":"Ask for the order number"}},"outputs":{},"enabled":true}},
        "edges":[{"id":"e1","source":"start","target":"ask","sourceHandle":"source","targetHandle":"target","type":"default","data":{}}],
        "loops":{},"parallels":{},"metadata":{"name":"Refund"}}}
        """

    static let demonstration = ProjectFiles.demonstrations + "/demo_refund_export.json"

    static func withDirectory(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory)
    }
}
