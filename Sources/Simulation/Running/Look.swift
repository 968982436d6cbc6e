import Synchronization

/// Looks every 100 virtual milliseconds whether a condition holds.
final class Look: Sendable {
    private let state = Mutex((isSatisfied: false, hasEnded: false))
    private let scheduler: SimulationScheduler
    private let condition: @Sendable () -> Bool

    init(_ scheduler: SimulationScheduler, _ condition: @escaping @Sendable () -> Bool) {
        self.scheduler = scheduler
        self.condition = condition
        again()
    }

    var isSatisfied: Bool { state.withLock { $0.isSatisfied } }

    func end() { state.withLock { $0.hasEnded = true } }

    private func again() {
        scheduler.plan(after: .milliseconds(100)) {
            guard !self.state.withLock({ $0.hasEnded || $0.isSatisfied }) else { return }
            if self.condition() { self.state.withLock { $0.isSatisfied = true } } else { self.again() }
        }
    }
}
