import EventModel
import EventSourcingTesting
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `A plan for sides that cannot be told everything` {
    private func plan(
        _ rule: Rule, owner: Side? = nil, otherwise: Otherwise = .manual, _ write: (inout Written) throws -> Void
    ) throws -> Plan {
        var written = Written()
        try write(&written)
        let policy = Policy(
            name: "one", version: 1, rules: [PolicyRule(.everything, rule, owner: owner, otherwise: otherwise)])
        return Plan(written.sides, under: policy, telling: .engines)
    }

    /// The conversation has set a variable, which no run takes from outside.
    private func variableSet(_ written: inout Written) throws {
        try written.agree("variables/v", FieldValue(1))
        try written.say(.workflow, "variables/v", FieldValue(1))
        try written.say(.journey, "variables/v", FieldValue(2))
    }

    @Test func `a change that the other side cannot be told is decided by the rule as if both had made one`() throws {
        let back = try plan(.workflowWins, variableSet)
        #expect(back.settlements.map(\.outcome) == [.stands(FieldValue(1), winner: .workflow)])
        #expect(back.settlements.map(\.rule) == [0], "the rule has decided")
        #expect(back.orders.map(\.side) == [.journey] && back.orders.first?.value == FieldValue(1))
        let refused = try plan(.refuse, variableSet)
        #expect(refused.settlements.map(\.outcome) == [.stands(FieldValue(1), winner: nil)])
    }

    @Test(arguments: [Rule.journeyWins, .latest, .max, .manual, .union])
    func `where the rule's winner cannot be told either, a person decides`(_ rule: Rule) throws {
        let plan = try plan(rule, variableSet)
        #expect(plan.settlements.map(\.outcome) == [.waits(.unsettable)])
        #expect(plan.orders.isEmpty && plan.waiting.count == 1)
        #expect(plan.agreement[try FieldPath("variables/v")] == FieldValue(1), "what was agreed on stays")
    }

    @Test func `or the difference is accepted where the rule says so, and is found no more until a side moves`() throws
    {
        var written = Written()
        try variableSet(&written)
        let policy = Policy(
            name: "one", version: 1, rules: [PolicyRule(.everything, .journeyWins, otherwise: .accept)])
        let plan = Plan(written.sides, under: policy, telling: .engines)
        #expect(plan.settlements.map(\.outcome) == [.accepted] && plan.settlements.map(\.rule) == [0])
        #expect(plan.orders.isEmpty && plan.waiting.isEmpty)
        let path = try FieldPath("variables/v")
        let difference = Agreement.Difference(path, workflow: FieldValue(1), journey: FieldValue(2))
        #expect(plan.agreement.accepted == [difference] && plan.agreement[path] == FieldValue(1))
        written.base = plan.agreement
        #expect(written.findings().isEmpty && Comparison(written.sides).isConverged)
        var moved = written
        try moved.say(.workflow, "variables/v", FieldValue(3))
        #expect(moved.findings().map(\.kind) == [.conflict])
        try moved.say(.workflow, "variables/v", FieldValue(2))
        let agreed = Plan(moved.sides, under: policy, telling: .engines)
        #expect(agreed.agreement.accepted.isEmpty, "what is agreed on needs no leave to differ")
        moved.base = agreed.agreement
        try moved.say(.workflow, "variables/v", FieldValue(1))
        #expect(moved.findings().count == 1, "nor does an old leave hold for a new difference")
    }

    @Test func `an owner's change that the other cannot be told does not become the other's`() throws {
        #expect(try plan(.workflowWins, owner: .journey, variableSet).waiting.map(\.outcome) == [.waits(.unsettable)])
        let accepted = try plan(.workflowWins, owner: .journey, otherwise: .accept, variableSet)
        #expect(accepted.settlements.map(\.outcome) == [.accepted])
        let back = try plan(.journeyWins, owner: .workflow, variableSet)
        #expect(back.orders.map(\.side) == [.journey])
    }

    @Test func `a conflict whose winner can be told is settled, and one whose winner cannot is not`() throws {
        func conflict(_ written: inout Written) throws {
            try written.agree("status", .status(.running))
            try written.say(.workflow, "status", .status(.completed))
            try written.say(.journey, "status", .status(.cancelled))
        }
        #expect(try plan(.workflowWins, conflict).waiting.map(\.outcome) == [.waits(.unsettable)], "it is over")
        #expect(try plan(.journeyWins, conflict).waiting.map(\.outcome) == [.waits(.unsettable)], "so is the run")
        func broken(_ written: inout Written) throws {
            try written.agree("status", .status(.running))
            try written.say(.workflow, "status", .status(.waiting))
            try written.say(.journey, "status", .status(.cancelled))
        }
        let cancelled = try plan(.furthest, broken)
        #expect(cancelled.orders.map(\.side) == [.workflow] && cancelled.orders.first?.value == .status(.cancelled))
    }

    @Test func `what a side says already need not be told`() throws {
        let union = try plan(.union) { written in
            try written.agree("variables/v", FieldValue([1]))
            try written.say(.workflow, "variables/v", FieldValue([1, 2, 3]))
            try written.say(.journey, "variables/v", FieldValue([1, 3]))
        }
        #expect(union.settlements.map(\.outcome) == [.stands(FieldValue([1, 2, 3]), winner: nil)])
        let ended = try plan(.manual) { written in
            try written.agree("status", .status(.running))
            try written.say(.workflow, "status", .status(.failed))
            try written.say(.journey, "status", .status(.running))
        }
        #expect(ended.orders.map(\.side) == [.journey], "told in its words: a journey is left")
    }

    @Test func `a wait that the conversation has passed is passed on while the run waits there`() throws {
        var written = Written()
        try written.say(.workflow, "status", .status(.waiting))
        try written.say(.journey, "status", .status(.running))
        try written.agree("status", .status(.waiting))
        try written.agree("steps/ask", .step(.started))
        try written.say(.workflow, "steps/ask", .step(.started))
        try written.say(.journey, "steps/ask", .step(.completed))
        try written.say(.journey, "inputs/ask", FieldValue(["name": "Ada"]))
        var sides = written.sides
        sides.waitsAt = ElementID("ask")
        let policy = Policy(name: "none", version: 1, rules: [])
        #expect(
            Plan(sides, under: policy, telling: .engines).orders.map(\.path.description) == ["steps/ask", "inputs/ask"])
        sides.waitsAt = ElementID("pay")
        #expect(
            Plan(sides, under: policy, telling: .engines).waiting.map(\.outcome) == [
                .waits(.unsettable), .waits(.unsettable),
            ])
    }
}

