import EventModel
import EventSourcing
import Synchronization

/// The clocks of one process: the steady one is the world's, the wall clock goes wrong as wall clocks do.
final class SimulatedClock: Timekeeper {
    /// When every world begins: 2026-01-01T00:00:00Z.
    static let beginning = Timestamp(microseconds: 1_767_225_600_000_000)

    private let scheduler: SimulationScheduler
    private let process: SimulationScheduler.ProcessID
    private let skew: Mutex<Duration>

    init(_ scheduler: SimulationScheduler, _ process: SimulationScheduler.ProcessID = .world, skew: Duration = .zero) {
        self.scheduler = scheduler
        self.process = process
        self.skew = Mutex(skew)
    }

    func now() -> Timestamp {
        Self.beginning.advanced(by: .microseconds(scheduler.microseconds) + skew.withLock { $0 })
    }

    func steady() -> Duration { .microseconds(scheduler.microseconds) }

    func sleep(for duration: Duration) async throws(CancellationError) {
        guard await scheduler.sleep(for: duration, of: process) else { throw CancellationError() }
    }

    /// Sets the wall clock forwards or backwards.
    func step(by step: Duration) { skew.withLock { $0 += step } }
}
