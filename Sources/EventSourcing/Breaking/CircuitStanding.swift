import EventModel

/// How a circuit breaker stands: what a person looks at who wonders why nothing is sent.
public struct CircuitStanding: Sendable, Hashable {
    /// What it does.
    public enum State: String, Sendable, CaseIterable {
        /// Everything passes.
        case closed
        /// Nothing passes.
        case open
        /// One try is under way.
        case halfOpen = "half_open"
    }

    /// What went wrong last.
    public struct Failure: Sendable, Hashable {
        /// In words, at most ``CircuitLimits/reasonCharacters``.
        public let reason: String
        /// When.
        public let at: Timestamp

        /// A failure by its parts.
        public init(reason: String, at: Timestamp) {
            self.reason = reason
            self.at = at
        }
    }

    /// What it stands before.
    public let name: String
    /// What it does.
    public let state: State
    /// Since when.
    public let since: Timestamp
    /// Failures in a row, until now.
    public let failures: Int
    /// What went wrong last, if anything ever did.
    public let lastError: Failure?
    /// When it will let a try through; `nil` unless it is open.
    public let nextTry: Timestamp?

    /// A standing by its parts.
    public init(
        name: String, state: State, since: Timestamp, failures: Int, lastError: Failure?, nextTry: Timestamp?
    ) {
        self.name = name
        self.state = state
        self.since = since
        self.failures = failures
        self.lastError = lastError
        self.nextTry = nextTry
    }
}

extension CircuitStanding: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        let last = lastError.map { " (\($0.reason))" } ?? ""
        return switch state {
        case .closed: "\(name) is reached"
        case .open:
            "\(name) is left alone after \(failures) failures\(last); next try \(nextTry?.description ?? "soon")"
        case .halfOpen: "\(name) is being tried after \(failures) failures\(last)"
        }
    }
}

/// The bounds of a circuit breaker.
public struct CircuitLimits: Sendable, Hashable {
    /// Failures in a row that open it; at least one.
    public let failures: Int
    /// The pause after it has opened for the first time.
    public let firstPause: Duration
    /// The longest pause.
    public let longestPause: Duration
    /// How long a try may take before another is let through.
    public let tryPatience: Duration

    /// The longest time that somebody is left alone, also because he asks for it; no pause and no patience is longer.
    public static let longestHold: Duration = .seconds(3_600)
    /// Characters kept of a reason.
    public static let reasonCharacters = 200
    static let mostFailures = 1_000_000
    static let mostDoublings = 30

    /// Limits.
    public init(
        failures: Int = 5, firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(30),
        tryPatience: Duration = .seconds(60)
    ) {
        self.failures = max(1, failures)
        self.firstPause = min(max(.zero, firstPause), Self.longestHold)
        self.longestPause = min(max(self.firstPause, longestPause), Self.longestHold)
        self.tryPatience = min(max(.zero, tryPatience), Self.longestHold)
    }
}
