import EventModel
import Synchronization

/// The erasures that are asked for in a world. They outlive the processes that carry them out, as requests in a register do.
final class ErasureOrders: Sendable {
    /// Somebody's request to be forgotten.
    struct Order: Sendable {
        let subject: DataSubject
        /// Not before this moment; `nil` for the one that comes after everything else.
        let due: Int64?
        var isTaken = false
        var isDone = false
    }

    /// How long after the last writer is done the final erasures begin: behind it nothing arrives late, and no cached key is used.
    private static let rest: Int64 = 6_000_000

    private struct State {
        var orders: [Order]
        var writersDoneAt: Int64?
    }

    private let state: Mutex<State>

    init(_ orders: [Order]) { state = Mutex(State(orders: orders)) }

    var isDone: Bool { state.withLock { $0.orders.allSatisfy(\.isDone) } }

    /// Whether anybody has asked to erase this subject.
    func concern(_ subject: DataSubject) -> Bool { state.withLock { $0.orders.contains { $0.subject == subject } } }

    /// An order to carry out now, if there is one.
    func take(at now: Int64, writersAreDone: Bool) -> (number: Int, subject: DataSubject)? {
        state.withLock { state in
            if writersAreDone, state.writersDoneAt == nil { state.writersDoneAt = now }
            let rested = state.writersDoneAt.map { now >= $0 + Self.rest } ?? false
            let first = state.orders.firstIndex { order in
                !order.isTaken && !order.isDone && (order.due.map { $0 <= now } ?? rested)
            }
            guard let first else { return nil }
            state.orders[first].isTaken = true
            return (first, state.orders[first].subject)
        }
    }

    func finish(_ number: Int) { state.withLock { $0.orders[number].isDone = true } }

    /// Whoever carried it out could not: somebody else takes it.
    func release(_ number: Int) { state.withLock { $0.orders[number].isTaken = false } }
}
