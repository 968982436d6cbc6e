import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `The journey's side` {
    @Test(arguments: 0..<150 as Range<UInt64>)
    func `says after every report what all that is known amounts to`(_ seed: UInt64) throws {
        var heard = try HeardConversation()
        for input in RandomConversation(seed: seed, count: 40).inputs {
            try heard.report(input)
            let said = heard.side.claims(by: names).values
            try #require(said == naiveClaims(of: heard.state, heard.reported), "seed \(seed) at \(heard.position)")
        }
    }

    @Test(arguments: 0..<80 as Range<UInt64>)
    func `says where its values were said last`(_ seed: UInt64) throws {
        let heard = try HeardConversation(RandomConversation(seed: seed, count: 40).inputs)
        var side = JourneySide()
        for (fact, origin) in heard.facts where fact.kind != .closed {
            let before = side.claims(by: names)
            side.receive(fact, at: origin)
            let misplaced = side.claims(by: names).misplaced(behind: before, at: origin)
            #expect(misplaced == nil, "seed \(seed) at \(origin.position)")
        }
    }

    @Test(arguments: 0..<80 as Range<UInt64>)
    func `says the same in whatever order and however often it is told`(_ seed: UInt64) throws {
        let inputs = RandomConversation(seed: seed).inputs
        let expected = try HeardConversation(inputs).side.claims(by: names).values
        var random = SeededGenerator(seed: seed)
        for _ in 0..<4 {
            let shuffled = (inputs + inputs.shuffled(using: &random).prefix(8)).shuffled(using: &random)
            let said = try HeardConversation(shuffled).side.claims(by: names).values
            #expect(said == expected, "seed \(seed)")
        }
    }

    @Test func `a fact that was heard already moves nothing but what it takes up anew`() throws {
        let heard = try HeardConversation(RandomConversation(seed: 3, count: 60).inputs)
        var side = heard.side
        for (fact, _) in heard.facts where fact.kind != .stateEntered && fact.kind != .stateLeft {
            side.receive(fact, at: Origin(GlobalPosition(9_999)))
        }
        #expect(side.claims(by: names) == heard.side.claims(by: names))
    }

    @Test func `says nothing until a session is heard of`() throws {
        let side = JourneySide()
        #expect(side.claims(by: names) == Claims() && !side.hasSession && side.lastOffset == nil && side.mode == nil)
    }

    @Test func `is where it stands, and has completed what it passed`() throws {
        var heard = try HeardConversation()
        try heard.stand(in: "refund.ask", at: 1)
        try heard.stand(in: "refund.pay", at: 2)
        try heard.stand(in: "refund.pay.2", at: 3)
        let claims = heard.side.claims(by: names)
        #expect(
            claims.values == [
                .status: .status(.running), .step("ask"): .step(.completed), .step("pay"): .step(.started),
            ])
        #expect(heard.side.positions == ["refund": "refund.pay.2"] && heard.side.lastOffset == 3)
        #expect(heard.side.lastTurn == "t3")
        try heard.stand(in: nil, at: 4)
        #expect(heard.side.claims(by: names)[.status]?.value == .status(.completed))
        #expect(heard.side.claims(by: names)[.step("pay")]?.value == .step(.completed))
        try heard.stand(in: "refund.ask", at: 5)
        #expect(heard.side.claims(by: names)[.status]?.value == .status(.running), "it began anew")
    }

    @Test func `of journeys and states that are not mapped says nothing`() throws {
        var heard = try HeardConversation()
        let elsewhere = [
            StatePosition(journey: "other", state: "refund.ask"), StatePosition(journey: "refund", state: "x"),
        ]
        try heard.say(
            .status(StatusContent(status: "ready", stage: "completed", positions: elsewhere)), at: 1, turn: "t")
        #expect(heard.side.claims(by: names).values == [.status: .status(.running)])
        #expect(heard.side.positions == ["other": "refund.ask", "refund": "x"])
    }

    @Test func `counts a state that nobody says the journey of`() throws {
        var heard = try HeardConversation()
        heard.hear(
            .stateEntered(StateEntered(journey: "", state: "refund.ask", turn: "t", cause: .turn)),
            Origin(GlobalPosition(1)))
        #expect(heard.side.claims(by: names)[.step("ask")]?.value == .step(.started))
    }

    @Test func `has ended only from a state that the journey ends in, where those are known`() throws {
        let ways: [(source: ElementID, target: ElementID)] = [
            ("refund.ask", "refund.pay"), ("refund.pay", JourneyState.end),
        ]
        let ending = MappedNames(
            workflowID: "refund", journeyID: "refund", states: ["ask": ["refund.ask"], "pay": ["refund.pay"]],
            graph: JourneyGraph(ways))
        var heard = try HeardConversation()
        try heard.stand(in: "refund.ask", at: 1)
        try heard.stand(in: nil, at: 2)
        #expect(
            heard.side.claims(by: ending)[.status]?.value == .status(.running), "the customer has changed the subject")
        #expect(heard.side.claims(by: names)[.status]?.value == .status(.completed), "nobody knows")
        try heard.stand(in: "refund.pay", at: 3)
        try heard.stand(in: JourneyState.end, at: 4)
        #expect(heard.side.claims(by: ending)[.status]?.value == .status(.completed))
    }

    @Test(arguments: SessionClosing.Reason.allCases)
    func `is cancelled when it is over before the end, and completed when it was over anyway`(
        _ reason: SessionClosing.Reason
    ) throws {
        var heard = try HeardConversation()
        try heard.stand(in: "refund.ask", at: 1)
        var ended = heard
        try heard.decide(.close(SessionClosing(reason: reason, at: second(2))))
        let status = heard.side.claims(by: names)[.status]
        #expect(status?.value == .status(.cancelled) && status?.origin.position.rawValue == heard.position)
        #expect(heard.side.isOver && heard.side.closing?.reason == reason)
        try ended.stand(in: nil, at: 2)
        let end = ended.position
        try ended.decide(.close(SessionClosing(reason: reason, at: second(3))))
        #expect(ended.side.claims(by: names)[.status]?.value == .status(.completed))
        #expect(ended.side.claims(by: names)[.status]?.origin.position.rawValue == end)
    }

    @Test func `was never in a state whose entering was taken back, and stands again in the one before`() throws {
        var heard = try HeardConversation()
        try heard.stand(in: "refund.ask", at: 1)
        try heard.stand(in: "refund.check", at: 2)
        try heard.stand(in: "refund.pay", at: 3)
        let stood = heard.side.claims(by: names)[.step("ask")]
        try heard.report(.rewound(from: 2, before: nil, observedAt: second(9)))
        let claims = heard.side.claims(by: names)
        #expect(claims.values == [.status: .status(.running), .step("ask"): .step(.started)])
        #expect(stood?.value == .step(.completed) && claims[.step("ask")]?.origin.position.rawValue == heard.position)
        try heard.stand(in: "refund.pay", at: 4)
        #expect(heard.side.claims(by: names)[.step("check")] == nil)
        try heard.report(.rewound(from: 0, before: nil, observedAt: second(10)))
        #expect(heard.side.claims(by: names).values == [.status: .status(.running)])
    }

    @Test func `has passed a state that it was in twice when only one visit is taken back`() throws {
        var heard = try HeardConversation()
        for (offset, state) in ["refund.ask", "refund.check", "refund.ask"].enumerated() {
            try heard.stand(in: ElementID(state), at: offset)
        }
        try heard.report(.rewound(from: 2, before: nil, observedAt: second(9)))
        let claims = heard.side.claims(by: names)
        #expect(claims[.step("ask")]?.value == .step(.completed) && claims[.step("check")]?.value == .step(.started))
    }

    @Test func `a turn that turns out to have failed has moved nothing`() throws {
        var heard = try HeardConversation()
        try heard.stand(in: "refund.ask", at: 1)
        try heard.stand(in: "refund.pay", at: 2)
        try heard.say(.status(StatusContent(status: "error", error: "KeyError")), at: 3, turn: "t2")
        #expect(heard.side.claims(by: names).values == [.status: .status(.running), .step("ask"): .step(.started)])
    }

    @Test func `an engine that keeps its place through a rewind has passed it once it goes on`() throws {
        var heard = try HeardConversation()
        try heard.stand(in: "refund.ask", at: 1)
        let gone = SessionRewind(from: 1, before: 2, at: second(5), turns: ["t1"], gone: [.completed: 1])
        heard.hear(.rewound(gone), Origin(GlobalPosition(10)))
        #expect(heard.side.claims(by: names)[.step("ask")]?.value == .step(.started))
        heard.hear(
            .stateLeft(StateLeft(journey: "refund", state: "refund.ask", next: "refund.pay", turn: "t2", cause: .turn)),
            Origin(GlobalPosition(11)))
        #expect(heard.side.claims(by: names)[.step("ask")]?.value == .step(.completed))
    }

    @Test func `knows from its binding where it stood, and nothing of how it came there`() throws {
        let history = SessionHistory(
            positions: [StatePosition(journey: "refund", state: "refund.check")], mode: .manual, messages: 4,
            turnsCompleted: 2, turnsFailed: 0, lastOffset: 17)
        let binding = SessionBinding(
            execution: "e1", session: "s1", mapping: MappingReference(id: "refund", version: 1), history: history)
        var heard = try HeardConversation()
        try heard.decide(.accept([.bound(binding)]))
        #expect(heard.side.claims(by: names).values == [.status: .status(.running), .step("check"): .step(.started)])
        #expect(heard.side.mode == .manual && heard.side.lastOffset == 17 && heard.side.mapping?.version == 1)
        var passed = heard
        try passed.stand(in: "refund.pay", at: 20)
        try passed.decide(
            .accept([
                .stateLeft(
                    StateLeft(journey: "refund", state: "refund.check", next: "refund.pay", turn: "t20", cause: .turn))
            ]))
        try passed.report(.rewound(from: 18, before: nil, observedAt: second(30)))
        #expect(passed.side.claims(by: names)[.step("check")] != nil, "the rewind has not reached it")
        let all = SessionRewind(from: 3, before: 99, at: second(31))
        let left = StateLeft(journey: "refund", state: "refund.check", next: nil, turn: nil, cause: .rewind)
        heard.hear(.rewound(all), Origin(GlobalPosition(50)))
        #expect(heard.side.claims(by: names)[.step("check")]?.value == .step(.started), "nobody has said that it left")
        heard.hear(.stateLeft(left), Origin(GlobalPosition(51)))
        #expect(heard.side.claims(by: names).values == [.status: .status(.running)])
    }
}
