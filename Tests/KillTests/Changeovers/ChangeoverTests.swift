import Foundation
import Testing

extension KillTests {
    /// Rebuilds with an activation, and rollbacks, struck at every step, while events come and two processes follow the log or the topic.
    @Test(.timeLimit(.minutes(KillSettings.minutes)), arguments: [RoundPlan.Source.log, .topic])
    func `readers see one whole generation or the other, whatever becomes of who changes it`(
        _ source: RoundPlan.Source
    ) async throws {
        let (seed, rounds) = (KillSettings.seed, KillSettings.changeovers(reading: source))
        let name = "changeovers beside projectors that read the \(source.rawValue)"
        print("\(name): \(rounds) rounds, LOCKSTEP_TEST_SEED=\(seed)")
        try await ChangeoverStage.with(seed: seed, reading: source) { stage in
            var changeover = Changeover(stage: stage)
            try await changeover.warmUp()
            for (number, plan) in ChangeoverPlan.plans(rounds, seed: seed, reading: source).enumerated() {
                do { try await changeover.perform(plan) } catch {
                    Issue.record("round \(number + 1) of seed \(seed) (\(plan)): \(error)")
                    return
                }
                print("\(name): round \(number + 1): \(plan): \(changeover.summary)")
            }
            try await changeover.expectFoldedAnew()
        }
    }
}

@Suite("Plans of changeovers") struct ChangeoverPlanTests {
    @Test func `a seed says everything`() {
        #expect(ChangeoverPlan.plans(40, seed: 7, reading: .log) == ChangeoverPlan.plans(40, seed: 7, reading: .log))
        #expect(ChangeoverPlan.plans(40, seed: 7, reading: .log) != ChangeoverPlan.plans(40, seed: 8, reading: .log))
    }

    @Test(arguments: [RoundPlan.Source.log, .topic], 0..<20)
    func `a long run strikes every verb at every step in every way`(_ source: RoundPlan.Source, _ seed: Int) {
        let plans = ChangeoverPlan.plans(ChangeoverPlan.repertoire.count, seed: UInt64(seed), reading: source)
        #expect(Set(plans.map(\.disturbance)) == Set(ChangeoverPlan.repertoire))
        #expect(Set(plans.map(\.projection)).count == 3)
        #expect(Set(plans.map(\.layout)) == (source == .log ? [.whole, .byLane] : [.byLane]))
    }
}
