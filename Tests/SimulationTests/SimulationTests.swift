import Foundation
import Simulation
import Testing

@Suite struct `Simulated worlds` {
    /// Seeds that found something once, and a few that stand for all others.
    static let regressionSeeds: [UInt64] = Array(1...12) + [3_535_331_353_213_793_930]

    /// `LOCKSTEP_SIM_SEED`: one world, to look at.
    private static let wantedSeed = ProcessInfo.processInfo.environment["LOCKSTEP_SIM_SEED"].flatMap { UInt64($0) }
    /// `LOCKSTEP_SIM_SECONDS`: how long fresh seeds are tried.
    private static let seconds = ProcessInfo.processInfo.environment["LOCKSTEP_SIM_SECONDS"].flatMap { Int($0) } ?? 5

    @Test(arguments: wantedSeed.map { [$0] } ?? regressionSeeds)
    func `the laws hold whatever goes wrong`(_ seed: UInt64) {
        let report = Simulation(seed: seed).run()
        #expect(report.violations.isEmpty, "\(report)")
        #expect(report.events > 0)
    }

    @Test(arguments: [7, 4_711] as [UInt64])
    func `the same seed is the same world, to the last job`(_ seed: UInt64) {
        let (first, second) = (Simulation(seed: seed).run(), Simulation(seed: seed).run())
        #expect(first.digest == second.digest)
        #expect(first.steps == second.steps)
        #expect(first.tail == second.tail)
        #expect(first.digest != Simulation(seed: seed + 1).run().digest)
    }

    /// On a thread of its own: the tests beside it need those of the task pool.
    @Test func `fresh seeds find nothing`() async {
        let reports = await withCheckedContinuation { done in
            Thread.detachNewThread { done.resume(returning: Self.tryFreshSeeds()) }
        }
        #expect(!reports.isEmpty)
        for report in reports { #expect(report.violations.isEmpty, "\(report)") }
    }

    /// Worlds of fresh seeds until the time is up or one of them breaks a law.
    private static func tryFreshSeeds() -> [SimulationReport] {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(seconds)
        let first = UInt64.random(in: 1_000_000...(.max / 2))
        var reports: [SimulationReport] = []
        repeat {
            reports.append(Simulation(seed: first + UInt64(reports.count)).run())
        } while clock.now < deadline && (reports.last?.violations.isEmpty ?? true)
        let faults = reports.reduce(into: [Fault: Int]()) { $0.merge($1.faults, uniquingKeysWith: +) }
        let kinds = Fault.allCases.map { "\($0.rawValue) \(faults[$0] ?? 0)" }.joined(separator: ", ")
        let (events, steps) = reports.reduce((0, 0)) { ($0.0 + $1.events, $0.1 + $1.steps) }
        print(
            "simulated \(reports.count) worlds from seed \(first): \(events) events, \(steps) steps; faults: \(kinds)")
        return reports
    }

    @Test(arguments: Mutation.allCases)
    func `a part that is broken on purpose is found out`(_ mutation: Mutation) {
        let limit: UInt64 = 40
        for seed in 1...limit where !Simulation(seed: seed, mutation: mutation).run().violations.isEmpty {
            print("\(mutation.rawValue): found by seed \(seed)")
            return
        }
        Issue.record("\(mutation.rawValue) was not found by \(limit) seeds")
    }

    @Test func `every kind of fault happens`() {
        let faults = (1...20).reduce(into: [Fault: Int]()) { faults, seed in
            faults.merge(Simulation(seed: UInt64(seed)).run().faults, uniquingKeysWith: +)
        }
        for fault in Fault.allCases { #expect(faults[fault, default: 0] > 0, "\(fault.rawValue)") }
    }
}
