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

    @Test(arguments: [RoundPlan.Source.log, .topic], 0..<20)
    func `a long run does everything to everybody`(_ source: RoundPlan.Source, _ seed: Int) {
        let repertoire = RoundPlan.repertoire(source)
        let plans = RoundPlan.plans(repertoire.count, seed: UInt64(seed), reading: source)
        #expect(Set(plans.flatMap { $0.faults.map(\.fault) }) == Set(repertoire))
    }

    @Test func `who reads the topic does so by lane, and is struck in the first rounds`() {
        let plans = RoundPlan.plans(4, seed: 1, reading: .topic)
        for plan in plans {
            #expect(plan.isByLane)
            #expect(plan.faults.contains { $0.fault.targets.contains(.role(.projector)) })
        }
    }

    @Test func `some rounds hurt when all is quiet, and in some the projectors share lanes`() {
        let plans = RoundPlan.plans(8, seed: 1)
        #expect(plans.contains { $0.isQuiet } && plans.contains { !$0.isQuiet })
        #expect(plans.contains { $0.isByLane } && plans.contains { !$0.isByLane })
    }
}
