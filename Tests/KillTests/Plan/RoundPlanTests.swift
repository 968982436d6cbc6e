import Testing

@Suite("Plans of rounds") struct RoundPlanTests {
    @Test func `a seed says everything`() {
        #expect(RoundPlan.plans(40, seed: 7) == RoundPlan.plans(40, seed: 7))
        #expect(RoundPlan.plans(40, seed: 7) != RoundPlan.plans(40, seed: 8))
    }

    @Test(arguments: 0..<20) func `no round is without a fault, and two faults never share a target`(_ seed: Int) {
        for plan in RoundPlan.plans(50, seed: UInt64(seed)) {
            #expect((1...2).contains(plan.faults.count))
            let targets = plan.faults.flatMap(\.fault.targets)
            #expect(Set(targets).count == targets.count)
            for planned in plan.faults { #expect(RoundPlan.moments.contains(planned.after)) }
        }
    }

    @Test(arguments: 0..<20) func `a long run does everything to everybody`(_ seed: Int) {
        let done = RoundPlan.plans(RoundPlan.repertoire.count, seed: UInt64(seed)).flatMap { $0.faults.map(\.fault) }
        #expect(Set(done) == Set(RoundPlan.repertoire))
    }

    @Test func `some rounds hurt when all is quiet, and in some the projectors share lanes`() {
        let plans = RoundPlan.plans(8, seed: 1)
        #expect(plans.contains { $0.isQuiet } && plans.contains { !$0.isQuiet })
        #expect(plans.contains { $0.isByLane } && plans.contains { !$0.isByLane })
    }
}
