import Connecting
import EventModel
import Reconciliation
import Synchronization

/// One process's way to an engine over a network that loses things. Engines go away for a while, as databases do.
struct EngineLine: Sendable {
    /// What came back.
    enum Answer<R: Sendable>: Sendable {
        case answered(R)
        /// It surely never arrived.
        case unreached
        /// Nobody knows.
        case lost
    }

    let process: SimulatedProcess
    let engine: EngineDoor

    private var world: World { process.world }

    func ask<R: Sendable>(_ work: @escaping @Sendable () -> R) async -> Answer<R> {
        guard process.isAlive else { return .lost }
        process.mayDie()
        let answer = await withCheckedContinuation { caller in send(work, to: caller) }
        if world.strikes(.pause, perMille: world.rates.pauseAtAnswer) { await standStill() }
        return process.isAlive ? answer : .lost
    }

    /// Engines think for a moment more often than databases do.
    private var latency: Duration {
        world.roll { $0.chance(perMille: 300) ? $0.duration(20_000...400_000) : $0.duration(100...3_000) }
    }

    private func standStill() async {
        process.setPaused(true)
        world.scheduler.plan(after: world.roll { $0.duration(100_000...12_000_000) }) { process.setPaused(false) }
        _ = await world.scheduler.sleep(for: .zero, of: process.id)
    }

    private func send<R: Sendable>(
        _ work: @escaping @Sendable () -> R, to caller: CheckedContinuation<Answer<R>, Never>
    ) {
        let (scheduler, rates) = (world.scheduler, world.rates)
        let there = latency
        let patience = world.roll { $0.duration(20_000...400_000) }
        func giveUp(after delay: Duration) {
            scheduler.plan(after: delay, of: process.id) { caller.resume(returning: .lost) }
        }
        if world.strikes(.orderLost, perMille: rates.orderLost) {
            giveUp(after: patience)
        } else if world.strikes(.orderAnswerLost, perMille: rates.orderAnswerLost) {
            scheduler.plan(after: there) { if !engine.isAway { _ = work() } }
            giveUp(after: there + patience)
        } else if world.strikes(.orderLate, perMille: rates.orderLate) {
            giveUp(after: patience)
            scheduler.plan(after: patience + world.roll { $0.duration(1_000...1_500_000) }) {
                if !engine.isAway { _ = work() }
            }
        } else {
            scheduler.plan(after: there) {
                let result = engine.isAway ? nil : work()
                scheduler.plan(after: latency, of: process.id) {
                    caller.resume(returning: result.map { .answered($0) } ?? .unreached)
                }
            }
        }
    }
}

/// Whether an engine answers at all.
final class EngineDoor: Sendable {
    private let closings = Mutex(0)

    var isAway: Bool { closings.withLock { $0 > 0 } }

    /// Nobody is let in for a while.
    func close(for duration: Duration, _ scheduler: SimulationScheduler) {
        closings.withLock { $0 += 1 }
        scheduler.plan(after: duration) { self.closings.withLock { $0 = max(0, $0 - 1) } }
    }

    func open() { closings.withLock { $0 = 0 } }
}
