import EventModel
import Foundation
import Testing

@Suite("workflow", .enabled(if: Program.hasDatabase)) struct WorkflowDirectionTests {
    private static let workflow = """
        {"version":"1.0","state":{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start","position":{"x":0,"y":0},
        "subBlocks":{},"outputs":{},"enabled":true}},"edges":[],"loops":{},"parallels":{},"metadata":{"name":"Refund"}}}
        """

    private func withWorkflow(_ body: ([String: String], URL) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        try Data(Self.workflow.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await TestDatabase.with { environment in
            let imported = try await Program.run(
                ["import", "workflow", "--id", "refund", file.path], environment: environment)
            #expect(imported.status == 0, "\(imported.err)")
            try await body(environment, file)
        }
    }

    @Test func `a workflow is published, renamed and archived once each`() async throws {
        try await withWorkflow { environment, _ in
            let schema = try AnswerSchema("workflow")
            let steps: [([String], String)] = [
                (["publish", "refund", "--label", "v1"], "workflow.published"),
                (["rename", "refund", "Return"], "workflow.renamed"), (["archive", "refund"], "workflow.archived"),
                (["restore", "refund"], "workflow.restored"), (["unpublish", "refund"], "workflow.unpublished"),
            ]
            for (words, event) in steps {
                for outcome in ["changed", "unchanged"] {
                    let answer = try await Program.run(["workflow"] + words + ["--json"], environment: environment)
                    #expect(answer.status == 0, "\(answer.err)")
                    let object = try #require(try answer.objects().first)
                    #expect(schema.flaws(in: object) == [])
                    #expect(object["outcome"]?.string == outcome, "\(words)")
                    #expect(object["event"]?.string == (outcome == "changed" ? event : nil))
                }
            }
        }
    }

    @Test func `what cannot be is refused with the reason`() async throws {
        try await withWorkflow { environment, _ in
            let unknown = try await Program.run(["workflow", "publish", "none", "--json"], environment: environment)
            #expect(unknown.status == 1)
            let object = try #require(try unknown.objects().first)
            #expect(try AnswerSchema("workflow").flaws(in: object) == [])
            #expect(object["error"]?["hint"]?.string == "import it first")
            _ = try await Program.run(["workflow", "archive", "refund"], environment: environment)
            let archived = try await Program.run(["workflow", "rename", "refund", "X"], environment: environment)
            #expect(archived.status == 1 && archived.out.contains("the workflow is archived"))
            #expect(try await Program.run(["workflow", "rename", "refund", ""], environment: environment).status == 1)
        }
    }

    @Test func `an edit at the canvas becomes an event of the workflow, once`() async throws {
        try await withWorkflow { environment, file in
            let operation =
                #"{"workflowId":"refund","operationId":"o1","operation":"update-name","target":"block","payload":{"id":"start","name":"Begin"},"timestamp":1772442000000}"#
            try Data(operation.utf8).write(to: file)
            for events in [1, 0] {
                let answer = try await Program.run(["ingest", file.path, "--json"], environment: environment)
                #expect(answer.status == 0, "\(answer.err)")
                #expect(try answer.objects().first?["events"]?.int == events, "\(answer.out)")
            }
            let read = try await Program.run(
                ["read", "--stream", "workflow-refund", "--json"], environment: environment)
            #expect(read.out.contains("workflow.block_renamed"))
        }
    }
}
