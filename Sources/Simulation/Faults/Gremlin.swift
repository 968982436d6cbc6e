import EventSourcing
import EventSourcingTesting
import Synchronization

/// Breaks processes, the database and what a scenario has of its own, from time to time.
final class Gremlin: Sendable {
    private let world: World
    private let cast: Cast
    private let stage: any Stage
    private let isActive = Mutex(true)

    init(_ world: World, _ cast: Cast, _ stage: any Stage) {
        self.world = world
        self.cast = cast
        self.stage = stage
    }

    func begin() {
        world.scheduler.plan(after: world.roll { $0.duration(20_000...900_000) }) {
            guard self.isActive.withLock({ $0 }) else { return }
            self.strike()
            self.begin()
        }
    }

    /// No more faults; everything that is broken is mended.
    func end() {
        isActive.withLock { $0 = false }
        world.calm()
        stage.database.recover()
        stage.recover()
        cast.resumeAll()
        cast.startAll()
        world.note("calm")
    }

    private func strike() {
        let victim = world.roll { $0.below(cast.count) }
        let short = world.roll { $0.duration(1_000...1_500_000) }
        let kind = world.roll { $0.below(100) }
        switch kind {
        case 0..<30: cast.crash(victim, restartAfter: short)
        case 30..<58: cast.pause(victim, for: world.roll { $0.duration(10_000...6_000_000) })
        case 58..<68: stage.database.fail(for: short)
        case 68..<74:
            world.count(.clockStep)
            stage.database.clock.step(by: world.roll { $0.duration(-5_000_000...5_000_000) })
        default: stage.strike(kind, for: short)
        }
    }
}
