import Foundation
import Testing

extension KillTests {
    /// Rebuilds with an activation, and rollbacks, struck at every step, while events come and two processes follow.
    @Test(.timeLimit(.minutes(KillSettings.minutes)))
    func `readers see one whole generation or the other, whatever becomes of who changes it`() async throws {
        let (seed, rounds) = (KillSettings.seed, KillSettings.changeovers)
        print("changeovers: \(rounds) rounds, LOCKSTEP_TEST_SEED=\(seed)")
        try await ChangeoverStage.with(seed: seed) { stage in
            var changeover = Changeover(stage: stage)
            try await changeover.warmUp()
            for (number, plan) in ChangeoverPlan.plans(rounds, seed: seed).enumerated() {
                do { try await changeover.perform(plan) } catch {
                    Issue.record("round \(number + 1) of seed \(seed) (\(plan)): \(error)")
                    return
                }
                print("changeovers: round \(number + 1): \(plan): \(changeover.summary)")
            }
        }
    }
}

@Suite("Plans of changeovers") struct ChangeoverPlanTests {
    @Test func `a seed says everything`() {
        #expect(ChangeoverPlan.plans(40, seed: 7) == ChangeoverPlan.plans(40, seed: 7))
        #expect(ChangeoverPlan.plans(40, seed: 7) != ChangeoverPlan.plans(40, seed: 8))
    }

    @Test(arguments: 0..<20) func `a long run strikes every verb at every step in every way`(_ seed: Int) {
        let plans = ChangeoverPlan.plans(ChangeoverPlan.repertoire.count, seed: UInt64(seed))
        #expect(Set(plans.map(\.disturbance)) == Set(ChangeoverPlan.repertoire))
        #expect(Set(plans.map(\.layout)).count == 2 && Set(plans.map(\.projection)).count == 3)
    }
}
