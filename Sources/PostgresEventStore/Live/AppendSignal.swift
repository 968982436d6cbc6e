import EventModel
import EventSourcing
import Synchronization

/// Wakes readers that wait for the log to grow: fed by this process's own commits and by notifications of others. Only latency
/// depends on it.
final class AppendSignal: Sendable {
    private struct Waiter {
        let position: GlobalPosition
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State: ~Copyable {
        var head = GlobalPosition.start
        /// The end of what this process has committed, and what of it others have been told.
        var committed = GlobalPosition.start
        var announced = GlobalPosition.start
        var waiters: [UInt64: Waiter] = [:]
        var lastTicket: UInt64 = 0
        var announcer: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// The furthest end of the log that this process has heard of.
    var head: GlobalPosition { state.withLock { $0.head } }

    /// A commit of this process: readers here wake now, others are to be notified.
    func committed(through position: GlobalPosition) {
        heard(of: position)
        let announcer = state.withLock { state in
            state.committed = max(state.committed, position)
            return state.announcer.take()
        }
        announcer?.resume()
    }

    /// News from elsewhere.
    func heard(of position: GlobalPosition) {
        let awake = state.withLock { state -> [Waiter] in
            guard position > state.head else { return [] }
            state.head = position
            let awake = state.waiters.filter { $0.value.position < position }
            for ticket in awake.keys { state.waiters.removeValue(forKey: ticket) }
            return Array(awake.values)
        }
        for waiter in awake { waiter.continuation.resume() }
    }

    /// Wakes everybody: something may have been missed.
    func wakeAll() {
        let awake = state.withLock { state in
            defer { state.waiters.removeAll() }
            return Array(state.waiters.values)
        }
        for waiter in awake { waiter.continuation.resume() }
    }

    /// Sleeps until the log is known to have grown beyond `position`, ``wakeAll()``, or cancellation.
    func wait(beyond position: GlobalPosition) async {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = Task.isCancelled
                let waits = state.withLock { state in
                    guard !isOver, state.head <= position else { return false }
                    state.waiters[ticket] = Waiter(position: position, continuation: continuation)
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.continuation.resume()
        }
    }

    /// Waits for a commit of this process that has not been announced to others yet; the position to announce. Returns `nil` when
    /// cancelled. One caller at a time.
    func nextAnnouncement() async -> GlobalPosition? {
        while !Task.isCancelled {
            let due = state.withLock { state -> GlobalPosition? in
                guard state.committed > state.announced else { return nil }
                state.announced = state.committed
                return state.committed
            }
            if let due { return due }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isOver = Task.isCancelled
                    let waits = state.withLock { state in
                        guard !isOver, state.committed <= state.announced else { return false }
                        state.announcer = continuation
                        return true
                    }
                    if !waits { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.announcer.take() }?.resume()
            }
        }
        return nil
    }
}
