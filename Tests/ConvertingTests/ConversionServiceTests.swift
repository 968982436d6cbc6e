import Conversion
import Converting
import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("Converting what the log holds") struct ConversionServiceTests {
    private let store = InMemoryEventStore()

    private func workflow(prompt: String = "Ask for the order", dangling: Bool = false) -> WorkflowDefinition {
        WorkflowDefinition(
            blocks: [
                Block(id: "start", type: "start_trigger", name: "Start"),
                Block(
                    id: "ask", type: "agent", name: "Ask",
                    subBlocks: [SubBlock(id: "prompt", type: "long-input", value: .string(prompt))]),
                Block(id: "pay", type: "api", name: "Pay back"),
            ],
            edges: [
                Edge(id: "e1", source: "start", target: "ask", sourceHandle: "source"),
                Edge(id: "e2", source: "ask", target: dangling ? "nowhere" : "pay", sourceHandle: "source"),
            ], metadata: ["name": "Refund"])
    }

    private func record(
        _ workflow: WorkflowDefinition, id: String = "refund", format: WorkflowFormat = .state
    ) async throws {
        let command = WorkflowDecider.Command.importDefinition(
            workflow, format: format, digest: workflow.digest, sourceName: "refund.json", original: nil)
        _ = try await CommandHandler<WorkflowDecider, InMemoryEventStore>(store).handle(
            StreamCommand(command, to: try StreamName("workflow-\(id)"), context()))
    }

    private func context() -> CommandContext {
        CommandContext(id: UUID(), time: Timestamp(microseconds: 1_000_000))
    }

    private func convert(
        _ direction: ConversionDirection = .toJourney, replacesChanges: Bool = false, toleratesErrors: Bool = false
    ) async throws(ConversionFault) -> ConversionAnswer {
        try await ConversionService(store).run(
            ConversionRequest(
                direction, of: "refund", toleratesErrors: toleratesErrors, replacesChanges: replacesChanges))
    }

    private func types(_ stream: String) async throws -> [String] {
        try await store.read(StreamQuery(try StreamName(stream))).events.map(\.type.rawValue)
    }

    @Test func `a workflow becomes a journey, with the mapping and the record of six steps`() async throws {
        try await record(workflow())
        let answer = try await convert()
        #expect(answer.outcome == .converted)
        #expect(answer.completed.mappingVersion == 1)
        #expect(try await types("journey-\(answer.completed.resultID)") == ["journey.created"])
        #expect(
            try await types("mapping-refund") == ["mapping.proposed", "mapping.validated", "mapping.activated"])
        #expect(
            try await types("conversion-refund") == ["conversion.started"]
                + Array(repeating: "conversion.step_completed", count: 6) + ["conversion.completed"])
        let steps = try await ConversionService(store).history(of: "refund").first?.steps.map(\.step)
        #expect(steps == ConversionStep.allCases)
    }

    @Test func `the same content is converted once`() async throws {
        try await record(workflow())
        let first = try await convert()
        let before = try await store.head().position
        let second = try await convert()
        #expect(second.outcome == .unchanged)
        #expect(second.completed == first.completed)
        #expect(try await store.head().position == before)
    }

    @Test func `an edited workflow gives a revised journey and the next mapping`() async throws {
        try await record(workflow())
        _ = try await convert()
        try await record(workflow(prompt: "Ask for the invoice"))
        let answer = try await convert()
        #expect(answer.outcome == .converted)
        #expect(answer.completed.mappingVersion == 2)
        #expect(try await types("journey-refund") == ["journey.created", "journey.revised"])
    }

    @Test func `a workflow that goes back to what it was takes its journey with it`() async throws {
        try await record(workflow())
        let first = try await convert()
        try await record(workflow(prompt: "Ask for the invoice"))
        _ = try await convert()
        try await record(workflow())
        let third = try await convert()
        #expect(third.outcome == .converted)
        #expect(third.completed.resultDigest == first.completed.resultDigest)
        #expect(try await convert().outcome == .unchanged)
    }

    @Test func `a journey that was edited since is not written over unless that is said`() async throws {
        try await record(workflow())
        _ = try await convert()
        try await editJourney()
        try await record(workflow(prompt: "Ask for the invoice"))
        let before = try await types("journey-refund")
        await #expect(throws: ConversionFault.self) { try await convert() }
        #expect(try await types("journey-refund") == before)
        let answer = try await convert(replacesChanges: true)
        #expect(answer.outcome == .converted)
        #expect(try await types("journey-refund") == before + ["journey.revised"])
    }

    @Test func `the edit of a journey comes back to the workflow`() async throws {
        try await record(workflow())
        _ = try await convert()
        try await editJourney()
        let answer = try await convert(.toWorkflow)
        #expect(answer.outcome == .converted)
        let types = try await types("workflow-refund")
        #expect(types.count == 2)
        // The way there again keeps the edit, of which the journey's notes about the workflow learn now; then all is at rest.
        _ = try await convert()
        #expect(try await actions() == ["Ask politely"])
        let before = try await store.head().position
        #expect(try await convert().outcome == .unchanged)
        #expect(try await convert(.toWorkflow).outcome == .converted)
        #expect(try await self.types("workflow-refund") == types)
        #expect(try await store.head().position > before)
    }

    private func actions() async throws -> [String] {
        let state = try await JointHandler(store).state(
            of: StreamName(trusting: "journey-refund"), by: JourneyDecider.self)
        guard case .defined(let standing) = state else { return [] }
        return standing.content.definition.states.filter { $0.kind == .chat }.compactMap(\.action)
    }

    @Test func `a workflow with errors is refused, on record, and may be converted all the same`() async throws {
        try await record(workflow(dangling: true))
        await #expect(throws: ConversionFault.self) { try await convert() }
        #expect(try await types("conversion-refund").last == "conversion.failed")
        let failed = try await ConversionService(store).history(of: "refund").last?.failed
        #expect(failed?.step == .validateSource)
        #expect(failed?.findings.isEmpty == false)
        let answer = try await convert(toleratesErrors: true)
        #expect(answer.outcome == .converted)
    }

    @Test func `a fragment is converted as one: what it leaves open is no error, there and back`() async throws {
        await #expect(throws: ConversionFault.self) {
            try await record(workflow(dangling: true))
            _ = try await convert()
        }
        try await record(workflow(prompt: "Ask", dangling: true), format: .yamlFragment)
        let answer = try await convert()
        #expect(answer.outcome == .converted)
        #expect(answer.findings.contains { $0.code == .workflowDanglingEdge && $0.severity == .remark })
        try await editJourney()
        let back = try await convert(.toWorkflow)
        #expect(back.outcome == .converted)
        // Once a whole workflow has taken its place it is held to the rules of one.
        try await record(workflow(prompt: "Ask again", dangling: true))
        await #expect(throws: ConversionFault.self) { _ = try await convert(replacesChanges: true) }
    }

    @Test func `what is not in the log is not converted`() async throws {
        await #expect(throws: ConversionFault.self) { try await convert() }
        #expect(try await store.head().position == .start)
    }

    @Test(arguments: 1...4)
    func `a conversion that died after any append is brought to its end by the next`(_ deathAfter: Int) async throws {
        try await record(workflow())
        let mortal = MortalLog(store, appends: deathAfter - 1)
        _ = try? await ConversionService(mortal, limits: CommandLimits(decisions: 2, storeAttempts: 1)).run(
            ConversionRequest(.toJourney, of: "refund"))
        let answer = try await convert()
        #expect(answer.completed.mappingVersion == 1)
        #expect(try await types("journey-refund") == ["journey.created"])
        #expect(
            try await types("mapping-refund") == ["mapping.proposed", "mapping.validated", "mapping.activated"])
        #expect(try await types("conversion-refund").filter { $0 == "conversion.completed" }.count == 1)
        #expect(try await types("conversion-refund").filter { $0 == "conversion.started" }.count == 1)
    }

    // Both of these were found by simulated worlds.

    @Test func `what is edited while it is converted is converted as it is then, and never goes back`() async throws {
        try await record(workflow())
        let log = InterferingLog(store, before: 2) {
            try? await record(workflow(prompt: "Ask for the invoice"))
            _ = try? await convert()
        }
        let answer = try await ConversionService(log).run(ConversionRequest(.toJourney, of: "refund"))
        #expect(answer.outcome == .unchanged)
        #expect(answer.started.sourceDigest == workflow(prompt: "Ask for the invoice").digest)
        #expect(try await types("journey-refund") == ["journey.created"])
        #expect(try await types("mapping-refund").filter { $0 == "mapping.activated" }.count == 1)
        let runs = try await ConversionService(store).history(of: "refund")
        #expect(runs.compactMap(\.failed?.code) == ["source_changed"])
    }

    @Test func `two who convert the same content at a time make one run of it`() async throws {
        try await record(workflow())
        let log = InterferingLog(store, before: 2) { _ = try? await convert() }
        let answer = try await ConversionService(log).run(ConversionRequest(.toJourney, of: "refund"))
        #expect(answer.outcome == .unchanged)
        #expect(try await types("conversion-refund").filter { $0 == "conversion.completed" }.count == 1)
        #expect(try await types("conversion-refund").filter { $0 == "conversion.started" }.count == 1)
    }

    private func editJourney() async throws {
        let stream = StreamName(trusting: "journey-refund")
        let state = try await JointHandler(store).state(of: stream, by: JourneyDecider.self)
        guard case .defined(let standing) = state else { return }
        let old = standing.content.definition
        let edited = JourneyDefinition(
            title: old.title, summary: old.summary, conditions: old.conditions, labels: old.labels, tags: old.tags,
            priority: old.priority, compositionMode: old.compositionMode, root: old.root,
            states: old.states.map { state in
                guard state.kind == .chat else { return state }
                return JourneyState(
                    id: state.id, kind: state.kind, action: "Ask politely", summary: state.summary, tools: state.tools,
                    labels: state.labels, compositionMode: state.compositionMode, metadata: state.metadata,
                    extra: state.extra)
            }, transitions: old.transitions, metadata: old.metadata, extra: old.extra)
        _ = try await CommandHandler<JourneyDecider, InMemoryEventStore>(store).handle(
            StreamCommand(.define(JourneyContent(definition: edited, origin: .parlant)), to: stream, context()))
    }
}

