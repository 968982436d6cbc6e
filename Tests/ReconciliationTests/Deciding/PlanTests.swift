import EventModel
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `A plan` {
    static let policies: [Policy] =
        Rule.allCases.map { rule in
            Policy(name: rule.rawValue, version: 1, rules: [PolicyRule(.everything, rule)])
        } + [Policy(name: "none", version: 1, rules: [])]
        + Side.allCases.map { owner in
            Policy(name: "\(owner) owns", version: 1, rules: [PolicyRule(.everything, .manual, owner: owner)])
        }

    /// The same rules, where a difference that cannot be told of may stay.
    static let accepting: [Policy] = [Rule.latest, .journeyWins, .refuse, .manual].map { rule in
        Policy(
            name: "\(rule.rawValue), accepting", version: 1,
            rules: [PolicyRule(.everything, rule, otherwise: .accept)])
    }

    /// What a person has to decide stays; everything else is settled for good.
    @Test(arguments: policies, 0..<60 as Range<UInt64>)
    func `once both sides have obeyed, they agree, and a second one has nothing to say`(
        _ policy: Policy, _ seed: UInt64
    ) {
        var random = RandomSides(seed: seed)
        for _ in 0..<5 {
            let sides = random.next()
            let plan = Plan(sides, under: policy)
            let after = sides.obeying(plan)
            let second = Plan(after, under: policy)
            #expect(second.orders.isEmpty && second.agreement == plan.agreement, "\(policy.name) \(seed)")
            #expect(
                second.settlements.map(\.finding.path) == plan.waiting.map(\.finding.path), "\(policy.name) \(seed)")
        }
    }

    @Test(arguments: policies, 0..<60 as Range<UInt64>)
    func `loses no side's last word: it stands, or it is in a settlement beside what stands`(
        _ policy: Policy, _ seed: UInt64
    ) {
        var random = RandomSides(seed: seed)
        let sides = random.next()
        let plan = Plan(sides, under: policy)
        for (side, claims) in [(Side.workflow, sides.workflow), (.journey, sides.journey)] {
            for claim in claims.all {
                let settled = plan.settlements.filter { $0.finding.path.field == claim.path }
                let isBase = sides.base[claim.path].map { base in
                    base == claim.value || Vocabulary.conversation.word(for: base) == claim.value
                }
                let isKept = settled.contains { settlement in
                    var data: FieldValue? = claim.value
                    for name in settlement.finding.path.members {
                        if case .content(let value)? = data { data = value[name.text].map(FieldValue.init) }
                    }
                    return settlement.finding[side] == data
                }
                #expect(isBase == true || isKept || plan.agreement[claim.path] == claim.value, "\(claim.path) \(seed)")
            }
        }
    }

    @Test func `is the same whatever the order in which claims were made`() {
        var random = RandomSides(seed: 3)
        for _ in 0..<50 {
            let sides = random.next()
            var shuffled = sides
            shuffled.workflow = Claims(sides.workflow.all.shuffled())
            shuffled.journey = Claims(sides.journey.all.shuffled())
            #expect(Plan(shuffled, under: Self.policies[2]) == Plan(sides, under: Self.policies[2]))
        }
    }

    @Test func `data of ten thousands of members is gone through once, whatever has become of them`() throws {
        func data(_ changed: (Int) -> JSONValue?) -> FieldValue {
            var members: [JSONObject.Member] = []
            for number in 0..<10_000 {
                if let value = changed(number) {
                    members.append(JSONObject.Member(key: "m\(100_000 + number)", value: value))
                }
            }
            return FieldValue(["all": .object(JSONObject(members))])
        }
        var written = Written()
        try written.agree("variables/v", data { _ in 0 })
        try written.say(.workflow, "variables/v", data { $0 % 3 == 0 ? 1 : $0 % 3 == 1 ? nil : 0 })
        try written.say(.journey, "variables/v", data { $0 % 3 == 2 ? 2 : 0 })
        let plan = Plan(written.sides, under: Self.policies[2])
        #expect(plan.agreement[try FieldPath("variables/v")] == data { $0 % 3 == 0 ? 1 : $0 % 3 == 1 ? nil : 2 })
        #expect(plan.orders.count == 10_000)
    }

    @Test func `passes on what one side has changed, and tells it only to the other`() throws {
        var written = Written()
        try written.agree("steps/ask", .step(.started))
        try written.say(.workflow, "steps/ask", .step(.failed))
        try written.say(.journey, "steps/ask", .step(.started))
        let plan = Plan(written.sides, under: Policy(name: "none", version: 1, rules: []))
        #expect(plan.orders.map(\.side) == [.journey] && plan.orders.first?.value == .step(.failed))
        #expect(plan.orders.first?.present == .step(.started))
        #expect(plan.agreement[.step(ElementID("ask"))] == .step(.failed))
    }

    @Test func `an owner's change stands, and a change of the other is taken back`() throws {
        var written = Written()
        try written.agree("variables/v", FieldValue(1))
        try written.say(.workflow, "variables/v", FieldValue(1))
        try written.say(.journey, "variables/v", FieldValue(2))
        let owned = Policy(name: "owned", version: 1, rules: [PolicyRule(.everything, .manual, owner: .workflow)])
        let plan = Plan(written.sides, under: owned)
        #expect(plan.orders.map(\.side) == [.journey] && plan.orders.first?.value == FieldValue(1))
        #expect(plan.agreement == written.base)
    }

    private func outcome(
        _ rule: Rule, base: FieldValue? = nil, _ workflow: FieldValue?, _ journey: FieldValue?,
        at path: String = "variables/v"
    ) throws -> Settlement.Outcome? {
        var written = Written()
        if let base { try written.agree(path, base) }
        if let workflow { try written.say(.workflow, path, workflow) }
        if let journey { try written.say(.journey, path, journey) }
        let policy = Policy(name: "one", version: 1, rules: [PolicyRule(.everything, rule)])
        return Plan(written.sides, under: policy).settlements.first?.outcome
    }

    @Test func `every rule decides as it is called`() throws {
        let (one, two, three) = (FieldValue(1), FieldValue(2), FieldValue(3))
        #expect(try outcome(.workflowWins, base: one, two, three) == .stands(two, winner: .workflow))
        #expect(try outcome(.journeyWins, base: one, two, three) == .stands(three, winner: .journey))
        #expect(try outcome(.latest, base: one, two, three) == .stands(three, winner: .journey))
        #expect(try outcome(.first, base: one, two, three) == .stands(two, winner: .workflow))
        #expect(try outcome(.max, base: one, two, three) == .stands(three, winner: .journey))
        #expect(try outcome(.min, base: one, two, three) == .stands(two, winner: .workflow))
        #expect(try outcome(.refuse, base: one, two, three) == .stands(one, winner: nil))
        #expect(try outcome(.manual, base: one, two, three) == .waits(.manual))
        #expect(
            try outcome(.union, base: FieldValue([1]), FieldValue([1, 3]), FieldValue([2, 1]))
                == .stands(FieldValue([1, 2, 3]), winner: nil))
        #expect(try outcome(.union, base: one, nil, three) == .stands(three, winner: .journey))
        #expect(
            try outcome(.furthest, base: .status(.running), .status(.completed), nil, at: "status")
                == .stands(.status(.completed), winner: .workflow))
    }

    @Test func `a settlement names the rule that has decided, and none where nothing was to decide`() throws {
        var written = Written()
        try written.agree("steps/a", .step(.started))
        try written.say(.workflow, "steps/a", .step(.completed))
        try written.say(.journey, "steps/a", .step(.started))
        try written.say(.workflow, "variables/v", FieldValue(1))
        try written.say(.journey, "variables/v", FieldValue(2))
        let plan = Plan(written.sides, under: Self.policies[2])
        #expect(plan.settlements.map(\.rule) == [nil, 0])
    }

    @Test func `where neither is to stand and the base cannot be read, a person decides`() throws {
        #expect(try outcome(.refuse, base: .hidden, FieldValue(1), FieldValue(2)) == .waits(.unreadable))
    }

    @Test func `a rule that has no answer leaves it to a person`() throws {
        let (one, two) = (FieldValue(1), FieldValue(2))
        #expect(try outcome(.latest, base: one, nil, two) == .waits(.undecided), "nobody knows when it was taken away")
        #expect(try outcome(.max, base: one, FieldValue("many"), two) == .waits(.undecided))
        let (large, larger) = (FieldValue(9_007_199_254_740_992), FieldValue(9_007_199_254_740_993))
        #expect(try outcome(.max, base: one, larger, large) == .stands(larger, winner: .workflow))
        #expect(try outcome(.union, base: FieldValue(0), one, two) == .waits(.undecided))
        #expect(
            try outcome(.furthest, base: .status(.running), .status(.failed), .status(.completed), at: "status")
                == .waits(.undecided), "two ends: neither is further")
        let none = Policy(name: "none", version: 1, rules: [])
        var written = Written()
        try written.say(.workflow, "variables/v", one)
        try written.say(.journey, "variables/v", two)
        #expect(Plan(written.sides, under: none).waiting.map(\.outcome) == [.waits(.noRule)])
    }
}
