import EventModel
import FoundationEssentials
import Testing

@testable import Reconciliation

@Suite struct `What another policy would have done` {
    @Test func `the same policy tried on what is on record changes nothing`() {
        for seed in 0..<200 {
            var world = ModelWorld(seed: UInt64(seed), policy: ConvergenceTests.policies[seed % 5])
            for _ in 0..<50 {
                world.act()
                world.hearAndLook()
                world.attend(world.chance(50) ? .workflow : .journey, badly: true)
            }
            let changed = WhatIf.outcomes(of: world.log, under: world.policy).filter(\.isChanged)
            #expect(changed.isEmpty, "seed \(seed): \(changed)")
        }
    }

    @Test func `another policy tried on what is on record says what would have come out`() throws {
        let (world, conflict) = try ModelWorld.inConflict()
        let other = Policy(name: "other", version: 2, rules: [PolicyRule(.everything, .latest)])
        let outcome = try #require(
            WhatIf.outcomes(of: world.log, under: other).first { $0.id == conflict.id })
        #expect(outcome.was == "a person")
        #expect(outcome.wouldBe == "journey")
    }

    @Test(arguments: [Rule.max, .min, .union, .first])
    func `the same policy changes nothing either when nobody can read the values any more`(rule: Rule) throws {
        let policy = Policy(name: "numbers", version: 1, rules: [PolicyRule(.everything, rule)])
        var world = ModelWorld.agreeing(by: policy)
        // The conversation can be told the workflow's number.
        world.workflow.variables["v0"] = rule == .max ? 4 : 2
        world.journey.values["v0"] = 3
        world.hearAndLook()
        #expect(!WhatIf.outcomes(of: world.log, under: policy).isEmpty)
        try world.erase()
        #expect(WhatIf.outcomes(of: world.log, under: policy).filter(\.isChanged).isEmpty)
    }
}
