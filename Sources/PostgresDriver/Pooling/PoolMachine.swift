/// The pool as a value: which slots hold a connection, who has them, and who waits. Times are durations since any
/// origin.
///
/// A slot is the right to one connection. It is either empty, and whoever gets it opens the connection, or it holds one
/// that is idle. So opening happens in the task that waits for it, and the pool needs no task of its own.
struct PoolMachine {
    typealias Slot = Int
    typealias Waiter = UInt64

    /// The right to use a slot.
    struct Grant: Equatable, Sendable {
        let slot: Slot
        /// Whether an idle connection lies in the slot; otherwise it must be opened.
        let holdsConnection: Bool
    }

    enum Acquisition: Equatable {
        case granted(Grant)
        case queued
        case refused(waiting: Int)
        case closed
    }

    enum Release: Equatable {
        case none
        /// The slot goes on to the waiter that came first.
        case handOver(Grant, to: Waiter)
        /// The pool closes: close the connection. `isDrained` when it was the last slot in use.
        case discard(isDrained: Bool)
    }

    private struct Idle {
        let slot: Slot
        let since: Duration
    }

    private let limits: PoolLimits
    private let backoff: Backoff
    private var empty: [Slot]
    private var idle: [Idle] = []
    private var waiters: [Waiter] = []
    private var inUse = 0
    private var isClosed = false
    private var failures = 0
    private var mayOpenAt = Duration.zero

    init(limits: PoolLimits, backoff: Backoff) {
        self.limits = limits
        self.backoff = backoff
        empty = Array((0..<limits.maxConnections).reversed())
    }

    var isDrained: Bool { isClosed && inUse == 0 }
    var counts: (idle: Int, inUse: Int, waiting: Int) { (idle.count, inUse, waiters.count) }
}

extension PoolMachine {
    /// Takes a slot if nobody has to wait for one.
    mutating func acquireIfFree() -> Grant? {
        isClosed || !waiters.isEmpty ? nil : takeSlot()
    }

    /// Asks for a slot and queues for it if need be; the most recently used connection first, so that superfluous ones
    /// grow old.
    mutating func acquire(_ waiter: Waiter) -> Acquisition {
        guard !isClosed else { return .closed }
        if let grant = acquireIfFree() { return .granted(grant) }
        guard waiters.count < limits.maxWaiters else { return .refused(waiting: waiters.count) }
        waiters.append(waiter)
        return .queued
    }

    /// Gives a slot back. `keepsConnection` says whether a usable connection lies in it.
    mutating func release(_ slot: Slot, keepsConnection: Bool, at now: Duration) -> Release {
        if !isClosed, !waiters.isEmpty {
            return .handOver(Grant(slot: slot, holdsConnection: keepsConnection), to: waiters.removeFirst())
        }
        inUse -= 1
        guard !isClosed else { return .discard(isDrained: inUse == 0) }
        if keepsConnection {
            idle.append(Idle(slot: slot, since: now))
        } else {
            empty.append(slot)
        }
        return .none
    }

    /// A waiter that gives up, because it was cancelled or has waited long enough.
    ///
    /// - Returns: false when it was no longer in the queue: it has got its slot.
    mutating func leave(_ waiter: Waiter) -> Bool {
        guard let place = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: place)
        return true
    }

    /// Takes out the slots whose connections have lain unused too long; their connections are to be closed.
    mutating func expire(at now: Duration) -> [Slot] {
        let expired = idle.prefix { now - $0.since >= limits.idleLimit }.map(\.slot)
        idle.removeFirst(expired.count)
        empty.append(contentsOf: expired)
        return expired
    }

    /// Closes the pool: nobody gets in any more.
    ///
    /// - Returns: the waiters to turn away and the slots whose connections to close.
    mutating func close() -> (waiters: [Waiter], idle: [Slot]) {
        isClosed = true
        defer {
            waiters.removeAll()
            idle.removeAll()
        }
        return (waiters, idle.map(\.slot))
    }

    private mutating func takeSlot() -> Grant? {
        if let recent = idle.popLast() {
            inUse += 1
            return Grant(slot: recent.slot, holdsConnection: true)
        }
        guard let slot = empty.popLast() else { return nil }
        inUse += 1
        return Grant(slot: slot, holdsConnection: false)
    }
}

extension PoolMachine {
    /// How long to wait before a connection may be opened; all tasks share the pause after failures.
    func openingDelay(at now: Duration) -> Duration {
        max(.zero, mayOpenAt - now)
    }

    /// Notes that a connection was opened.
    mutating func openingSucceeded() {
        failures = 0
        mayOpenAt = .zero
    }

    /// Notes that a connection could not be opened, and lengthens the pause.
    mutating func openingFailed(at now: Duration, using generator: inout some RandomNumberGenerator) {
        failures += 1
        mayOpenAt = now + backoff.delay(afterFailures: failures, using: &generator)
    }
}