@Suite struct `Generated capabilities` {
    /// What no side can be told stays as it is; everything else comes to rest, whatever can be told when.
    @Test(arguments: `A plan`.policies + `A plan`.accepting, 0..<60 as Range<UInt64>)
    func `let both sides agree once they have obeyed, but for what waits and what was accepted`(
        _ policy: Policy, _ seed: UInt64
    ) {
        var random = RandomSides(seed: seed)
        for _ in 0..<5 {
            var sides = random.next()
            let telling = random.telling()
            let ownership = random.ownership()
            var plan = Plan(sides, under: policy, ownership: ownership, telling: telling)
            // A status that one side was told can make more or less tellable, once.
            for _ in 0..<3 {
                checkOrders(of: plan, sides, telling, seed)
                sides = sides.obeying(plan)
                plan = Plan(sides, under: policy, ownership: ownership, telling: telling)
            }
            #expect(plan.orders.isEmpty && plan.agreement == sides.base, "\(policy.name) \(seed)")
            #expect(plan.settlements == plan.waiting, "\(policy.name) \(seed)")
        }
    }

    /// No order is for a side that cannot take it, and what can be told by a rule that always has an answer does not wait.
    private func checkOrders(of plan: Plan, _ sides: Comparison.Sides, _ telling: Telling, _ seed: UInt64) {
        for order in plan.orders {
            let isWorkflow = order.side == .workflow
            let words = isWorkflow ? sides.workflowWords : sides.journeyWords
            let claims = isWorkflow ? sides.workflow : sides.journey
            guard case .status(let status)? = claims[.status]?.value ?? .status(.queued) else { continue }
            #expect(
                telling[order.side].canTell(
                    order.path, order.value.flatMap(words.word), at: claims[.status] == nil ? nil : status,
                    waitingAt: isWorkflow ? sides.waitsAt : nil), "\(order.path) \(seed)")
        }
    }

    @Test func `that forbid everything leave both sides alone`() {
        let nothing = Telling(workflow: Capabilities([]), journey: Capabilities([]))
        var random = RandomSides(seed: 7)
        for policy in `A plan`.policies {
            let sides = random.next()
            let plan = Plan(sides, under: policy, telling: nothing)
            #expect(plan.orders.isEmpty)
            #expect(Plan(sides.obeying(plan), under: policy, telling: nothing).agreement == plan.agreement)
        }
    }
}
