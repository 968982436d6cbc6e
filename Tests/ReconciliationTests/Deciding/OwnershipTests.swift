import EventModel
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `Ownership of fields` {
    private func handover(_ pattern: String, to owner: Side?, at position: Int64, by actor: String) throws
        -> Ownership.Handover
    {
        Ownership.Handover(try PathPattern(pattern), to: owner, since: Origin(GlobalPosition(position), actor: actor))
    }

    private func ownership() throws -> Ownership {
        Ownership([
            try handover("variables/**", to: .workflow, at: 30, by: "ada"),
            try handover("variables/total", to: .journey, at: 10, by: "bob"),
            try handover("variables/total", to: nil, at: 50, by: "eve"),
        ])
    }

    @Test func `is the latest hand-over's, and can be asked for any time`() throws {
        let ownership = try ownership()
        let total = try FieldPath("variables/total")
        #expect(ownership.owner(of: total, at: GlobalPosition(9)) == nil, "nobody's yet")
        #expect(ownership.owner(of: total, at: GlobalPosition(10)) == .journey, "from its own event on")
        #expect(ownership.owner(of: total, at: GlobalPosition(29)) == .journey)
        #expect(ownership.owner(of: total, at: GlobalPosition(30)) == .workflow)
        #expect(ownership.owner(of: total) == nil, "given back to the policy")
        #expect(ownership.owner(of: try FieldPath("variables/name/first")) == .workflow)
        #expect(ownership.owner(of: .status) == nil)
        let place = try #require(ownership.handover(of: total, at: GlobalPosition(49)))
        #expect(ownership.handovers[place].since.actor == "ada")
    }

    @Test func `does not depend on the order in which hand-overs are learned`() throws {
        var recorded = Ownership()
        for handover in try ownership().handovers.reversed() { recorded.record(handover) }
        #expect(try recorded == ownership())
    }

    @Test func `goes before the policy's, and a settlement names the hand-over that has decided`() throws {
        var written = Written()
        try written.agree("variables/total", FieldValue(1))
        try written.say(.workflow, "variables/total", FieldValue(2))
        try written.say(.journey, "variables/total", FieldValue(3))
        let policy = Policy(name: "p", version: 1, rules: [PolicyRule(.everything, .manual, owner: .workflow)])
        func settled(_ ownership: Ownership) throws -> Settlement {
            try #require(Plan(written.sides, under: policy, ownership: ownership).settlements.first)
        }
        let owned = try settled(Ownership([handover("variables/*", to: .journey, at: 1, by: "ada")]))
        #expect(owned.outcome == .stands(FieldValue(3), winner: .journey) && owned.handover == 0 && owned.rule == nil)
        let back = try settled(ownership())
        #expect(back.outcome == .stands(FieldValue(2), winner: .workflow) && back.handover == nil && back.rule == 0)
    }

    @Test func `lets an owner's change through without a conflict, and takes back a change of the other`() throws {
        var written = Written()
        try written.agree("variables/total", FieldValue(1))
        try written.say(.workflow, "variables/total", FieldValue(1))
        try written.say(.journey, "variables/total", FieldValue(2))
        let policy = Policy(name: "none", version: 1, rules: [])
        for (owner, told) in [(Side.journey, Side.workflow), (.workflow, .journey)] {
            let ownership = Ownership([try handover("variables/**", to: owner, at: 1, by: "ada")])
            let plan = Plan(written.sides, under: policy, ownership: ownership)
            #expect(plan.orders.map(\.side) == [told] && plan.waiting.isEmpty)
        }
    }
}
