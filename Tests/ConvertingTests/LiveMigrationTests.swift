import Conversion
import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import JourneyDomain
import Testing
import WorkflowDomain

@testable import Converting

@Suite("A structural edit of a workflow with live sessions") struct LiveMigrationTests {
    private let store = InMemoryEventStore()

    private func workflow(_ ids: [ElementID]) -> WorkflowDefinition {
        let blocks = [Block(id: "s", type: "start_trigger", name: "S")]
        let agents = ids.map { Block(id: $0, type: "agent", name: $0.text) }
        let edges = zip(["s"] + ids, ids).map { Edge(id: ElementID("\($0)-\($1)"), source: $0, target: $1) }
        return WorkflowDefinition(blocks: blocks + agents, edges: edges, metadata: ["name": "Refund"])
    }

    private func context() -> CommandContext {
        CommandContext(id: UUID(), time: Timestamp(microseconds: 1_000_000))
    }

    private func convert(_ ids: ElementID..., replaces: Bool = false) async throws -> ConversionAnswer {
        let definition = workflow(ids)
        let command = WorkflowDecider.Command.importDefinition(
            definition, format: .state, digest: definition.digest, sourceName: "w.json", original: nil)
        _ = try await CommandHandler<WorkflowDecider, InMemoryEventStore>(store).handle(
            StreamCommand(command, to: StreamName("workflow-refund"), context()))
        return try await again()
    }

    private func again() async throws -> ConversionAnswer {
        try await ConversionService(store).run(ConversionRequest(.toJourney, of: "refund"))
    }

    /// A conversation whose engine has told the path `indexes`, which end in `state`.
    private func conversation(
        _ id: String, at state: String, path indexes: [String]? = nil, states: [String] = [], execution: String? = nil
    ) async throws {
        var facts: [SessionFact] = [
            .stateEntered(StateEntered(journey: "refund", state: ElementID(state), turn: nil, cause: .path))
        ]
        if let indexes {
            let path = JourneyPath(journey: "refund", indexes: indexes, states: states.map { ElementID($0) })
            let told = PathReport(
                observedAt: Timestamp(microseconds: 1), kept: 0, added: [AgentPaths(turn: "t", paths: [path])])
            facts.append(.pathsReported(told))
        }
        if let execution { facts.append(.bound(SessionBinding(execution: execution, session: id))) }
        try await tell(facts, stream: "parlant_session-\(id)") { ParlantSessionEvent($0) }
    }

    private func tell<Event: DomainEvent>(
        _ facts: [SessionFact], stream: String, _ event: (SessionFact) -> Event
    ) async throws {
        let name = try StreamName(stream)
        let drafts = facts.map { fact in
            let event = event(fact)
            return EventDraft(
                id: UUID(), type: event.type, schemaVersion: event.schemaVersion, data: event.encoded(),
                occurredAt: Timestamp(microseconds: 1))
        }
        _ = try await store.append(
            AppendRequest(workspace: .default, streams: [StreamAppend(drafts, to: name, expecting: .any)]))
    }

    private func types() async throws -> [String] {
        try await store.read(StreamQuery(StreamName("conversion-refund"))).events.map(\.type.rawValue)
    }

