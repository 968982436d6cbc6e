import EventSourcing
import EventSourcingTesting
import Synchronization

/// What all parts of a simulated world share.
final class World: Sendable {
    let scheduler: SimulationScheduler
    let mutation: Mutation?
    private let state: Mutex<State>

    private struct State {
        var random: SeededGenerator
        var rates: FaultRates
        var counts: [Fault: Int] = [:]
        var violations: [Violation] = []
    }

    init(seed: UInt64, rates: FaultRates, mutation: Mutation?) {
        scheduler = SimulationScheduler(seed: seed)
        self.mutation = mutation
        state = Mutex(State(random: SeededGenerator(seed: seed ^ 0x5eed_f417), rates: rates))
    }

    var rates: FaultRates { state.withLock { $0.rates } }
    var faultCounts: [Fault: Int] { state.withLock { $0.counts } }
    var violations: [Violation] { state.withLock { $0.violations } }
    var time: Int64 { scheduler.microseconds }

    /// No more faults of calls.
    func calm() { state.withLock { $0.rates = .none } }

    func roll<R: Sendable>(_ body: (inout SeededGenerator) -> R) -> R { state.withLock { body(&$0.random) } }

    /// Whether a fault with this rate happens now; counted if so.
    func strikes(_ fault: Fault, perMille rate: Int) -> Bool {
        guard rate > 0, roll({ $0.chance(perMille: rate) }) else { return false }
        count(fault)
        return true
    }

    func count(_ fault: Fault) { state.withLock { $0.counts[fault, default: 0] += 1 } }

    func note(_ line: String) { scheduler.trace.note(time, line) }

    func report(_ violation: Violation) {
        note("VIOLATION \(violation)")
        state.withLock { $0.violations.append(violation) }
    }

    /// A time on the network: mostly short, sometimes long.
    func latency() -> Duration {
        roll { random in random.chance(perMille: 50) ? random.duration(20_000...400_000) : random.duration(100...3_000)
        }
    }
}
