import Foundation
import Testing

extension KillTests {
    /// Two reconcilers, the verb, and the stand-in for Sim; whoever works at a job is struck when he stores a decision, or how far he has come.
    @Test(.timeLimit(.minutes(KillSettings.minutes)))
    func `a job ends with the right counts, and nothing is decided twice or stays apart, whoever is struck`()
        async throws
    {
        let (seed, rounds) = (KillSettings.seed, KillSettings.jobs)
        print("jobs: \(rounds) rounds, LOCKSTEP_TEST_SEED=\(seed)")
        try await EffectStage.with { stage in
            try await stage.observer.with { try await $0.execute(JobRound.script) }
            var runs: [String: String] = [:]
            for (number, plan) in JobPlan.plans(rounds, seed: seed).enumerated() {
                let (run, began) = ("run-\(number + 1)", ContinuousClock.now)
                runs[run] = "answer-\(number + 1)"
                do {
                    let struck = try await JobRound(stage: stage, run: run, plan: plan).perform("answer-\(number + 1)")
                    print("jobs: round \(number + 1): \(plan): \(struck) in \(began.duration(to: .now))")
                } catch {
                    Issue.record("round \(number + 1) of seed \(seed) (\(plan)): \(error)")
                    return
                }
            }
            for member in stage.reconcilers { member.comeBack() }
            do { try await EffectCheck(stage: stage, runs: runs).expectTogether() } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
    }
}

@Suite("Plans of jobs") struct JobPlanTests {
    @Test func `a seed says everything, and a short run strikes both workers in every way`() {
        #expect(JobPlan.plans(40, seed: 7) == JobPlan.plans(40, seed: 7))
        for seed in 0..<20 as Range<UInt64> {
            let short = JobPlan.plans(3, seed: seed)
            #expect(Set(short.map(\.strike)) == Set(JobPlan.Strike.allCases))
            #expect(Set(short.map(\.worker)) == Set(JobPlan.Worker.allCases))
            #expect(Set(short.map(\.step)) == Set(JobPlan.Step.allCases))
            #expect(Set(JobPlan.plans(12, seed: seed)).count == 12)
        }
    }
}
