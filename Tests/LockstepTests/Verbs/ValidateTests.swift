import EventModel
import Foundation
import Testing

@Suite("validate") struct ValidateTests {
    private static let workflow = """
        {"version":"1.0","state":{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start","position":{"x":0,"y":0},
        "subBlocks":{},"outputs":{},"enabled":true},"reply":{"id":"reply","type":"agent","name":"Reply","position":{"x":0,"y":0},
        "subBlocks":{"messages":{"id":"messages","type":"x","value":"about <start.input>"}},"outputs":{},"enabled":true}},
        "edges":[{"id":"e1","source":"start","target":"reply","sourceHandle":"source"}],"loops":{},"parallels":{},"metadata":{"name":"Refund"}}}
        """
    private static let journey = """
        {"title":"Refund","description":"d","conditions":["wants a refund"],"labels":[],"tags":[],"priority":0,"root_id":"r",
        "nodes":{"r":{"id":"r"},"a":{"id":"a","kind":"chat","action":"Ask"}},
        "edges":[{"id":"t1","source":"r","target":"a"},{"id":"t2","source":"a","target":"end"}]}
        """

    private func withDirectory(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory)
    }

    @Test(arguments: [
        (workflow, "workflow", "sim-export-1.0"), (journey, "journey", "lockstep-journey"),
        (
            "start: {type: start_trigger, name: S}".replacing("start:", with: "version: '1.0'\nblocks:\n  start:"),
            "workflow", "sim-yaml-1.0"
        ),
    ])
    func `a file on standard input is told apart by its content and found valid`(
        _ content: String, _ model: String, _ format: String
    ) async throws {
        let answer = try await Program.run(["validate", "--json", "--strict", "-"], input: Array(content.utf8))
        #expect(answer.status == 0, "\(answer.out)\(answer.err)")
        let object = try #require(try answer.objects().first)
        #expect(try AnswerSchema("validate").flaws(in: object) == [])
        #expect(object["model"]?.string == model && object["format"]?.string == format)
        #expect(object["file"] == "-" && object["verdict"] == "valid")
    }

    @Test func `a workflow whose journey no event could hold is found, with the value and the limit`() async throws {
        let blocks = (0..<2_000).map { number in
            #""b\#(number)":{"id":"b\#(number)","type":"\#(number == 0 ? "start_trigger" : "agent")","name":"Agent \#(number)","position":{"x":0,"y":0},"subBlocks":{"prompt":{"id":"prompt","type":"long-input","value":"Ask \#(number)"}},"outputs":{},"enabled":true}"#
        }
        let edges = (1..<2_000).map { #"{"id":"e\#($0)","source":"b\#($0 - 1)","target":"b\#($0)"}"# }
        let text =
            #"{"version":"1.0","state":{"blocks":{\#(blocks.joined(separator: ","))},"edges":[\#(edges.joined(separator: ","))],"loops":{},"parallels":{},"metadata":{"name":"Long"}}}"#
        let answer = try await Program.run(["validate", "--json", "-"], input: Array(text.utf8))
        #expect(answer.status == 1)
        let object = try #require(try answer.objects().first)
        #expect(try AnswerSchema("validate").flaws(in: object) == [])
        let errors = (object["findings"]?.array ?? []).filter { $0["severity"] == "error" }
        #expect(errors.map { $0["code"]?.string } == ["workflow.limit_exceeded"])
        #expect(errors.first?["message"]?.string?.hasSuffix("an event holds at most 983040") == true)
        // Looked at it can be: nothing is stored.
        let planned = try await Program.run(
            ["convert", "workflow", "-", "--dry-run", "--json"], input: Array(text.utf8))
        #expect(planned.status == 0, "\(planned.err)")
    }

    @Test func `what keeps a file from being read hides nothing of what is wrong with the workflow`() async throws {
        let broken = """
            {"version":"1.0","state":{"blocks":{
            "s":{"id":"s","type":"start_trigger","name":"S","enabled":"yes"},
            "a":{"id":"a","type":"agent","name":"Same","subBlocks":{"x":{"id":"x","type":"x","value":"<no.where>"}}},
            "b":{"id":"b","type":"agent","name":"Same"},"r":{"id":"r","type":"router_v2","name":"R"},
            "l":{"id":"l","type":"loop","name":"L","data":{"parentId":"m"}},
            "m":{"id":"m","type":"loop","name":"M","data":{"parentId":"l"}}},
            "edges":[{"id":"e","source":"a","target":"gone"}],"metadata":{"name":"W"}}}
            """
        let answer = try await Program.run(["validate", "--json", "-"], input: Array(broken.utf8))
        #expect(answer.status == 1)
        let object = try #require(try answer.objects().first)
        #expect(try AnswerSchema("validate").flaws(in: object) == [])
        let codes = (object["findings"]?.array ?? []).compactMap { $0["code"]?.string }
        for code in [
            "file.wrong_type", "workflow.container_cycle", "workflow.dangling_edge", "workflow.duplicate_name",
            "workflow.unknown_reference",
        ] { #expect(codes.contains(code), "\(code) of \(codes)") }
        #expect(codes.count { $0 == "workflow.container_cycle" } == 1, "what both say is said once")
    }

    @Test func `each file of an archive is judged, and what is passed over is named`() async throws {
        try await withDirectory { directory in
            let file = directory.appendingPathComponent("w.zip")
            try StoredArchive.bytes([
                ("a.json", Self.workflow), ("b/journey.json", Self.journey), ("c.json", "{"), (".DS_Store", "x"),
            ]).write(to: file)
            let answer = try await Program.run(["validate", "--json", file.path])
            #expect(answer.status == 1)
            let objects = try answer.objects()
            #expect(objects.map { $0["model"]?.string } == ["workflow", "journey", nil], "\(answer.out)")
            #expect(objects[0]["file"]?.string == file.path + "/a.json")
            let remarks = (objects[0]["findings"]?.array ?? []).compactMap { $0["message"]?.string }
            #expect(remarks.contains { $0.contains(".DS_Store") })
            try StoredArchive.bytes([("a.json", Self.workflow), ("../b.json", Self.workflow)]).write(to: file)
            let unsafe = try await Program.run(["validate", "--json", file.path])
            #expect(unsafe.status == 1 && unsafe.out.contains("no name of a file inside"))
        }
    }

    @Test func `every problem is named at once, and the other files go on`() async throws {
        try await withDirectory { directory in
            func write(_ name: String, _ content: String) throws {
                try Data(content.utf8).write(to: directory.appendingPathComponent(name))
            }
            try write("a.json", Self.workflow.replacing(#""target":"reply""#, with: #""target":"gone""#))
            try write(
                "b.json", Self.journey.replacing(#""source":"a","target":"end""#, with: #""source":"a","target":"b""#))
            try write("c.json", Self.workflow)
            try write("d.json", "{")
            try write("e.json", #"{"version":"1.0","state":{"blocks":{"x":{"id":"y"}},"edges":[]}}"#)
            try write("f.json", #"{"title":7,"description":1}"#)
            let answer = try await Program.run(
                ["validate", "--json", directory.path, directory.path + "/none.json"])
            #expect(answer.status == 1)
            let objects = try answer.objects()
            let schema = try AnswerSchema("validate")
            for object in objects { #expect(schema.flaws(in: object) == []) }
            let codes = objects.map { ($0["findings"]?.array ?? []).map { $0["code"]?.string ?? "" } }
            #expect(
                codes == [
                    ["workflow.dangling_edge", "workflow.unreachable_block"], ["journey.dangling_transition"], [],
                    ["file.syntax"], ["file.id_mismatch", "file.missing_field"],
                    ["file.wrong_type", "file.wrong_type"], ["file.unreadable"],
                ])
            let models = objects.map { $0["model"]?.string }
            #expect(models == ["workflow", "journey", "workflow", nil, "workflow", "journey", nil])
            let text = try await Program.run(["validate", directory.path])
            #expect(text.status == 1 && text.out.contains("6 files: 1 valid, 5 invalid"))
            #expect(text.out.contains("workflow.dangling_edge") && text.out.contains("cure:"))
        }
    }

    @Test func `a warning is no obstacle unless it is asked for`() async throws {
        let content = Array(Self.workflow.replacing("<start.input>", with: "<begin.input>").utf8)
        let lenient = try await Program.run(["validate", "-"], input: content)
        #expect(lenient.status == 0 && lenient.out.contains("workflow.unknown_reference"))
        let strict = try await Program.run(["validate", "--strict", "--json", "-"], input: content)
        #expect(strict.status == 1)
        #expect(try strict.objects().first?["verdict"] == "invalid")
    }

    @Test func `journeys that share the id of a state are found among the files`() async throws {
        try await withDirectory { directory in
            for (name, title) in [("a.json", "Refund"), ("b.json", "Return")] {
                let content = Self.journey.replacing("\"Refund\"", with: "\"\(title)\"")
                try Data(content.utf8).write(to: directory.appendingPathComponent(name))
            }
            let answer = try await Program.run(["validate", "--json", directory.path])
            #expect(answer.status == 1)
            for object in try answer.objects() {
                #expect(object["findings"]?[0]?["code"] == "journey.shared_state_id")
                #expect(object["findings"]?[0]?["place"] == "$.nodes.a")
            }
        }
    }

    @Test func `nothing, too much and something else on standard input are answered`() async throws {
        for (input, code) in [
            ([], "file.unreadable"), ([0xff, 0xfe], "file.unreadable"), (Array("[1]".utf8), "file.unrecognised"),
            ([UInt8](repeating: 0x20, count: 8 << 20 + 1), "file.unreadable"),
        ] as [([UInt8], String)] {
            let answer = try await Program.run(["validate", "--json", "-"], input: input)
            #expect(answer.status == 1)
            #expect(try answer.objects().first?["findings"]?[0]?["code"]?.string == code)
        }
        let twice = try await Program.run(["validate", "-", "-"])
        #expect(twice.status == 2)
        let none = try await Program.run(["validate"])
        #expect(none.status == 2)
    }
}
