import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import Ingest
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("Taking in both sides") struct InboundSidesTests {
    private let log = InMemoryEventStore()
    private let ledger = InMemoryInboundLedger()

    private static let samples = ProjectFiles.path("Schemas/ingest")

    /// The workflow that the sample of an operation is for.
    private static let refund = """
        {"version":"1.0","state":{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start",
        "position":{"x":0,"y":0},"subBlocks":{},"outputs":{},"enabled":true}},"edges":[],"loops":{},"parallels":{},
        "metadata":{"name":"Refund"}}}
        """

    private static func sampleFiles() throws -> [String] {
        try ProjectFiles.names(in: samples).filter { $0.hasSuffix(".sample.json") }
    }

    private func take(_ texts: [String]) async throws -> [InboundVerdict] {
        let desk = InboundDesk(into: log, remembering: ledger)
        let messages = texts.enumerated().map { InboundMessage.text($1, at: Int64($0)) }
        return try await desk.settle(desk.read(messages)).verdicts
    }

    private func report(_ type: String, _ execution: String = "e1", block: String? = nil, second: Int) -> String {
        let place = block.map { #""block":"\#($0)","# } ?? ""
        return
            #"{"execution":"\#(execution)","workflow":"w","type":"\#(type)",\#(place)"at":"2026-01-01T00:00:0\#(second)Z"}"#
    }

    private var execution: [String] {
        [
            report("started", second: 0), report("block_started", block: "a", second: 1),
            report("block_completed", block: "a", second: 2), report("block_started", block: "b", second: 3),
            report("block_failed", block: "b", second: 4), report("failed", second: 5),
        ]
    }

    private func state(_ execution: String = "e1") async throws -> ExecutionState {
        let stream = try StreamName("workflow_execution-\(execution)")
        return ExecutionDecider.fold(
            ExecutionDecider.initialState, try await log.read(StreamQuery(stream)).events.map { try ExecutionEvent($0) }
        )
    }

    @Test func `every sample is taken in once`() async throws {
        _ = try await take([Self.refund])
        for file in try Self.sampleFiles() {
            let text = try String(decoding: ProjectFiles.bytes("\(Self.samples)/\(file)"), as: UTF8.self)
            let first = try await take([text])
            #expect(first[0].rejection == nil && first[0].events > 0, "\(file): \(first)")
            let kind =
                file.hasPrefix("journey_session")
                ? "session" : file.hasPrefix("workflow.") ? "workflow" : "execution"
            #expect(first[0].kind == kind, "\(file)")
            let again = try await take([text])
            #expect(again[0].outcome == .noNews, "\(file): \(again)")
        }
    }

    @Test(arguments: 0..<30)
    func `reports in any order, repeated, lead to the same state`(_ seed: UInt64) async throws {
        _ = try await take(execution.map { $0.replacing("\"e1\"", with: "\"ordered\"") })
        var random = SeededGenerator(seed: seed)
        var rest = (execution + execution).shuffled(using: &random)
        while !rest.isEmpty {
            let count = 1 + random.below(min(4, rest.count))
            #expect(try await take(Array(rest.prefix(count))).allSatisfy { $0.rejection == nil })
            rest.removeFirst(count)
        }
        #expect(try await state().standing == state("ordered").standing)
        let stored = try await log.read(StreamQuery("workflow_execution-e1")).events.count
        #expect(stored <= execution.count + 1, "each report counts once, and a start may be implied")
    }

    @Test func `a conversation's copies travel with it, or not at all`() async throws {
        let session = """
            {"session_id":"s1","session":{"id":"s1","agent_id":"a","customer_id":"c","creation_utc":"2026-01-01T00:00:00Z",
            "metadata":{"lockstep_execution_id":"e1"}}}
            """
        func message(_ offset: Int) -> String {
            """
            {"session_id":"s1","event":{"id":"m\(offset)","source":"customer","kind":"message","offset":\(offset),
            "creation_utc":"2026-01-01T00:00:01Z","trace_id":"t","data":{"message":"hello","participant":{"display_name":"C"}}}}
            """
        }
        let verdicts = try await take([session, message(0), message(1), message(0)])
        #expect(verdicts.map(\.rejection) == [nil, nil, nil, nil])
        let conversation = try await log.read(StreamQuery("parlant_session-s1")).events
        let copies = try await log.read(StreamQuery("journey_session-e1")).events
        #expect(copies.first?.type.rawValue == "journey_session.bound")
        let posted = copies.filter { $0.type.rawValue == "journey_session.message_posted" }
        #expect(posted.count == 2)
        #expect(posted.allSatisfy { copy in conversation.contains { $0.id == copy.causationID } })
        #expect(verdicts.reduce(0) { $0 + $1.events } == conversation.count + copies.count)
    }

    @Test func `a workflow comes as its file would`() async throws {
        let workflow = """
            {"version":"1.0","state":{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start",
            "position":{"x":0,"y":0},"subBlocks":{},"outputs":{},"enabled":true}},"edges":[],"loops":{},"parallels":{},
            "metadata":{"name":"Refund"}}}
            """
        let envelope = #"{"specversion":"1.0","source":"sim","id":"1","data":\#(workflow)}"#
        let verdicts = try await take([
            workflow, workflow.replacing("\"Start\"", with: "\"Begin\""), "{\"state\":{\"blocks\":7}}",
        ])
        #expect(verdicts.map(\.kind) == ["workflow", "workflow", "workflow"])
        #expect(
            verdicts.map(\.outcome).prefix(2) == [.appended, .appended] && verdicts[2].rejection?.code == .malformed)
        #expect(try await take([envelope])[0].outcome == .appended, "it is back at its first form")
    }

    @Test func `what is none of ours says what it has`() async throws {
        let verdicts = try await take([#"{"foo":1,"bar":2}"#, #"[{"foo":1}]"#, #"{"executionId":"e1"}"#, "[]"])
        #expect(verdicts.allSatisfy { $0.events == 0 })
        #expect(verdicts.prefix(3).allSatisfy { $0.rejection != nil } && verdicts[3].outcome == .noNews)
        #expect(verdicts[0].rejection?.code == .unknownForm && verdicts[0].rejection?.reason.contains("foo") == true)
        #expect(log.log.head == .start)
    }
}
