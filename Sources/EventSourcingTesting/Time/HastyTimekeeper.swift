import EventModel
import EventSourcing

/// A clock on which no time passes while somebody sleeps.
public struct HastyTimekeeper: Timekeeper {
    /// The clock.
    public init() {}

    /// Always the same moment.
    public func now() -> Timestamp { Timestamp(microseconds: 1_770_000_000_000_000) }
    /// Always nothing.
    public func steady() -> Duration { .zero }
    /// Returns at once.
    public func sleep(for duration: Duration) async throws(CancellationError) {}
}
