import Synchronization

/// A value that one thread will deliver and one task awaits; the first answer counts.
final class Promise<Value: Sendable>: Sendable {
    typealias Answer = Result<Value, PostgresError>

    private enum State {
        case open
        case awaited(CheckedContinuation<Answer, Never>)
        case answered(Answer)
        case done
    }

    private let state = Mutex(State.open)

    /// Whether an answer was given already.
    var isSettled: Bool {
        state.withLock { state in
            switch state {
            case .open, .awaited: false
            case .answered, .done: true
            }
        }
    }

    /// Gives the answer.
    ///
    /// - Returns: false when there was one already; this one is dropped.
    @discardableResult
    func settle(_ answer: Answer) -> Bool {
        let (taken, waiter): (Bool, CheckedContinuation<Answer, Never>?) = state.withLock { state in
            switch state {
            case .open:
                state = .answered(answer)
                return (true, nil)
            case .awaited(let waiter):
                state = .done
                return (true, waiter)
            case .answered, .done:
                return (false, nil)
            }
        }
        waiter?.resume(returning: answer)
        return taken
    }

    /// Waits for the answer; cancelling the task is an answer too.
    func value() async throws(PostgresError) -> Value {
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { register($0) }
        } onCancel: {
            settle(.failure(PostgresError(.cancelled, "the task was cancelled")))
        }
        return try answer.get()
    }

    private func register(_ waiter: CheckedContinuation<Answer, Never>) {
        let ready: Answer? = state.withLock { state in
            guard case .answered(let answer) = state else {
                state = .awaited(waiter)
                return nil
            }
            state = .done
            return answer
        }
        if let ready { waiter.resume(returning: ready) }
    }
}
