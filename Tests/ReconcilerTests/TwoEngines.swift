import Connecting
import Conversion
import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import Reconciliation
import Synchronization
import Testing
import WorkflowDomain

@testable import Reconciler

/// A workflow of four blocks, of which the second asks a person, and a conversation that walks it: both engines over one log, and the way to each of
/// them, on which everything can go wrong.
final class TwoEngines: Sendable {
    static let blocks = ["start", "ask", "check", "done"]
    static let journey = "j-refund"
    let key = ExecutionKey(workspace: .default, execution: "run-1")
    let store: InMemoryEventStore
    let time = ManualTimekeeper()
    let sim = ModelEngine()
    let parlant = ModelEngine()

    init() {
        store = InMemoryEventStore(time: time)
        sim.attach { [unowned self] in try await resumeOrCancel($0) }
        parlant.attach { [unowned self] in try await move($0) }
    }

    func desk(_ rules: [PolicyRule] = TwoEngines.safe, seed: UInt64 = 1) throws -> ReconcilingDesk<InMemoryEventStore> {
        let book = PolicyBook(only: Policy(name: "test", version: 1, rules: rules))
        return ReconcilingDesk(
            store, shelf: PolicyShelf(book, telling: .engines), time: time, random: SeededRandom(seed: seed))
    }

    func courier(_ desk: ReconcilingDesk<InMemoryEventStore>) -> Courier<InMemoryEventStore> {
        Courier(
            desk,
            to: Engines(
                workflow: Engine(sim, name: "sim", time: time, random: SeededRandom(seed: 7)),
                journey: Engine(parlant, name: "parlant", time: time, random: SeededRandom(seed: 8))), time: time)
    }

    static var safe: [PolicyRule] {
        [PolicyRule(.everything, .manual)]
    }

    // MARK: What happens by itself

    private var context: CommandContext { CommandContext(id: UUID(), time: time.now()) }

    func prepare() async throws {
        let nodes = Self.blocks.map { Mapping.Node(block: ElementID($0), states: [ElementID("s-\($0)")]) }
        let digest = ContentDigest(of: [1])
        let mapping = Mapping(
            workflowID: "refund", journeyID: Self.journey, workflowDigest: digest, journeyDigest: digest, nodes: nodes,
            links: [], contexts: [Mapping.Context(variable: "amount", key: "amount")])
        let handler = CommandHandler<MappingDecider, InMemoryEventStore>(store, time: time)
        for command in [
            MappingDecider.Command.propose(mapping), .validate(version: 1, problems: 0), .activate(version: 1),
        ] {
            _ = try await handler.handle(
                StreamCommand(command, to: StreamName(trusting: "mapping-refund"), context))
        }
        try await report(.started(ExecutionStart(trigger: "api")), input: ["amount": 100])
        try await begin("start")
    }

    func report(_ fact: ExecutionFact, input: JSONValue? = nil, output: JSONValue? = nil) async throws {
        time.advance(by: .milliseconds(1))
        let report = ExecutionReport(
            fact, of: try #require(ExecutionID("run-1")), workflow: WorkflowID("refund"), at: time.now(),
            contents: ReportContents(input: input, output: output), original: OriginalWord(source: "test", word: "x"))
        _ = try await CommandHandler<ExecutionDecider, InMemoryEventStore>(store, time: time).handle(
            StreamCommand(
                .report(report, pin: MappingPin(mapping: "refund", version: 1)),
                to: StreamName(trusting: "workflow_execution-run-1"), context))
    }

    func begin(_ block: String) async throws {
        try await report(.blockStarted(BlockFact(BlockVisit(ElementID(block)))))
    }
    func complete(_ block: String) async throws {
        try await report(.blockCompleted(BlockFact(BlockVisit(ElementID(block)))))
    }

    /// The workflow comes to the block that asks, and waits.
    func comeToAsk() async throws {
        try await complete("start")
        try await begin("ask")
        try await report(.waitStarted(WaitFact(kind: .human, context: "ctx-1", blockedOn: "ask")))
    }

    func tell(_ facts: [SessionFact]) async throws {
        time.advance(by: .milliseconds(1))
        _ = try await CommandHandler<JourneySessionDecider, InMemoryEventStore>(store, time: time).handle(
            StreamCommand(.accept(facts), to: StreamName(trusting: "journey_session-run-1"), context))
    }

    func bind() async throws {
        try await tell([
            .bound(
                SessionBinding(
                    execution: "run-1", session: "sess-1", journeys: [Self.journey],
                    mapping: MappingReference(id: "refund", version: 1), subject: "customer:c-1"))
        ])
    }

