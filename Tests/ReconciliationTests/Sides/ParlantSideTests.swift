import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing
import WorkflowDomain

@testable import Reconciliation

/// A conversation of Parlant's, and the stream of the execution that it is bound to, which holds copies of what matters.
struct BoundConversation {
    private(set) var conversation = SessionState()
    private(set) var heard: HeardConversation
    private var random: SeededGenerator
    private var offset = 0
    private var turns: [Int] = []

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        heard = try HeardConversation()
    }

    mutating func bind() throws { try decide(.bind(SessionBinding(execution: "e1", session: "s1"))) }

    private mutating func decide(_ command: SessionCommand) throws {
        let facts = try ParlantSessionDecider.decide(command, on: &conversation).map(\.fact)
        for copy in SessionCopies.copies(of: facts, behind: conversation) { try heard.decide(.accept(copy.facts)) }
    }

    private mutating func say(_ content: EventContent, _ kind: String, _ source: String, turn: String) throws {
        let event = said(content, at: offset, turn: turn, kind: kind, source: source)
        try decide(.report([.event(event, isDeleted: false, observedAt: second(offset))]))
        offset += 1
    }

    /// A turn, a value, or the deletion of everything from the beginning of a turn on.
    mutating func next() throws {
        switch random.below(6) {
        case 0 where !turns.isEmpty:
            let from = random.pick(turns)
            turns.removeAll { $0 >= from }
            try decide(.report([.rewound(from: from, before: nil, observedAt: second(offset))]))
        case 1:
            let values: JSONValue = ["total": .number(JSONNumber(random.below(5)))]
            try say(.custom(["lockstep": ["values": values]]), "custom", "system", turn: "own\(offset)")
        default:
            let (turn, state) = ("t\(offset)", random.pick(["refund.ask", "refund.check", "refund.pay", nil]))
            turns.append(offset)
            try say(.message(MessageContent(text: "hello")), "message", "customer", turn: turn)
            let matches = TurnMatches(
                guidelines: [], journeys: ["refund"], states: state.map { [ElementID($0)] } ?? [])
            let end = StatusContent(status: "ready", stage: "completed", matches: matches)
            try say(.status(end), "status", "ai_agent", turn: turn)
        }
    }
}

@Suite struct `The side of a bound conversation` {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `says after every step what all that was copied amounts to`(_ seed: UInt64) throws {
        var bound = try BoundConversation(seed: seed)
        try bound.bind()
        for step in 0..<25 {
            try bound.next()
            let said = bound.heard.side.claims(by: names).values
            try #require(said == naiveClaims(of: bound.heard.state, bound.heard.reported), "seed \(seed) step \(step)")
            #expect(bound.heard.side.positions == bound.conversation.positions, "seed \(seed) step \(step)")
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `stands where the conversation stands, whenever it was bound`(_ seed: UInt64) throws {
        var bound = try BoundConversation(seed: seed)
        for _ in 0..<seed % 9 { try bound.next() }
        try bound.bind()
        for step in 0..<15 {
            let side = bound.heard.side
            #expect(side.positions == bound.conversation.positions, "seed \(seed) step \(step)")
            let started = side.claims(by: names).all.filter { $0.value == .step(.started) }.compactMap(
                \.path.names.first)
            #expect(started == bound.conversation.positions.values.compactMap(names.block), "seed \(seed) step \(step)")
            #expect(side.lastOffset == bound.conversation.lastOffset || bound.conversation.lastOffset == nil)
            try bound.next()
        }
    }
}
