import Synchronization

/// What engines report, on its way to whoever takes it in: late, twice, and in any order. Nothing is lost.
final class ReportMail: Sendable {
    /// One report.
    struct Letter: Sendable {
        let number: Int
        let payload: [UInt8]
        let due: Int64
    }

    private struct State {
        var letters: [Letter] = []
        var count = 0
        /// Until when nothing arrives.
        var heldUntil: Int64 = 0
    }

    private let world: World
    private let state = Mutex(State())

    init(_ world: World) { self.world = world }

    /// Whether everything was taken in.
    var isEmpty: Bool { state.withLock { $0.letters.isEmpty } }

    func send(_ payload: String) {
        post(payload, after: delay())
        if world.strikes(.reportRepeated, perMille: world.rates.reportRepeated) { post(payload, after: delay()) }
    }

    private func delay() -> Duration {
        guard world.strikes(.reportLate, perMille: world.rates.reportLate) else { return world.latency() }
        return world.roll { $0.duration(200_000...4_000_000) }
    }

    private func post(_ payload: String, after delay: Duration) {
        let due = world.time + delay.wholeMicroseconds
        state.withLock { state in
            state.count += 1
            state.letters.append(Letter(number: state.count, payload: Array(payload.utf8), due: due))
        }
    }

    /// Nothing arrives for a while.
    func holdUp(for duration: Duration) {
        world.count(.reportsHeldUp)
        let until = world.time + duration.wholeMicroseconds
        state.withLock { $0.heldUntil = max($0.heldUntil, until) }
    }

    func letGo() { state.withLock { $0.heldUntil = 0 } }

    /// Some of what has arrived; it stays until it is known to be taken in.
    func arrived() -> [Letter] {
        let now = world.time
        var letters = state.withLock { state in
            state.heldUntil > now ? [] : state.letters.filter { $0.due <= now }
        }
        world.roll { letters.shuffle(using: &$0) }
        return Array(letters.prefix(6))
    }

    func take(_ letters: [Letter]) {
        let numbers = Set(letters.map(\.number))
        state.withLock { state in state.letters.removeAll { numbers.contains($0.number) } }
    }
}
