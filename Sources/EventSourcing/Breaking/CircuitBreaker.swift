import EventModel

/// Keeps a caller away from somebody who does not answer, and lets one try through from time to time.
///
/// Closed: everything passes. After ``CircuitLimits/failures`` failures in a row it opens: nothing passes until a pause is over, which doubles
/// with every failed try. Then it is half open: one try passes, and its end closes it or opens it again. A value without a clock: time
/// and randomness are input, so that a simulation owns both.
///
/// Every pass is a ``Ticket``, by which its end is told. What ends late, after the breaker has opened or closed without it, changes
/// nothing but the last error.
public struct CircuitBreaker: Sendable, Hashable {
    /// What is told to it.
    public enum Input: Sendable, Hashable {
        /// Somebody wants to pass.
        case asked(Moment)
        /// What passed with this ticket went well: the other side answers, whatever it answers.
        case succeeded(Ticket, Moment)
        /// What passed with this ticket went wrong as it would for anybody. `random`: 64 random bits, so that many breakers do not try together.
        case failed(Ticket, Moment, reason: String, random: UInt64)
        /// The other side asks to be left alone for this long.
        case heldOff(Ticket, Moment, wait: Duration, reason: String)
        /// What passed with this ticket ended without saying anything about the other side: the caller gave up.
        case abandoned(Ticket, Moment)
    }

    /// What is to be done.
    public enum Action: Sendable, Hashable {
        /// Go on, and tell how it ended.
        case pass(Ticket)
        /// Do not; ask again after this long.
        case refuse(wait: Duration)
        /// Nothing.
        case none
        /// Nothing, but it has just opened.
        case opened
        /// Nothing, but it has just closed.
        case closed
    }

    /// One pass.
    public struct Ticket: Sendable, Hashable {
        fileprivate let period: Int
        /// Whether it is the one try of a breaker that is half open.
        public let isTry: Bool
    }

    /// A moment by both clocks: the steady one decides, the other is shown.
    public struct Moment: Sendable, Hashable {
        /// Time since some fixed moment; never goes back.
        public let steady: Duration
        /// The wall clock.
        public let wall: Timestamp

        /// A moment.
        public init(steady: Duration, wall: Timestamp) {
            self.steady = steady
            self.wall = wall
        }

        /// Now.
        public init(_ time: any Timekeeper) { self.init(steady: time.steady(), wall: time.now()) }
    }

    private enum State: Sendable, Hashable {
        case closed
        case open(until: Duration)
        case trying(since: Duration)
    }

    /// What it stands before: a server, in words that may be shown.
    public let name: String
    private let limits: CircuitLimits
    private var state = State.closed
    /// Grows with every change of state: a ticket of an earlier period has nothing to say.
    private var period = 0
    private var failures = 0
    /// How often it has opened without closing between.
    private var openings = 0
    private var since: Timestamp
    private var nextTry: Timestamp?
    private var lastError: CircuitStanding.Failure?

    /// A closed breaker.
    public init(_ name: String, limits: CircuitLimits = CircuitLimits(), at now: Moment) {
        self.name = name
        self.limits = limits
        since = now.wall
    }

    /// Takes `input` in and answers what is to be done.
    public mutating func receive(_ input: Input) -> Action {
        switch input {
        case .asked(let now): return ask(now)
        case .succeeded(let ticket, let now): return succeed(ticket, now)
        case .failed(let ticket, let now, let reason, let random):
            note(reason, now)
            guard ticket.period == period else { return .none }
            failures = min(failures + 1, CircuitLimits.mostFailures)
            guard ticket.isTry || failures >= limits.failures else { return .none }
            return open(for: pause(random), now)
        case .heldOff(let ticket, let now, let wait, let reason):
            note(reason, now)
            guard ticket.period == period else { return .none }
            failures = min(failures + 1, CircuitLimits.mostFailures)
            return open(for: min(max(wait, .zero), CircuitLimits.longestHold), now)
        case .abandoned(let ticket, let now):
            guard ticket.period == period, ticket.isTry else { return .none }
            move(to: .open(until: now.steady), now.wall)
            nextTry = now.wall
            return .none
        }
    }

    private mutating func ask(_ now: Moment) -> Action {
        switch state {
        case .closed: return .pass(Ticket(period: period, isTry: false))
        case .open(let until):
            guard now.steady >= until else { return .refuse(wait: until - now.steady) }
            return letTry(now)
        case .trying(let since):
            // A try that never ended: its caller is gone.
            let given = since + limits.tryPatience
            guard now.steady >= given else { return .refuse(wait: given - now.steady) }
            return letTry(now)
        }
    }

    private mutating func letTry(_ now: Moment) -> Action {
        move(to: .trying(since: now.steady), now.wall)
        nextTry = nil
        return .pass(Ticket(period: period, isTry: true))
    }

    private mutating func succeed(_ ticket: Ticket, _ now: Moment) -> Action {
        guard ticket.period == period else { return .none }
        failures = 0
        guard ticket.isTry else { return .none }
        openings = 0
        nextTry = nil
        move(to: .closed, now.wall)
        return .closed
    }

    private mutating func open(for pause: Duration, _ now: Moment) -> Action {
        openings = min(openings + 1, CircuitLimits.mostDoublings)
        nextTry = min(now.wall.advanced(by: pause), .latest)
        move(to: .open(until: now.steady + pause), now.wall)
        return .opened
    }

    private mutating func move(to state: State, _ now: Timestamp) {
        if Self.word(state) != Self.word(self.state) { since = now }
        self.state = state
        period += 1
    }

    private mutating func note(_ reason: String, _ now: Moment) {
        lastError = CircuitStanding.Failure(
            reason: String(reason.prefix(CircuitLimits.reasonCharacters)), at: now.wall)
    }

    /// Between half and all of the pause that has doubled with every opening.
    private func pause(_ random: UInt64) -> Duration {
        var full = limits.firstPause
        for _ in 0..<openings where full < limits.longestPause { full = full * 2 }
        full = min(full, limits.longestPause)
        return full / 2 + (full / 2) * (Double(random >> 11) / Double(UInt64(1) << 53))
    }

    private static func word(_ state: State) -> CircuitStanding.State {
        switch state {
        case .closed: .closed
        case .open: .open
        case .trying: .halfOpen
        }
    }

    /// How it stands, to be shown.
    public var standing: CircuitStanding {
        CircuitStanding(
            name: name, state: Self.word(state), since: since, failures: failures, lastError: lastError,
            nextTry: nextTry)
    }
}
