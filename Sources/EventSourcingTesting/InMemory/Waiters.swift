import EventModel
import Synchronization

/// Tasks that wait for the log to grow beyond a position.
final class Waiters: Sendable {
    private struct Waiter {
        let position: GlobalPosition
        let ticket: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var head = GlobalPosition.start
        var waiters: [Waiter] = []
        var lastTicket: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Wakes everyone whom this head satisfies.
    func grow(to head: GlobalPosition) {
        let satisfied = state.withLock { state in
            state.head = max(state.head, head)
            defer { state.waiters.removeAll { $0.position < head } }
            return state.waiters.filter { $0.position < head }
        }
        for waiter in satisfied { waiter.continuation.resume() }
    }

    /// Returns when the log is longer than `position`, or when the task is cancelled.
    func wait(beyond position: GlobalPosition) async {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = Task.isCancelled
                let isDone = state.withLock { state in
                    if isCancelled || state.head > position { return true }
                    state.waiters.append(Waiter(position: position, ticket: ticket, continuation: continuation))
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume()
        }
    }
}
