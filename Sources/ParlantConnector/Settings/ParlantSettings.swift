import EventSourcing

/// How patient a connector is.
public struct ParlantSettings: Sendable, Hashable {
    /// How long one request may take, the wait that it asks for not counted.
    public var requestPatience: Duration
    /// How often a request that is safe to repeat is sent, the first time included; at least once.
    public var attempts: Int
    /// The waits between attempts.
    public var backoff: Backoff

    /// Settings; each value that is not given is that of ``ParlantLimits``.
    public init(
        requestPatience: Duration = ParlantLimits.requestPatience, attempts: Int = ParlantLimits.attempts,
        backoff: Backoff = Backoff(base: ParlantLimits.firstWait, cap: ParlantLimits.longestWait)
    ) {
        self.requestPatience = requestPatience
        self.attempts = max(1, attempts)
        self.backoff = backoff
    }
}
