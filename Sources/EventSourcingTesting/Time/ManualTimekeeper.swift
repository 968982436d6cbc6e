import EventModel
import EventSourcing
import Synchronization

/// A clock that stands still until a test moves it.
///
/// Sleepers wake in the order of their deadlines, those with the same deadline in the order in which they lay down. Await a state with
/// ``waitForSleepers(_:)`` before moving the clock, so that no test ever sleeps itself.
public final class ManualTimekeeper: Timekeeper {
    private struct Sleeper {
        let deadline: Duration
        let ticket: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct Watcher {
        let count: Int
        let ticket: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var elapsed: Duration = .zero
        var wall: Timestamp
        /// Ordered by deadline, then by ticket.
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []
        var lastTicket: UInt64 = 0

        mutating func nextTicket() -> UInt64 {
            lastTicket += 1
            return lastTicket
        }

        mutating func move(to elapsed: Duration) {
            wall = wall.advanced(by: elapsed - self.elapsed)
            self.elapsed = elapsed
        }
    }

    private let state: Mutex<State>

    /// A clock that shows `now` until it is moved; 2026-01-01T00:00:00Z unless said otherwise.
    public init(now: Timestamp = Timestamp(microseconds: 1_767_225_600_000_000)) {
        state = Mutex(State(wall: now))
    }

    /// The wall clock.
    public func now() -> Timestamp { state.withLock { $0.wall } }

    /// Time since this clock was made.
    public func steady() -> Duration { state.withLock { $0.elapsed } }

    /// How many tasks sleep now.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// When the next sleeper wakes, counted as ``steady()`` counts; `nil` when nobody sleeps.
    public var nextDeadline: Duration? { state.withLock { $0.sleepers.first?.deadline } }

    /// Sleeps until the clock has been moved far enough. No time at all is a sleep until the next ``advance(by:)``.
    public func sleep(for duration: Duration) async throws(CancellationError) {
        let ticket = state.withLock { $0.nextTicket() }
        let slept = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                lieDown(for: duration, ticket: ticket, continuation)
            }
        } onCancel: {
            wake(ticket)
        }
        guard slept else { throw CancellationError() }
    }

    /// Moves both clocks, waking each sleeper whose deadline is reached while the clock shows that deadline.
    public func advance(by duration: Duration) {
        let end = state.withLock { $0.elapsed + duration }
        while let sleeper = takeSleeper(dueBy: end) { sleeper.resume(returning: true) }
        state.withLock { $0.move(to: max($0.elapsed, end)) }
    }

    /// Moves the clocks to the next sleeper's deadline and wakes everyone who is due then; `false` when nobody sleeps.
    @discardableResult
    public func advanceToNextSleeper() -> Bool {
        guard let deadline = nextDeadline else { return false }
        advance(by: max(.zero, deadline - steady()))
        return true
    }

    /// Sets the wall clock, as an operator or a time server would; sleepers are not concerned.
    public func setWallClock(to now: Timestamp) { state.withLock { $0.wall = now } }

    /// Returns as soon as at least `count` tasks sleep.
    public func waitForSleepers(_ count: Int) async {
        let ticket = state.withLock { $0.nextTicket() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { watch(for: count, ticket: ticket, $0) }
        } onCancel: {
            stopWatching(ticket)
        }
    }

    private func lieDown(for duration: Duration, ticket: UInt64, _ continuation: CheckedContinuation<Bool, Never>) {
        let isCancelled = Task.isCancelled
        let watchers: [Watcher]? = state.withLock { state in
            // A task that is cancelled already ran its handler before there was anybody to wake.
            guard !isCancelled else { return nil }
            let sleeper = Sleeper(
                deadline: state.elapsed + max(.zero, duration), ticket: ticket, continuation: continuation)
            let place = state.sleepers.firstIndex { $0.deadline > sleeper.deadline } ?? state.sleepers.endIndex
            state.sleepers.insert(sleeper, at: place)
            let satisfied = state.watchers.filter { $0.count <= state.sleepers.count }
            state.watchers.removeAll { $0.count <= state.sleepers.count }
            return satisfied
        }
        guard let watchers else { return continuation.resume(returning: false) }
        for watcher in watchers { watcher.continuation.resume() }
    }

    private func wake(_ ticket: UInt64) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(returning: false)
    }

    private func takeSleeper(dueBy end: Duration) -> CheckedContinuation<Bool, Never>? {
        state.withLock { state in
            guard let first = state.sleepers.first, first.deadline <= end else { return nil }
            state.sleepers.removeFirst()
            state.move(to: max(state.elapsed, first.deadline))
            return first.continuation
        }
    }

    private func watch(for count: Int, ticket: UInt64, _ continuation: CheckedContinuation<Void, Never>) {
        let isCancelled = Task.isCancelled
        let isSatisfied = state.withLock { state in
            if isCancelled || state.sleepers.count >= count { return true }
            state.watchers.append(Watcher(count: count, ticket: ticket, continuation: continuation))
            return false
        }
        if isSatisfied { continuation.resume() }
    }

    private func stopWatching(_ ticket: UInt64) {
        let watcher = state.withLock { state -> Watcher? in
            guard let index = state.watchers.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.watchers.remove(at: index)
        }
        watcher?.continuation.resume()
    }
}
