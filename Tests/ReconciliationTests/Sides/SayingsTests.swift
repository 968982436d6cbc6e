import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import Testing
import WorkflowDomain

@testable import Reconciliation

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
