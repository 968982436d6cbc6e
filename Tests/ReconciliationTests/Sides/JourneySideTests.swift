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
        let ending = MappedNames(
            workflowID: "refund", journeyID: "refund", states: ["ask": ["refund.ask"], "pay": ["refund.pay"]],
            lastStates: ["refund.pay"])
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

@Suite struct `What is said in a conversation` {
    private func values(_ values: JSONValue) -> EventContent { .custom(["lockstep": ["values": values]]) }
    private func value(_ heard: HeardConversation, _ name: ElementID) -> Claim? {
        heard.side.claims(by: names)[FieldPath(.variables, [name])]
    }

    @Test func `gives variables by their keys, the highest offset last`() throws {
        var heard = try HeardConversation()
        try heard.say(values(["total": 2, "customer_name": "Ada", "unknown": 1]), at: 5)
        let first = value(heard, "total")
        try heard.say(values(["total": 1]), at: 3)
        #expect(value(heard, "total") == first && first?.value == FieldValue(2))
        #expect(value(heard, "who")?.value == FieldValue("Ada"))
        try heard.say(values(["total": 2]), at: 6)
        #expect(value(heard, "total") == first, "repeated, so its origin stays")
        #expect(heard.side.claims(by: names).all.filter { $0.path.root == .variables }.count == 2)
    }

    private func told(_ value: JSONValue, behind: JSONValue) -> EventContent {
        .custom(["lockstep": ["values": ["total": value], "behind": ["values": ["total": behind]]]])
    }

    @Test func `told in place of a word gives way to what was said meanwhile, whichever comes first`() throws {
        for offsets in [(customer: 3, message: 4), (customer: 4, message: 3)] {
            var heard = try HeardConversation()
            try heard.say(values(["total": 1]), at: 2)
            try heard.say(told(9, behind: 2), at: offsets.message)
            #expect(value(heard, "total")?.value == FieldValue(9), "it takes the place of the word")
            try heard.say(values(["total": 5]), at: offsets.customer)
            #expect(value(heard, "total")?.value == FieldValue(5), "nobody had heard that when it was decided")
            try heard.say(told(7, behind: .number(JSONNumber(offsets.customer))), at: 5)
            #expect(value(heard, "total")?.value == FieldValue(7))
        }
    }

    @Test func `told twice in place of one word is what was told last`() throws {
        var heard = try HeardConversation()
        try heard.say(told(2, behind: -1), at: 8)
        try heard.say(told(1, behind: -1), at: 7)
        #expect(value(heard, "total")?.value == FieldValue(2))
        try heard.say(values(["total": 3]), at: 0)
        #expect(value(heard, "total")?.value == FieldValue(3))
    }

    @Test(arguments: [99, .number(JSONNumber(Int.max)), "2", .null, ["1"], [], [:]] as [JSONValue])
    func `told behind what is no offset before its own counts where it stands`(_ behind: JSONValue) throws {
        var heard = try HeardConversation()
        try heard.say(values(["total": 1]), at: 2)
        try heard.say(told(9, behind: behind), at: 3)
        #expect(value(heard, "total")?.value == FieldValue(9))
        try heard.say(values(["total": 5]), at: 4)
        #expect(value(heard, "total")?.value == FieldValue(5))
    }

    @Test func `told for two states of one block at once is one of both, the same wherever it is read`() throws {
        var told: [FieldValue] = []
        for _ in 0..<20 {
            var heard = try HeardConversation()
            let inputs: JSONValue = ["refund.pay": ["mail": "a"], "refund.pay.2": ["mail": "b"]]
            try heard.say(.custom(["lockstep": ["inputs": inputs]]), at: 1)
            if let value = heard.side.claims(by: names)[FieldPath(.inputs, ["pay"])]?.value, !told.contains(value) {
                told.append(value)
            }
        }
        #expect(told.count == 1)
    }

