import EventSourcing
import HeapModule

/// Which executions are to be looked at, and when. A value: time is an input.
///
/// However often an execution is touched, it is looked at once: a quiet moment after the last touch, but no later than a limit after the first. Reports of
/// both sides about one thing come in one after the other, and a look between them would see a difference that is none.
///
/// What nothing has happened to, and what is visited all the same from time to time, has its turn when nothing else is due.
struct Agenda: Sendable {
    private struct Entry: Sendable, Comparable {
        let due: Duration
        let key: ExecutionKey

        static func < (left: Entry, right: Entry) -> Bool { (left.due, left.key) < (right.due, right.key) }
    }

    private struct Appointment: Sendable {
        /// When; `nil` while it is in hand and nothing has happened since.
        var due: Duration?
        /// The first touch that was not looked at yet.
        var touchedAt: Duration?
        var isInHand = false
    }

    private let quiet: Duration
    private let patience: Duration
    private var appointments: [ExecutionKey: Appointment] = [:]
    /// Entries whose appointment has moved are passed over when they come up.
    private var entries = Heap<Entry>()
    /// Executions to visit, in order; those before ``nextVisit`` were.
    private var visits: [ExecutionKey] = []
    private var nextVisit = 0
    /// How many executions are being looked at.
    private(set) var inHand = 0

    /// - Parameters:
    ///   - quiet: how long nothing is to happen before a look.
    ///   - patience: how long a look waits for that at most.
    init(quiet: Duration, patience: Duration) {
        self.quiet = quiet
        self.patience = patience
    }

    /// How many executions have an appointment or are in hand.
    var count: Int { appointments.count }

    /// How many executions are still to be visited.
    var visitCount: Int { visits.count - nextVisit }

    /// When the next look is due; `nil` for none.
    var nextDue: Duration? {
        mutating get {
            while let entry = entries.min, !isValid(entry) { entries.removeMin() }
            return entries.min?.due
        }
    }

    private func isValid(_ entry: Entry) -> Bool {
        guard let appointment = appointments[entry.key] else { return false }
        return appointment.due == entry.due && !appointment.isInHand
    }

    /// Something has happened to an execution.
    mutating func touch(_ key: ExecutionKey, at now: Duration) {
        var appointment = appointments[key] ?? Appointment()
        let first = appointment.touchedAt ?? now
        appointment.touchedAt = first
        put(min(now + quiet, first + patience), key, &appointment)
    }

    /// An execution is to be looked at by then, if not earlier.
    mutating func look(at key: ExecutionKey, by due: Duration) {
        var appointment = appointments[key] ?? Appointment()
        if let known = appointment.due, known <= due { return }
        put(due, key, &appointment)
    }

    /// Executions are to be visited one after the other, as soon as there is time for that.
    mutating func visit(_ keys: some Sequence<ExecutionKey>) {
        visits.removeFirst(nextVisit)
        nextVisit = 0
        visits += keys
    }

    /// Whether an execution has an appointment or is in hand.
    func knows(_ key: ExecutionKey) -> Bool { appointments[key] != nil }

    private mutating func put(_ due: Duration, _ key: ExecutionKey, _ appointment: inout Appointment) {
        appointment.due = due
        appointments[key] = appointment
        if !appointment.isInHand { entries.insert(Entry(due: due, key: key)) }
    }

    /// Takes into hand what is due, at most so many.
    mutating func takeDue(at now: Duration, atMost limit: Int) -> [ExecutionKey] {
        var keys: [ExecutionKey] = []
        while keys.count < limit, let due = nextDue, due <= now {
            let key = entries.removeMin().key
            take(key)
            keys.append(key)
        }
        while keys.count < limit, nextVisit < visits.count {
            let key = visits[nextVisit]
            nextVisit += 1
            // One that something has just happened to is looked at in a moment anyway.
            guard !(appointments[key].map { $0.isInHand || $0.touchedAt != nil } ?? false) else { continue }
            take(key)
            keys.append(key)
        }
        return keys
    }

    private mutating func take(_ key: ExecutionKey) {
        appointments[key] = Appointment(due: nil, touchedAt: nil, isInHand: true)
        inHand += 1
    }

    /// An execution was looked at.
    ///
    /// - Parameter again: when it is to be looked at once more although nothing happens.
    mutating func finish(_ key: ExecutionKey, again: Duration?) {
        guard var appointment = appointments[key], appointment.isInHand else { return }
        appointment.isInHand = false
        inHand -= 1
        let due = [appointment.due, again].compactMap { $0 }.min()
        guard let due else {
            appointments[key] = nil
            return
        }
        put(due, key, &appointment)
    }

    /// Forgets what is not in hand and fits.
    mutating func forget(where isForgotten: (ExecutionKey) -> Bool) {
        appointments = appointments.filter { $0.value.isInHand || !isForgotten($0.key) }
        visits = visits[nextVisit...].filter { !isForgotten($0) }
        nextVisit = 0
    }
}
