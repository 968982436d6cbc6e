import EventModel
import FoundationEssentials
import Synchronization

/// Gathers the appends of many concurrent callers into few commits: one round trip and one fsync for all that have queued while the
/// last commit was under way.
///
/// ``run(_:)`` is the writer; callers wait in ``append(_:)``. One caller's conflict, or cancellation, never touches its neighbours.
public final class GroupCommit: Sendable {
    private typealias Answer = Result<AppendOutcome, StoreError>

    private struct State: ~Copyable {
        var machine: GroupCommitMachine<UInt64>
        var callers: [UInt64: CheckedContinuation<Answer, Never>] = [:]
        var sleepingWriter: CheckedContinuation<Void, Never>?
        var lastTicket: UInt64 = 0
    }

    /// The most turns that callers get between two commits.
    private static let turnsBetweenCommits = 8

    private let state: Mutex<State>

    /// A queue in front of a log.
    public init(limits: GroupCommitLimits = GroupCommitLimits()) {
        state = Mutex(State(machine: GroupCommitMachine(limits: limits)))
    }

    /// How many appends wait, and their bytes.
    public var waiting: (appends: Int, bytes: Int) {
        state.withLock { ($0.machine.waitingCount, $0.machine.waitingBytes) }
    }

    /// Queues a request and waits for its answer.
    ///
    /// - Throws: ``StoreError/overloaded(waiting:limit:)`` at once when the queue is full; ``StoreError/cancelled`` when the task was
    ///   cancelled before the request was sent. A request that is being committed is always waited for.
    public func append(_ append: CheckedAppend) async throws(StoreError) -> AppendOutcome {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { caller in submit(append, as: ticket, caller) }
        } onCancel: {
            withdraw(ticket)
        }
        return try answer.get()
    }

    private func submit(_ append: CheckedAppend, as ticket: UInt64, _ caller: CheckedContinuation<Answer, Never>) {
        // A task that is cancelled already runs its handler before there is anything to withdraw.
        let isCancelled = Task.isCancelled
        let (refusal, writer): (StoreError?, CheckedContinuation<Void, Never>?) = state.withLock { state in
            guard !isCancelled else { return (.cancelled, nil) }
            switch state.machine.submit(append, as: ticket) {
            case .queued:
                state.callers[ticket] = caller
                return (nil, nil)
            case .wakeWriter:
                state.callers[ticket] = caller
                return (nil, state.sleepingWriter.take())
            case .overloaded(let waiting, let limit): return (.overloaded(waiting: waiting, limit: limit), nil)
            case .closed: return (.cancelled, nil)
            }
        }
        if let refusal { caller.resume(returning: .failure(refusal)) }
        writer?.resume()
    }

    private func withdraw(_ ticket: UInt64) {
        let caller = state.withLock { state in
            state.machine.cancel(ticket) ? state.callers.removeValue(forKey: ticket) : nil
        }
        caller?.resume(returning: .failure(.cancelled))
    }

    /// The writer: commits what has queued, again and again, until ``close()`` has been called and the queue is empty. Runs once.
    ///
    /// - Parameters:
    ///   - turn: lets callers run that are ready to.
    ///   - commit: stores a batch and answers each request, in order. It is never called twice at a time.
    public func run(
        turn: () async -> Void = { await Task.yield() },
        _ commit: ([CheckedAppend]) async -> [Result<AppendOutcome, StoreError>]
    ) async {
        while true {
            switch state.withLock({ $0.machine.next() }) {
            case .finish: return
            case .sleep: await sleep()
            case .commit(let batch):
                let answers = await commit(batch.map(\.append))
                precondition(answers.count == batch.count, "a commit answers every request")
                answer(batch, with: answers)
                // A lone caller has nobody to share with.
                if batch.count > 1 { await letCallersComeAgain(turn) }
            }
        }
    }

    /// Lets those run who have just been answered: many come again at once, and what they bring belongs into the next commit. Without this
    /// they would miss it by microseconds, and every second commit would be for the few who came meanwhile. Nobody is waited for: it ends
    /// when a turn brings nothing new.
    private func letCallersComeAgain(_ turn: () async -> Void) async {
        var known = -1
        for _ in 0..<Self.turnsBetweenCommits {
            let waiting = waiting.appends
            guard waiting > known else { return }
            known = waiting
            await turn()
        }
    }

    /// Takes no more requests. Those that wait are still committed; then ``run(_:)`` returns.
    public func close() {
        let writer = state.withLock { state in state.machine.close() ? state.sleepingWriter.take() : nil }
        writer?.resume()
    }

    private func answer(_ batch: [GroupCommitMachine<UInt64>.Waiting], with answers: [Answer]) {
        let callers = state.withLock { state in batch.map { state.callers.removeValue(forKey: $0.ticket) } }
        for (caller, answer) in zip(callers, answers) { caller?.resume(returning: answer) }
    }

    private func sleep() async {
        await withCheckedContinuation { writer in
            // Somebody may have come between deciding to sleep and lying down.
            let isNeeded = state.withLock { state in
                if state.machine.hasWorkForWriter { return true }
                state.sleepingWriter = writer
                return false
            }
            if isNeeded { writer.resume() }
        }
    }
}
