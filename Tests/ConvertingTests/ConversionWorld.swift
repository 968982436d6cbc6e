import Conversion
import Converting
import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import JourneyDomain
import WorkflowDomain

/// A log with the workflow `refund` in several wordings.
struct ConversionWorld: Sendable {
    let store = InMemoryEventStore()

    static func workflow(_ prompt: String, id: String = "refund") throws -> WorkflowReading {
        let text = """
            {"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start","position":{"x":0,"y":0},"subBlocks":{},"outputs":{},
            "enabled":true},"ask":{"id":"ask","type":"agent","name":"Ask","position":{"x":200,"y":0},"subBlocks":{"prompt":{"id":"prompt",
            "type":"long-input","value":"\(prompt)"}},"outputs":{},"enabled":true}},"edges":[{"id":"e1","source":"start","target":"ask",
            "sourceHandle":"source","targetHandle":"target","type":"default","data":{}}],"loops":{},"parallels":{}}
            """
        return try WorkflowFile.read(Array(text.utf8), name: "\(id).json", chosenID: id)
    }

    /// So many agents one after the other: a small file, and a journey with a lot to say.
    static func line(of agents: Int, id: String = "refund") throws -> WorkflowReading {
        let blocks = (0...agents).map { number in
            let type = number == 0 ? "start_trigger" : "agent"
            let id = "block-\(number)"
            return """
                "\(id)":{"id":"\(id)","type":"\(type)","name":"Agent \(number)","position":{"x":0,"y":0},"subBlocks":{"prompt":{"id":"prompt",
                "type":"long-input","value":"Ask number \(number)"}},"outputs":{},"enabled":true}
                """
        }
        let edges = (1...agents).map { number in
            #"{"id":"edge-\#(number)","source":"block-\#(number - 1)","target":"block-\#(number)"}"#
        }
        let text =
            #"{"blocks":{\#(blocks.joined(separator: ","))},"edges":[\#(edges.joined(separator: ","))],"loops":{},"parallels":{}}"#
        return try WorkflowFile.read(Array(text.utf8), name: "\(id).json", chosenID: id)
    }

    static func context() -> CommandContext {
        CommandContext(id: UUID(), time: Timestamp(microseconds: 1_000_000))
    }

    func record(_ prompt: String) async throws {
        _ = try await CommandHandler<WorkflowDecider, InMemoryEventStore>(store).handle(
            StreamCommand(
                try Self.workflow(prompt).command, to: StreamName(trusting: "workflow-refund"), Self.context()))
    }

    /// The journey's own side makes it this.
    func record(_ journey: JourneyDefinition) async throws {
        _ = try await CommandHandler<JourneyDecider, InMemoryEventStore>(store).handle(
            StreamCommand(
                .define(JourneyContent(definition: journey, origin: .parlant)),
                to: StreamName(trusting: "journey-refund"), Self.context()))
    }

    func convert(
        _ direction: ConversionDirection = .toJourney, replacesChanges: Bool = false
    ) async throws(ConversionFault) -> ConversionAnswer {
        try await ConversionService(store).run(
            ConversionRequest(direction, of: "refund", replacesChanges: replacesChanges))
    }

    func convert(
        _ content: ConversionContent, replacesChanges: Bool = false
    ) async throws(ConversionFault) -> ConversionAnswer {
        try await ConversionService(store).run(
            ConversionRequest(importing: content, replacesChanges: replacesChanges))
    }

    func types(_ stream: String) async throws -> [String] {
        try await store.read(StreamQuery(try StreamName(stream))).events.map(\.type.rawValue)
    }

    func workflow() async throws -> CurrentWorkflow? {
        let state = try await JointHandler(store).state(
            of: StreamName(trusting: "workflow-refund"), by: WorkflowDecider.self)
        guard case .present(let workflow) = state else { return nil }
        return workflow
    }

    func journey() async throws -> JourneyStanding? {
        let state = try await JointHandler(store).state(
            of: StreamName(trusting: "journey-refund"), by: JourneyDecider.self)
        guard case .defined(let standing) = state else { return nil }
        return standing
    }

    func activeMapping() async throws -> Mapping? {
        let state = try await JointHandler(store).state(
            of: StreamName(trusting: "mapping-refund"), by: MappingDecider.self)
        return state.active.flatMap(state.version)?.mapping
    }
}

extension JourneyDefinition {
    /// With another action in each state in which something is said.
    func saying(_ action: String) -> JourneyDefinition {
        JourneyDefinition(
            title: title, summary: summary, conditions: conditions, labels: labels, tags: tags, priority: priority,
            compositionMode: compositionMode, root: root,
            states: states.map { state in
                guard state.kind == .chat else { return state }
                return JourneyState(
                    id: state.id, kind: state.kind, action: action, summary: state.summary, tools: state.tools,
                    labels: state.labels, compositionMode: state.compositionMode, metadata: state.metadata,
                    extra: state.extra)
            }, transitions: transitions, metadata: metadata, extra: extra)
    }
}

/// A log to which somebody else writes just before an append over several streams.
struct DisturbedLog: EventStore {
    let base: InMemoryEventStore
    /// Called with the number of the joint append, from 1.
    let disturb: @Sendable (Int) async throws -> Void
    private let count = Counter()

    init(_ base: InMemoryEventStore, disturb: @escaping @Sendable (Int) async throws -> Void) {
        self.base = base
        self.disturb = disturb
    }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        if request.streams.count > 1 {
            do { try await disturb(await count.next()) } catch { throw .failed(reason: "\(error)") }
        }
        return try await base.append(request)
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await base.read(query) }

    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage {
        // Everybody gets a turn between two calls.
        await Task.yield()
        return try await base.read(query)
    }

    func head() async throws(StoreError) -> LogHead { try await base.head() }
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }
}

actor Counter {
    private var count = 0
    func next() -> Int {
        count += 1
        return count
    }
}
