import EventModel
import EventSourcingTesting
import Schemas
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `A check of a policy` {
    private func check(_ rules: String) -> PolicyCheck {
        PolicyCheck(yaml: Array("policy: p\nversion: 1\nrules:\n\(rules)\n".utf8))
    }

    @Test(arguments: [
        (
            "{path: variables/**, rule: journey_wins}",
            "journey_wins can never be carried out: the workflow cannot be told"
        ),
        ("{path: variables/v, rule: manual, owner: journey}", "owner: journey can never be carried out"),
        ("{path: variables/**, rule: journey_wins, otherwise: accept}", "journey_wins can never be carried out"),
        ("{path: variables/**, rule: refuse}", "refuse can never be carried out: the workflow cannot be told"),
    ])
    func `refuses a rule that no engine can ever carry out, with its line and the reason`(
        _ rule: String, _ message: String
    ) {
        let check = check("  - \(rule)")
        #expect(check.flaws.count == 1 && check.flaws.first?.line == 4 && check.flaws.first?.place == "rules[0]")
        #expect(check.flaws.first?.message.contains(message) == true, "\(check.flaws)")
        #expect(check.flaws.first?.message.contains("nobody can set them from outside") == true)
    }

    @Test(arguments: [
        ("{path: steps/*, rule: journey_wins}", "steps/* completed while it is waiting, of the block where it waits"),
        ("{path: status, rule: workflow_wins}", "status cancelled or completed while it is running"),
        (
            "{path: variables/**, rule: latest}",
            "the workflow can be told never of variables/*/**; else a person decides"
        ),
        ("{path: variables/**, rule: union, otherwise: accept}", "else the sides may differ"),
        ("{path: \"**\", rule: journey_wins}", "inputs/*/** while it is waiting"),
    ])
    func `warns of a rule that can be carried out at times, and says when`(_ rule: String, _ message: String) {
        let check = check("  - \(rule)")
        #expect(check.flaws.isEmpty && check.warnings.count == 1 && check.warnings.first?.line == 4)
        #expect(check.warnings.first?.message.contains(message) == true, "\(check.warnings)")
    }

    @Test(arguments: [
        "{path: variables/**, rule: workflow_wins}", "{path: inputs/**, rule: manual, owner: workflow}",
        "{path: \"**\", rule: manual}", "{path: status, rule: manual}",
    ])
    func `has nothing to say of a rule that can always be carried out`(_ rule: String) {
        let check = check("  - \(rule)")
        #expect(check.flaws.isEmpty && check.warnings.isEmpty, "\(check.warnings)")
    }

    @Test func `says where there is never anything to decide`() {
        let check = check("  - {path: outputs/**, rule: workflow_wins}")
        #expect(check.warnings.map(\.message) == ["nothing to decide: only the workflow has words for outputs/**"])
    }

    @Test func `names the line of everything that is wrong, and of what is missing the line of where it should be`() {
        let text = """
            policy: p
            version: 0
            rules:
              - path: steps/*
                rule: fastest
              - rule: latest

              - path: status
                rule: union
            colour: red
            """
        let flaws = PolicyCheck(yaml: Array(text.utf8)).flaws
        #expect(flaws.map(\.line) == [2, 5, 6, 9, 10])
    }

    @Test func `says of sound rules that they cannot be carried out although others are not understood`() {
        let check = check("  - {path: variables/**, rule: journey_wins}\n  - {path: status, rule: fastest}")
        #expect(check.policy == nil && check.flaws.map(\.line) == [4, 5])
    }

    @Test func `only rules that its own engines cannot carry out are refused`() throws {
        let policy = Policy(name: "p", version: 1, rules: [PolicyRule(try PathPattern("variables/**"), .journeyWins)])
        #expect(PolicyCheck(policy, telling: .everything).flaws.isEmpty)
        #expect(PolicyCheck(policy, telling: .everything).warnings.isEmpty)
        let never = Capabilities([
            .init(.everything, .settableWhen([]), because: "at no time")
        ])
        #expect(PolicyCheck(policy, telling: Telling(workflow: never, journey: .everything)).flaws.count == 1)
        #expect(
            PolicyCheck(policy, telling: Telling(workflow: Capabilities([]), journey: .everything)).flaws.count == 1)
    }

    /// What the check says can never be told is told in no situation, and what it says nothing about always is.
    @Test(arguments: Rule.allCases, Side.allCases.map(Optional.some) + [nil])
    func `agrees with what happens in the situations that it shows`(_ rule: Rule, _ owner: Side?) {
        for pattern in FieldPath.Root.allCases.map(PathPattern.data) {
            let policy = Policy(name: "p", version: 1, rules: [PolicyRule(pattern, rule, owner: owner)])
            let check = PolicyCheck(policy)
            for situation in Situation.all {
                guard let settlement = situation.rehearse(policy).settlements.first, settlement.rule == 0 else {
                    continue
                }
                if check.flaws.isEmpty && check.warnings.isEmpty {
                    #expect(
                        settlement.outcome != .waits(.unsettable) || rule == .manual, "\(pattern) \(situation.name)")
                }
                if !check.flaws.isEmpty, let owner, settlement.finding.side == owner {
                    #expect(settlement.outcome == .waits(.unsettable), "\(pattern) \(situation.name)")
                }
            }
        }
    }
}

@Suite struct `The default policy` {
    @Test func `has no flaw, gives a reason for every rule, and decides about every field`() throws {
        let check = PolicyCheck(yaml: Schemas.defaultPolicy)
        #expect(check.flaws.isEmpty, "\(check.flaws)")
        let policy = try #require(check.policy)
        #expect(policy.name == "default" && policy.scope == PolicyScope())
        #expect(policy.rules.allSatisfy { $0.reason?.isEmpty == false })
        #expect(policy.rules.last?.pattern == .everything)
    }

    @Test func `cancels no run, overwrites nothing that a person has said, and lets nothing drift apart unseen`() throws
    {
        let policy = try Policy(yaml: Schemas.defaultPolicy)
        for situation in Situation.all {
            let plan = situation.rehearse(policy)
            #expect(!plan.orders.contains { $0.side == .workflow && $0.path == .status }, "\(situation.name)")
            #expect(!plan.settlements.contains { $0.outcome == .accepted }, "\(situation.name)")
            for order in plan.orders where order.path.root == .inputs || order.path.root == .variables {
                #expect(
                    order.present == situation.sides.base[order.path], "\(situation.name): \(order.side) had changed it"
                )
            }
        }
    }

    @Test(arguments: ["default", "latest", "order_desk", "refund_desk"])
    func `and the examples beside it are understood, and can be carried out`(_ name: String) throws {
        let check = PolicyCheck(yaml: try ProjectFiles.bytes(ProjectFiles.path("Schemas/policies/\(name).yaml")))
        #expect(check.flaws.isEmpty, "\(check.flaws)")
    }
}

@Suite struct `Situations` {
    @Test func `differ in one field each, and are of every kind of field that both sides know`() {
        for situation in Situation.all {
            let findings = Comparison(situation.sides).findings
            #expect(findings.count == 1 && findings.first?.isDivergence == true, "\(situation.name)")
        }
        let roots = Set(Situation.all.compactMap { Comparison($0.sides).findings.first?.path.root })
        #expect(roots == [.status, .steps, .variables, .inputs])
        let kinds = Set(Situation.all.compactMap { Comparison($0.sides).findings.first?.kind })
        #expect(kinds == [.changed, .waitPassed, .conflict])
    }
}
