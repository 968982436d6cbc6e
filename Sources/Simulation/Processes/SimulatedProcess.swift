import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization

/// One life of a simulated operating-system process.
///
/// A Swift task cannot be killed. A dead process is therefore cut off instead: its root task is cancelled, every call to the outside
/// is refused from the moment of death, and what it still computes reaches nobody.
final class SimulatedProcess: Sendable {
    let name: String
    let world: World
    let id: SimulationScheduler.ProcessID
    let clock: SimulatedClock
    let random: SeededRandom
    private let die: @Sendable () -> Void
    private let alive = Mutex(true)
    private let root = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter die: ends this life.
    init(_ name: String, in world: World, die: @escaping @Sendable () -> Void) {
        self.die = die
        self.name = name
        self.world = world
        id = world.scheduler.admitProcess()
        let (skew, seed) = world.roll { ($0.duration(-2_000_000...2_000_000), $0.next()) }
        clock = SimulatedClock(world.scheduler, id, skew: skew)
        random = SeededRandom(seed: seed)
    }

    var isAlive: Bool { alive.withLock { $0 } }

    func start(_ body: @escaping @Sendable (SimulatedProcess) async -> Void) {
        let executor = ProcessExecutor(world.scheduler, id)
        let task = Task(executorPreference: executor) { await body(self) }
        root.withLock { $0 = task }
    }

    func kill() {
        alive.withLock { $0 = false }
        world.scheduler.setPaused(false, id)
        root.withLock { $0 }?.cancel()
    }

    /// Dies now and then over a call that is on its way: half of these calls still arrive.
    func mayDie() {
        if isAlive, world.strikes(.deathAtCall, perMille: world.rates.deathAtCall) { die() }
    }

    func setPaused(_ isPaused: Bool) { world.scheduler.setPaused(isPaused, id) }
}
