import EventModel
import EventSourcingTesting
import JourneyDomain
import WorkflowDomain

@testable import Reconciliation

/// Conversations of an engine that says outright what happens: turns that end and fail, moves, inputs, values, and events that are taken back.
struct RandomConversation {
    private(set) var inputs: [SessionInput] = []
    private var random: SeededGenerator
    private var offset = 0
    private var ended: Set<String> = []

    init(seed: UInt64, count: Int = 30) {
        random = SeededGenerator(seed: seed)
        for _ in 0..<count { next() }
        if random.below(4) == 0 { inputs.append(.ended(SessionClosing(reason: .ended, at: second(99)))) }
    }

    private mutating func next() {
        offset += 1 + random.below(2)
        let turn = "t\(offset / 3)"
        switch random.below(12) {
        // A turn is told to end once.
        case 0...3 where ended.insert(turn).inserted:
            add(.status(StatusContent(status: "ready", stage: "completed", positions: positions())), turn)
        case 4 where ended.insert(turn).inserted:
            add(.status(StatusContent(status: random.pick(["error", "cancelled"]), error: "E")), turn)
        case 5: add(.status(StatusContent(status: "moved", positions: positions())), random.pick([nil, turn]))
        case 6, 7:
            let input = CollectedInput(
                name: random.pick(["n", "m"]), value: .number(JSONNumber(random.below(3))), journey: "refund",
                state: random.pick(["refund.ask", "refund.pay", nil]))
            add(.input(input), random.pick([nil, turn]))
        case 8, 9:
            let values: JSONValue = [random.pick(["total", "who"]): .number(JSONNumber(random.below(3)))]
            var told: JSONObject = ["values": values]
            if random.below(3) == 0, let key = values.object?.members.first?.key {
                told["behind"] = ["values": .object([key: .number(JSONNumber(random.below(offset + 3) - 1))])]
            }
            add(.custom(["lockstep": .object(told)]), random.pick([nil, turn]))
        case 0...4, 10: add(.message(MessageContent(text: "hello")), turn)
        default:
            let from = random.below(offset + 4)
            inputs.append(.rewound(from: from, before: from + 1 + random.below(4), observedAt: second(offset)))
        }
    }

    private mutating func positions() -> [StatePosition] {
        [StatePosition(journey: "refund", state: random.pick(["refund.ask", "refund.check", "refund.pay", nil]))]
    }

    private mutating func add(_ content: EventContent, _ turn: String?) {
        inputs.append(.event(said(content, at: offset, turn: turn), isDeleted: false, observedAt: second(offset)))
    }
}

/// An event of a conversation.
func said(
    _ content: EventContent, at offset: Int, turn: String? = nil, kind: String = "neutral", source: String = "ai_agent"
) -> ReportedEvent {
    ReportedEvent(
        envelope: EventEnvelope(id: "event-\(offset)", kind: kind, source: source, offset: offset, trace: turn),
        content: content, subject: "session:s1")
}

/// Where a mapping has one state for each block but `pay`, which has two.
let names = MappedNames(
    workflowID: "refund", journeyID: "refund",
    states: ["ask": ["refund.ask"], "check": ["refund.check"], "pay": ["refund.pay", "refund.pay.2"], "note": []],
    keys: ["total": "total", "who": "customer_name"])

/// The stream of an execution: what is decided is heard, one position after the other.
struct HeardConversation {
    private(set) var state = SessionState()
    private(set) var side = JourneySide()
    private(set) var facts: [(fact: SessionFact, origin: Origin)] = []
    private(set) var reported: [ReportedEvent] = []
    var position: Int64 = 0

    init(_ inputs: [SessionInput] = []) throws { for input in inputs { try report(input) } }

    mutating func report(_ input: SessionInput) throws { try decide(.report([input])) }

    mutating func decide(_ command: SessionCommand) throws {
        for event in try JourneySessionDecider.decide(command, on: &state) {
            position += 1
            hear(event.fact, Origin(GlobalPosition(position)))
        }
    }

    mutating func hear(_ fact: SessionFact, _ origin: Origin) {
        if case .reported(let event) = fact { reported.append(event) }
        facts.append((fact, origin))
        side.receive(fact, at: origin)
    }

    /// An event of the conversation.
    mutating func say(_ content: EventContent, at offset: Int, turn: String? = nil) throws {
        try report(.event(said(content, at: offset, turn: turn), isDeleted: false, observedAt: second(offset)))
    }

    /// A turn that ends in a state.
    mutating func stand(in state: ElementID?, at offset: Int) throws {
        let positions = [StatePosition(journey: "refund", state: state)]
        try say(
            .status(StatusContent(status: "ready", stage: "completed", positions: positions)), at: offset,
            turn: "t\(offset)")
    }
}

/// What a journey says, worked out anew from all that is known. Nothing here remembers an order.
func naiveClaims(of state: SessionState, _ reported: [ReportedEvent]) -> [FieldPath: FieldValue] {
    guard state != SessionState() else { return [:] }
    var claims: [FieldPath: FieldValue] = [:]
    let standing = reported.filter { state.stands($0.envelope.id) }.sorted { $0.envelope.offset < $1.envelope.offset }
    var been: Set<ElementID> = []
    for case .completed(let turn) in state.turns.values { been.formUnion(turn.positions.compactMap(\.state)) }
    for event in standing { been.formUnion(event.moves.compactMap(\.state)) }
    for place in been { claims[.step(names.block(of: place) ?? "?")] = .step(.completed) }
    for place in state.positions.values { claims[.step(names.block(of: place) ?? "?")] = .step(.started) }
    let isOutside = state.positions.isEmpty && !been.isEmpty
    claims[.status] = .status(isOutside ? .completed : state.closing == nil ? .running : .cancelled)
    var places: [FieldPath: Int] = [:]
    for event in standing {
        switch event.content {
        case .custom(let data):
            for member in data["lockstep"]?["values"]?.object?.members ?? [] {
                guard let variable = names.variable(of: member.key) else { continue }
                let behind = data["lockstep"]?["behind"]?["values"]?[member.key]?.int ?? event.envelope.offset
                let (place, path) = (min(behind, event.envelope.offset), FieldPath(.variables, [variable]))
                guard places[path].map({ $0 <= place }) ?? true else { continue }
                (places[path], claims[path]) = (place, FieldValue(member.value))
            }
        case .input(let input):
            guard let block = input.state.flatMap(names.block) else { continue }
            var told: JSONObject =
                if case .content(.object(let object))? = claims[FieldPath(.inputs, [block])] { object } else { [:] }
            told[input.name] = input.value
            claims[FieldPath(.inputs, [block])] = FieldValue(.object(told))
        case .message, .toolCalls, .status, .other: break
        }
    }
    return claims
}