    @Test func `about to be told counts behind the words that are known`() throws {
        func input(_ value: JSONValue, _ state: ElementID) -> EventContent {
            .input(CollectedInput(name: "mail", value: value, journey: "refund", state: state))
        }
        var heard = try HeardConversation()
        try heard.say(values(["total": 1]), at: 2)
        try heard.say(input("a", "refund.pay"), at: 4)
        try heard.say(input("b", "refund.pay.2"), at: 3)
        let telling = Effect.Told(
            values: ["total": 9, "who": "Ada"],
            inputs: ["refund.pay": ["mail": "c", "phone": 1], "elsewhere": ["x": 1]])
        let behind = heard.side.sayings.places(for: telling, by: names)
        #expect(
            behind == [
                "inputs": ["refund.pay": ["mail": 4, "phone": -1], "elsewhere": ["x": -1]],
                "values": ["total": 2, "who": -1],
            ])
        let message = Effect.Told(values: telling.values, inputs: telling.inputs, behind: behind).message(of: UUID())
        try heard.say(.custom(["lockstep": .object(message)]), at: 9)
        #expect(value(heard, "total")?.value == FieldValue(9))
        let inputs = heard.side.claims(by: names)[FieldPath(.inputs, ["pay"])]
        #expect(inputs?.value == FieldValue(["mail": "c", "phone": 1]))
        try heard.say(input("d", "refund.pay.2"), at: 5)
        let later = heard.side.claims(by: names)[FieldPath(.inputs, ["pay"])]
        #expect(later?.value == FieldValue(["mail": "d", "phone": 1]))
        let next = heard.side.sayings.places(for: Effect.Told(values: ["total": 10]), by: names)
        #expect(next == ["values": ["total": 2]], "behind the word, not behind what it was told in its place")
    }

    @Test func `is taken back with its event, whenever that arrives`() throws {
        var heard = try HeardConversation()
        try heard.say(values(["total": 1]), at: 1)
        try heard.say(values(["total": 2]), at: 2)
        try heard.report(.rewound(from: 2, before: 4, observedAt: second(9)))
        #expect(value(heard, "total")?.value == FieldValue(1))
        #expect(value(heard, "total")?.origin.position.rawValue == heard.position)
        try heard.say(values(["total": 3]), at: 3)
        #expect(value(heard, "total")?.value == FieldValue(1))
        try heard.report(.rewound(from: 0, before: nil, observedAt: second(10)))
        #expect(value(heard, "total") == nil)
    }

    @Test func `of a dead turn does not count, when that shows later`() throws {
        var heard = try HeardConversation()
        try heard.report(.rewound(from: 4, before: 5, observedAt: second(1)))
        try heard.say(values(["total": 1]), at: 6, turn: "t")
        #expect(value(heard, "total") != nil)
        try heard.say(.message(MessageContent(text: "hello")), at: 4, turn: "t")
        #expect(value(heard, "total") == nil)
    }

    @Test func `of any other form is nothing`() throws {
        var heard = try HeardConversation()
        let odd: [JSONValue] = [
            .null, 1, "lockstep", [], [:], ["lockstep": 1], ["lockstep": ["values": [1], "effect": 7]],
            ["lockstep": ["effect": "not an id"]], ["lockstep": ["values": .null, "effect": .null]],
            ["lockstep": ["effect": .string(String(repeating: "f", count: 100_000))]],
        ]
        for (offset, data) in odd.enumerated() { try heard.say(.custom(data), at: offset) }
        #expect(heard.side.claims(by: names).values == [.status: .status(.running)] && heard.side.echoes.isEmpty)
    }

    @Test func `is remembered within limits`() throws {
        var side = JourneySide()
        func hear(_ offset: Int, _ data: JSONValue) {
            side.receive(.reported(said(.custom(data), at: offset)), at: Origin(GlobalPosition(Int64(offset + 1))))
        }
        let many = (0...SideLimits.names).map { JSONObject.Member(key: "k\($0)", value: 1) }
        hear(0, ["lockstep": ["values": .object(JSONObject(many))]])
        #expect(side.sayings.values.count == SideLimits.names)
        for offset in 1...2 * SideLimits.tellings {
            hear(offset, ["lockstep": ["values": ["k1": .number(JSONNumber(offset))]]])
        }
        #expect(side.sayings.values["k1"]?.value == .number(JSONNumber(2 * SideLimits.tellings)))
        var ids: [String] = []
        for offset in 1_000..<1_001 + SideLimits.echoes {
            ids.append(UUID().uuidString)
            hear(offset, ["lockstep": ["effect": .string(ids[ids.count - 1])]])
        }
        #expect(side.echoes.count == SideLimits.echoes)
        #expect(!side.echoes.contains(ids[0].lowercased()) && side.echoes.contains(ids[ids.count - 1].lowercased()))
    }

    @Test func `echoes effects, and an echo outlives a rewind`() throws {
        var heard = try HeardConversation()
        let id = "0199F2A0-0000-7000-8000-00000000000A"
        try heard.say(.custom(["lockstep": ["effect": .string(id), "values": ["total": 1]]]), at: 1)
        try heard.report(.rewound(from: 0, before: nil, observedAt: second(9)))
        #expect(heard.side.echoes == [id.lowercased()] && value(heard, "total") == nil)
        let forced = "0199f2a0-0000-7000-8000-00000000000b"
        heard.hear(
            .stateEntered(StateEntered(journey: "refund", state: "refund.pay", turn: forced, cause: .path)),
            Origin(GlobalPosition(20)))
        #expect(heard.side.echoes.contains(forced))
    }

    @Test func `gives the inputs of a block by their names`() throws {
        var heard = try HeardConversation()
        func input(_ name: String, _ value: JSONValue, _ state: ElementID?, journey: String? = "refund") -> EventContent
        {
            .input(CollectedInput(name: name, value: value, journey: journey, state: state))
        }
        try heard.say(input("iban", "DE1", "refund.pay"), at: 1)
        try heard.say(input("when", "now", "refund.pay.2", journey: nil), at: 2)
        try heard.say(input("iban", "DE2", "refund.pay.2"), at: 3)
        try heard.say(input("iban", "DE0", "refund.pay"), at: 0)
        try heard.say(input("iban", "other", "refund.pay", journey: "claim"), at: 4)
        try heard.say(input("stray", 1, nil), at: 5)
        let claim = heard.side.claims(by: names)[FieldPath(.inputs, ["pay"])]
        #expect(claim?.value == FieldValue(["iban": "DE2", "when": "now"]))
        try heard.report(.rewound(from: 3, before: nil, observedAt: second(9)))
        let after = heard.side.claims(by: names)[FieldPath(.inputs, ["pay"])]
        #expect(after?.value == FieldValue(["iban": "DE1", "when": "now"]))
        #expect(after?.origin.position.rawValue == heard.position)
    }

    @Test func `of which the value was erased is hidden, and still has its name`() throws {
        var heard = try HeardConversation()
        let erased = SealedValue.erased(subject: "customer:7")
        heard.hear(
            .reported(said(.input(CollectedInput(name: "iban", value: erased, state: "refund.pay")), at: 1)),
            Origin(GlobalPosition(1)))
        let value = heard.side.claims(by: names)[FieldPath(.inputs, ["pay"])]?.value
        guard case .content(let data)? = value else {
            Issue.record("\(String(describing: value))")
            return
        }
        #expect(data["iban"].map { FieldValue($0) } == .hidden)
    }
}