/// A log that becomes unreachable after a number of appends, with the last answer lost.
private struct MortalLog: EventStore {
    private let base: InMemoryEventStore
    private let remaining: Countdown

    init(_ base: InMemoryEventStore, appends: Int) {
        self.base = base
        remaining = Countdown(appends)
    }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        let left = remaining.take()
        guard left >= 0 else { throw .unavailable(reason: "gone") }
        let outcome = try await base.append(request)
        guard left > 0 else { throw .unknownOutcome(reason: "gone before the answer") }
        return outcome
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await base.read(query) }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await base.read(query) }
    func head() async throws(StoreError) -> LogHead { try await base.head() }
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }
}

/// Counts down from a number of appends.
private final class Countdown: @unchecked Sendable {
    // One conversion at a time appends.
    private var count: Int
    init(_ count: Int) { self.count = count }
    func take() -> Int {
        count -= 1
        return count
    }
}

/// A log before one of whose appends something else happens.
private struct InterferingLog: EventStore {
    private let base: InMemoryEventStore
    private let remaining: Countdown
    private let interfere: @Sendable () async -> Void

    init(_ base: InMemoryEventStore, before append: Int, _ interfere: @escaping @Sendable () async -> Void) {
        self.base = base
        remaining = Countdown(append)
        self.interfere = interfere
    }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        if remaining.take() == 0 { await interfere() }
        return try await base.append(request)
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await base.read(query) }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await base.read(query) }
    func head() async throws(StoreError) -> LogHead { try await base.head() }
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }
}
