import Foundation
import Testing

/// Real processes, killed and paused at random moments; then questions to the database and to the topic that know nothing of our code.
@Suite("Whatever is killed", .enabled(if: KillSettings.isWanted, "needs the services of tools/test"), .serialized)
struct KillTests {
    @Test(.timeLimit(.minutes(KillSettings.minutes)))
    func `no acknowledged append is lost, the topic is a faithful copy, and the views are what the log says`()
        async throws
    {
        try await performRounds(KillSettings.rounds, reading: .log) { try await Tampering.expectNoticed($0) }
    }

    @Test(.timeLimit(.minutes(KillSettings.minutes)))
    func `views that are fed from the topic are what the log says, and no projector stops`() async throws {
        try await performRounds(KillSettings.topicRounds, reading: .topic) { try await $0.expectFoldedAnew() }
    }

    private func performRounds(
        _ rounds: Int, reading source: RoundPlan.Source, finally: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        let (seed, name) = (KillSettings.seed, "kill suite, projectors that read the \(source.rawValue)")
        print("\(name): \(rounds) rounds, LOCKSTEP_TEST_SEED=\(seed)")
        let plans = RoundPlan.plans(rounds, seed: seed, reading: source)
        try await World.with(seed: seed, reading: source) { world in
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
                    print("\(name): round \(number + 1): \(plan); \(round.summary)")
                }
                try await finally(world)
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
    /// Rounds with projectors that read the topic. They take longer: a lane of the dead is free for a while before it is taken.
    static let topicRounds = max(1, rounds / 3)
    /// Rounds in which what readers see is changed.
    static func changeovers(reading source: RoundPlan.Source) -> Int {
        source == .log ? wanted ?? 6 : max(1, (wanted ?? 6) / 2)
    }
    /// Rounds in which whoever brings effects to an engine is struck: every step has its turn.
    static let effects = wanted ?? 6
    /// Jobs in which whoever works at them is struck: each strike has its turn.
    static let jobs = wanted ?? 3
    static let seed = environment["LOCKSTEP_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999_999)
    static var minutes: Int { 10 + 3 * rounds }
}
