/// Waiting times between attempts: doubled each time, capped, and scattered so that many waiters do not come together.
public struct Backoff: Sendable, Equatable {
    /// The longest wait after the first failure.
    public var base: Duration
    /// No wait is longer.
    public var cap: Duration

    /// Waits between half of `base` and `base` at first, at most `cap` later.
    public init(base: Duration = .milliseconds(50), cap: Duration = .seconds(5)) {
        self.base = base
        self.cap = cap
    }

    // Past this many doublings every wait is at its cap.
    private static let doublingLimit = 30

    /// The wait after `failures` failures in a row: between half and all of `base · 2^(failures - 1)`, at most `cap`.
    ///
    /// - Parameters:
    ///   - failures: 1 or more; 0 needs no wait.
    ///   - generator: where the scatter comes from.
    public func delay(afterFailures failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        guard failures > 0 else { return .zero }
        let doublings = min(failures - 1, Self.doublingLimit)
        let longest = min(cap, base * (1 << doublings))
        return longest * Double.random(in: 0.5...1, using: &generator)
    }
}