    @Test func `says for each session where its path leads, or why it cannot be carried over`() async throws {
        #expect(try await convert("a", "b", "c").migrations.isEmpty, "a first conversion moves nobody")
        try await conversation(
            "s1", at: "refund.a", path: ["1", "2"], states: ["refund.s", "refund.a"], execution: "e1")
        try await conversation("s2", at: "refund.b")
        try await conversation("s3", at: "refund.c")
        try await tell(
            [.closed(SessionClosing(reason: .ended, at: Timestamp(microseconds: 2)))], stream: "parlant_session-s3"
        ) { ParlantSessionEvent($0) }
        let answer = try await convert("new", "a", "c")
        #expect(answer.migrations.map(\.session) == ["s1", "s2"])
        #expect(
            answer.migrations[0].outcome
                == .carried(states: ["refund.s", "refund.a"], indexes: ["1", "3"], isChanged: true))
        #expect(answer.migrations[0].execution == "e1" && answer.migrations[0].version == 3)
        #expect(answer.migrations[1].outcome == .stranded(.stateRemoved("refund.b")))
        #expect(try await types().last == "conversion.paths_migrated")
    }

    /// The journey without the state `gone`, as somebody has edited it on its own side.
    private func journey(without gone: ElementID) async throws -> JourneyDefinition {
        let state = try await JointHandler(store).state(of: StreamName("journey-refund"), by: JourneyDecider.self)
        guard case .defined(let standing) = state else { throw NoJourney() }
        let old = standing.content.definition
        let next = old.transitions.first { $0.source == gone }?.target ?? JourneyState.end
        return JourneyDefinition(
            title: old.title, summary: old.summary, conditions: old.conditions, labels: old.labels, tags: old.tags,
            priority: old.priority, compositionMode: old.compositionMode, root: old.root,
            states: old.states.filter { $0.id != gone },
            transitions: old.transitions.filter { $0.source != gone }.map { way in
                way.target != gone
                    ? way
                    : JourneyTransition(
                        id: way.id, source: way.source, target: next, condition: way.condition, metadata: way.metadata)
            }, metadata: old.metadata, extra: old.extra)
    }

    private struct NoJourney: Error {}

    @Test(arguments: [true, false])
    func `is told of as well when it was made on the journey's side`(_ isImportedBefore: Bool) async throws {
        _ = try await convert("a", "b", "c")
        try await conversation("s1", at: "refund.b")
        try await conversation("s2", at: "refund.c")
        let edited = try await journey(without: "refund.b")
        let reading = try JourneyFile.read(edited.file(id: "refund", base: nil), name: "refund.json")
        var request = ConversionRequest(importing: .journey(reading))
        if isImportedBefore {
            for definition in [edited.titled("Meanwhile"), edited] {
                _ = try await CommandHandler<JourneyDecider, InMemoryEventStore>(store).handle(
                    StreamCommand(
                        .define(JourneyContent(definition: definition, origin: .parlant)),
                        to: StreamName("journey-refund"), context()))
            }
            request = ConversionRequest(.toWorkflow, of: "refund")
        }
        let answer = try await ConversionService(store).run(request)
        #expect(answer.started.direction == .toWorkflow && answer.outcome == .converted)
        #expect(answer.migrations.map(\.session) == ["s1", "s2"])
        #expect(answer.migrations.first?.outcome == .stranded(.stateRemoved("refund.b")))
        #expect(answer.migrations.last?.isCarried == true)
        #expect(try await types().last == "conversion.paths_migrated")
        #expect(try await ConversionService(store).run(request).migrations == answer.migrations)
        // The way there again, which only notes what the workflow has become, moves nobody.
        #expect(try await again().migrations.isEmpty)
    }

    @Test func `is told once, and asking again answers the same`() async throws {
        _ = try await convert("a", "b")
        try await conversation("s1", at: "refund.b")
        let first = try await convert("a", "x", "b")
        let head = try await store.head().position
        let second = try await again()
        #expect(second.outcome == .unchanged && second.migrations == first.migrations && !first.migrations.isEmpty)
        #expect(try await store.head().position == head)
    }

    @Test func `is brought to its end by the next call when it was cut off`() async throws {
        _ = try await convert("a", "b")
        let done = try await convert("a", "x", "b")
        #expect(done.migrations.isEmpty)
        try await conversation("s1", at: "refund.b")
        #expect(try await again().migrations.map(\.session) == ["s1"])
    }

    @Test func `does not look at sessions when the structure is what it was`() async throws {
        _ = try await convert("a", "b")
        try await conversation("s1", at: "refund.b")
        var edited = workflow(["a", "b"])
        edited = WorkflowDefinition(
            blocks: edited.blocks.map {
                $0.id == "a"
                    ? Block(
                        id: "a", type: "agent", name: "a",
                        subBlocks: [SubBlock(id: "prompt", type: "long-input", value: "Another prompt")]) : $0
            }, edges: edited.edges, metadata: edited.metadata)
        let command = WorkflowDecider.Command.importDefinition(
            edited, format: .state, digest: edited.digest, sourceName: "w.json", original: nil)
        _ = try await CommandHandler<WorkflowDecider, InMemoryEventStore>(store).handle(
            StreamCommand(command, to: StreamName("workflow-refund"), context()))
        let answer = try await again()
        #expect(answer.outcome == .converted && answer.migrations.isEmpty)
    }

    @Test func `concerns sessions of other engines by their states, and the copy of a conversation not at all`()
        async throws
    {
        _ = try await convert("a", "b")
        let entered = SessionFact.stateEntered(
            StateEntered(journey: "refund", state: "refund.b", turn: nil, cause: .turn))
        try await tell([entered], stream: "journey_session-e9") { JourneySessionEvent($0) }
        try await tell(
            [.bound(SessionBinding(execution: "e1", session: "s1")), entered], stream: "journey_session-e1"
        ) { JourneySessionEvent($0) }
        let migrations = try await convert("a", "x", "b").migrations
        #expect(migrations.map(\.execution) == ["e9"])
        guard case .carried(["refund.b"], _, false) = migrations[0].outcome else {
            Issue.record("\(migrations)")
            return
        }
    }
}
