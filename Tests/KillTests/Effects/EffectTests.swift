import EventModel
import Foundation
import Testing

extension KillTests {
    /// Two reconcilers and the stand-in for Sim, struck at every step of a decision and of an effect, while conversations answer what runs wait for.
    @Test(.timeLimit(.minutes(KillSettings.minutes)))
    func `every wait is resumed once, with the conversation's answer, and nothing stays apart, whoever is struck`()
        async throws
    {
        let (seed, rounds) = (KillSettings.seed, KillSettings.effects)
        print("effects: \(rounds) rounds, LOCKSTEP_TEST_SEED=\(seed)")
        try await EffectStage.with { stage in
            var runs: [String: String] = [:]
            for (number, plan) in EffectPlan.plans(rounds, seed: seed).enumerated() {
                let (run, began) = ("run-\(number + 1)", ContinuousClock.now)
                runs[run] = "answer-\(number + 1)"
                do {
                    let struck = try await EffectRound(stage: stage, run: run, plan: plan).perform(
                        "answer-\(number + 1)")
                    print("effects: round \(number + 1): \(plan): \(struck) in \(began.duration(to: .now))")
                } catch {
                    Issue.record("round \(number + 1) of seed \(seed) (\(plan)): \(error)")
                    return
                }
            }
            do { try await EffectCheck(stage: stage, runs: runs).expectTogether() } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
    }
}

@Suite("Plans of effects") struct EffectPlanTests {
    @Test func `a seed says everything, and a short run strikes every step`() {
        #expect(EffectPlan.plans(40, seed: 7) == EffectPlan.plans(40, seed: 7))
        #expect(EffectPlan.plans(40, seed: 7) != EffectPlan.plans(40, seed: 8))
        for seed in 0..<20 as Range<UInt64> {
            #expect(Set(EffectPlan.plans(6, seed: seed).map(\.step)) == Set(EffectPlan.Step.allCases))
            let all = EffectPlan.plans(EffectPlan.repertoire.count, seed: seed)
            #expect(Set(all) == Set(EffectPlan.repertoire))
        }
    }
}
