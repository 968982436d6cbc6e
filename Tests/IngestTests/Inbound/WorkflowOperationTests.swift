import EventModel
import EventSourcing
import EventSourcingTesting
import Ingest
import Testing
import WorkflowDomain

@Suite("Taking in operations of Sim's editor") struct WorkflowOperationTests {
    private let log = InMemoryEventStore()

    private static let workflow = """
        {"version":"1.0","state":{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start",
        "position":{"x":0,"y":0},"subBlocks":{},"outputs":{},"enabled":true}},"edges":[],"loops":{},"parallels":{},
        "metadata":{"name":"Refund"}}}
        """

    /// Each call is a process of its own: nothing is remembered but what the log holds.
    private func take(_ texts: [String], workspace: Workspace = .default) async throws -> [InboundVerdict] {
        let desk = InboundDesk(into: log, workspace: workspace, remembering: InMemoryInboundLedger())
        let messages = texts.enumerated().map { InboundMessage.text($1, at: Int64($0)) }
        return try await desk.settle(desk.read(messages)).verdicts
    }

    private func rename(_ name: String, id: String? = nil, block: String = "start", at time: Int = 1) -> String {
        let named = id.map { #""operationId":"\#($0)","# } ?? ""
        return
            #"{"workflowId":"refund",\#(named)"operation":"update-name","target":"block","payload":{"id":"\#(block)","name":"\#(name)"},"timestamp":\#(time)}"#
    }

    private func types() async throws -> [String] {
        try await log.read(StreamQuery("workflow-refund")).events.map(\.type.rawValue)
    }

    @Test func `an operation becomes one fine-grained event`() async throws {
        let verdicts = try await take([Self.workflow, rename("Begin", id: "o1", at: 1_772_442_000_000)])
        #expect(verdicts.map(\.outcome) == [.appended, .appended] && verdicts.map(\.kind) == ["workflow", "workflow"])
        let event = try #require(try await log.read(StreamQuery("workflow-refund")).events.last)
        #expect(event.type.rawValue == "workflow.block_renamed")
        #expect(event.occurredAt == Timestamp(microseconds: 1_772_442_000_000_000))
        #expect(try JSONValue(event.metadata)["operation"]?["id"]?.string == "o1")
    }

    @Test func `a repetition changes nothing, however late and under whatever time it comes`() async throws {
        _ = try await take([Self.workflow, rename("A", id: "o1"), rename("B", id: "o2", at: 2)])
        let before = try await types()
        #expect(try await take([rename("A", id: "o1", at: 99)])[0].outcome == .noNews, "B must stay")
        #expect(try await types() == before)
    }

    @Test func `a repetition in the same batch counts once`() async throws {
        _ = try await take([Self.workflow])
        let verdicts = try await take([rename("A", id: "o1"), rename("B", id: "o2"), rename("A", id: "o1", at: 3)])
        #expect(verdicts.map(\.outcome) == [.appended, .appended, .noNews])
        #expect(try await types().count == 3)
    }

    @Test func `the id of an operation is not taken for another one`() async throws {
        let verdicts = try await take([Self.workflow, rename("A", id: "o1"), rename("B", id: "o1")])
        #expect(verdicts[2].rejection?.code == .keyReused)
        #expect(try await take([rename("C", id: "o1")])[0].rejection?.code == .keyReused)
    }

    @Test func `workspaces and workflows do not share ids of operations`() async throws {
        let other = try Workspace("acme")
        _ = try await take([Self.workflow, rename("A", id: "o1")])
        let verdicts = try await take([Self.workflow, rename("A", id: "o1")], workspace: other)
        #expect(verdicts.map(\.outcome) == [.appended, .appended])
    }

    @Test func `what the editor's rules refuse is kept with its reason and may be sent again`() async throws {
        let early = try await take([rename("A", id: "o1"), Self.workflow, rename("X", id: "o2", block: "later")])
        #expect(early[0].rejection?.code == .refused && early[0].rejection?.reason.contains("import it first") == true)
        #expect(early[2].rejection?.reason.contains("\"later\"") == true)
        #expect(try await take([rename("A", id: "o1")])[0].outcome == .appended)
    }

    @Test func `toggles and lists are read over the definition that they meet`() async throws {
        let toggle = """
            {"workflowId":"refund","operationId":"t1","operation":"toggle-enabled","target":"block","payload":{"id":"start"},
            "timestamp":1}
            """
        let add = """
            {"operation":"batch-add-edges","target":"edges","payload":{"edges":[{"id":"e","source":"start","target":"next"}]},
            "timestamp":1,"metadata":{"workflowId":"refund","operationId":"t3"}}
            """
        let verdicts = try await take([Self.workflow, "[\(toggle),\(rename("A", id: "t2"))]", toggle, add])
        #expect(verdicts[1].events == 2 && verdicts[2].outcome == .noNews)
        #expect(verdicts[3].rejection?.reason.contains("\"next\"") == true, "ids beside and in metadata are read")
        #expect(try await types().suffix(2) == ["workflow.block_disabled", "workflow.block_renamed"])
    }

    @Test(arguments: [
        #"{"operation":"update-name","target":"block","payload":{"id":"start","name":"A"}}"#,
        #"{"workflowId":7,"operation":"update-name","target":"block","payload":{"id":"start","name":"A"}}"#,
        #"{"workflowId":"refund","operation":"update-name","target":"block"}"#,
        #"{"workflowId":"refund","operation":"update-name","target":"moon","payload":{}}"#,
    ])
    func `an operation that breaks the form says how`(_ text: String) async throws {
        let verdict = try await take([Self.workflow, text])[1]
        #expect(verdict.rejection?.code == .malformed && verdict.kind == "workflow")
    }

    @Test func `a drag that is under way is no news`() async throws {
        let drag = """
            {"workflowId":"refund","operation":"update-position","target":"block","payload":{"id":"start",
            "position":{"x":5,"y":5}},"timestamp":1}
            """
        #expect(try await take([Self.workflow, drag])[1].outcome == .noNews)
    }
}
