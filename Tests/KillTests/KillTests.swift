import Foundation
import Testing

/// Real processes, killed and paused at random moments; then questions to the database and to the topic that know nothing of our code.
@Suite("Whatever is killed", .enabled(if: KillSettings.isWanted, "needs the services of tools/test"), .serialized)
struct KillTests {
    @Test(.timeLimit(.minutes(KillSettings.minutes)))
    func `no acknowledged append is lost, the topic is a faithful copy, and the views are what the log says`()
        async throws
    {
        let seed = KillSettings.seed
        print("kill suite: \(KillSettings.rounds) rounds, LOCKSTEP_TEST_SEED=\(seed)")
        let plans = RoundPlan.plans(KillSettings.rounds, seed: seed)
        try await World.with(seed: seed) { world in
            try await world.warmUp()
            try await world.following { live in
                var round = Round(world: world, live: live)
                for (number, plan) in plans.enumerated() {
                    do {
                        try await round.perform(plan, isLast: number + 1 == plans.count)
                    } catch {
                        Issue.record("round \(number + 1) of seed \(seed) (\(plan)): \(error)")
                        return
                    }
                    print("kill suite: round \(number + 1): \(plan); \(round.summary)")
                }
                try await Tampering.expectNoticed(world)
            }
        }
    }
}

/// What the run was asked for.
enum KillSettings {
    private static let environment = ProcessInfo.processInfo.environment

    /// Who gives no services wants no processes started either.
    static var isWanted: Bool { environment["LOCKSTEP_DATABASE_URL"] != nil && environment["LOCKSTEP_KAFKA"] != nil }
    private static let wanted = environment["LOCKSTEP_TEST_ROUNDS"].flatMap { Int($0) }.map { max(1, $0) }
    static let rounds = wanted ?? 3
    /// Rounds in which what readers see is changed.
    static let changeovers = wanted ?? 6
    static let seed = environment["LOCKSTEP_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999_999)
    static var minutes: Int { 5 + rounds }
}
