import EventModel

/// Waits that double up to a limit, each shortened by a random part so that many waiters do not return together.
public struct Backoff: Sendable, Hashable {
    /// The first wait.
    public let base: Duration
    /// The longest wait.
    public let cap: Duration
    private var attempt = 0

    /// A backoff that starts at `base` and never waits longer than `cap`.
    public init(base: Duration = .milliseconds(100), cap: Duration = .seconds(10)) {
        self.base = base
        self.cap = cap
    }

    /// The next wait: between half and all of base × 2ⁿ, at most `cap`.
    public mutating func next(_ random: any RandomSource) -> Duration {
        var full = base
        for _ in 0..<min(attempt, 20) where full < cap { full = full * 2 }
        full = min(full, cap)
        attempt += 1
        let fraction = Double(random.next() >> 11) / Double(UInt64(1) << 53)
        return full / 2 + (full / 2) * fraction
    }

    /// Starts over, after a success.
    public mutating func reset() { attempt = 0 }
}
