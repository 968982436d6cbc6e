import EventSourcing
import EventSourcingTesting
import Synchronization

/// Breaks processes, database and broker from time to time.
final class Gremlin: Sendable {
    private let world: World
    private let cast: Cast
    private let database: SimulatedDatabase
    private let broker: SimulatedBroker
    private let isActive = Mutex(true)

    init(_ world: World, _ cast: Cast, _ database: SimulatedDatabase, _ broker: SimulatedBroker) {
        self.world = world
        self.cast = cast
        self.database = database
        self.broker = broker
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
        database.recover()
        broker.recover()
        cast.resumeAll()
        cast.startAll()
        world.note("calm")
    }

    private func strike() {
        let victim = world.roll { $0.below(cast.count) }
        let short = world.roll { $0.duration(1_000...1_500_000) }
        switch world.roll({ $0.below(100) }) {
        case 0..<30: cast.crash(victim, restartAfter: short)
        case 30..<58: cast.pause(victim, for: world.roll { $0.duration(10_000...6_000_000) })
        case 58..<68: database.fail(for: short)
        case 68..<74:
            world.count(.clockStep)
            database.clock.step(by: world.roll { $0.duration(-5_000_000...5_000_000) })
        case 74..<80: broker.restart(losing: 0, awayFor: short)
        case 80..<97: broker.restart(losing: world.roll { 1 + $0.below(12) }, awayFor: short)
        default: broker.recreate(awayFor: short)
        }
    }
}