    private let place = Mutex<String?>(nil)

    /// The conversation moves by itself, or is moved.
    func walk(to block: String?, forcedBy effect: UUID? = nil) async throws {
        let turn = effect?.uuidString.lowercased() ?? "turn-\(UUID().uuidString)"
        let cause: MoveCause = effect == nil ? .turn : .path
        let before = place.withLock { place in
            defer { place = block }
            return place
        }
        let next = block.map { ElementID("s-\($0)") }
        var facts: [SessionFact] = []
        if let before {
            facts.append(
                .stateLeft(
                    StateLeft(
                        journey: Self.journey, state: ElementID("s-\(before)"), next: next, turn: turn, cause: cause)))
        }
        if let next {
            facts.append(.stateEntered(StateEntered(journey: Self.journey, state: next, turn: turn, cause: cause)))
        }
        try await tell(facts)
    }

    func answer(_ name: String, _ value: JSONValue, in block: String, offset: Int) async throws {
        try await tell([
            .reported(
                ReportedEvent(
                    envelope: EventEnvelope(id: "e-\(offset)", kind: "custom", source: "customer", offset: offset),
                    content: .input(
                        CollectedInput(name: name, value: value, journey: Self.journey, state: ElementID("s-\(block)"))),
                    subject: "customer:c-1"))
        ])
    }

    // MARK: What they are asked

    private func resumeOrCancel(_ errand: Errand) async throws -> Bool {
        switch errand.effect.action {
        case .resume(_, let context, let input):
            try await report(.resumed(context: context), input: input)
            try await complete("ask")
            try await begin("check")
            return true
        case .cancel:
            try await report(.cancelled)
            return true
        case .enter, .leave, .close, .tell: return false
        }
    }

    private func move(_ errand: Errand) async throws -> Bool {
        let effect = errand.effect
        switch effect.action {
        case .enter(_, let state, _):
            try await walk(to: String(state.text.dropFirst(2)), forcedBy: effect.id)
            return true
        case .leave:
            try await walk(to: nil, forcedBy: effect.id)
            return true
        case .tell(let told):
            let data: JSONValue = [
                "lockstep": [
                    "effect": .string(effect.id.uuidString.lowercased()), "values": .object(told.values),
                    "inputs": .object(told.inputs),
                ]
            ]
            try await tell([
                .reported(
                    ReportedEvent(
                        envelope: EventEnvelope(
                            id: effect.id.uuidString, kind: "custom", source: "system", offset: 1_000),
                        content: .custom(data),
                        subject: "customer:c-1"))
            ])
            return true
        case .resume, .cancel, .close: return false
        }
    }
}

/// An engine that does what it is asked, or fails as a test wants.
final class ModelEngine: SideConnector {
    enum Mood: Sendable {
        case willing
        /// It does not answer and has done nothing.
        case away
        /// It does what it is asked, and its answer is lost.
        case silent
        /// It does nothing, and nobody knows.
        case lost
        /// What has to be so is not so.
        case elsewhere
    }

    private struct State {
        var mood = Mood.willing
        var asked: [Errand] = []
        var done: Set<UUID> = []
        var probes = 0
    }

    private let state = Mutex(State())
    private let act = Mutex<(@Sendable (Errand) async throws -> Bool)?>(nil)

    func attach(_ body: @escaping @Sendable (Errand) async throws -> Bool) { act.withLock { $0 = body } }

    var mood: Mood {
        get { state.withLock(\.mood) }
        set { state.withLock { $0.mood = newValue } }
    }
    /// What it was asked, in order.
    var asked: [Effect] { state.withLock { $0.asked.map(\.effect) } }
    var probes: Int { state.withLock(\.probes) }

    var capabilities: Capabilities { .everything }

    func carryOut(_ errand: Errand) async -> ErrandAnswer {
        let mood = state.withLock { state in
            state.asked.append(errand)
            return state.mood
        }
        switch mood {
        case .away: return .unavailable(because: "nobody answers")
        case .lost: return .unknown(because: "the connection broke")
        case .elsewhere: return .movedOn(because: "it is elsewhere")
        case .willing, .silent:
            let act = act.withLock { $0 }
            guard (try? await act?(errand)) == true else { return .refused(because: "it cannot") }
            state.withLock { _ = $0.done.insert(errand.effect.id) }
            return mood == .willing ? .done : .unknown(because: "no answer")
        }
    }

    func probe(_ errand: Errand) async -> ProbeAnswer {
        state.withLock { state in
            state.probes += 1
            if state.mood == .away { return .unavailable(because: "nobody answers") }
            return state.done.contains(errand.effect.id) ? .found : .absent
        }
    }
}
