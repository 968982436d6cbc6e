import EventModel
import FoundationEssentials

/// The machine's own clocks.
public struct SystemTimekeeper: Timekeeper {
    private let started = ContinuousClock.now

    /// The machine's own clocks.
    public init() {}

    /// The wall clock.
    public func now() -> Timestamp {
        Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }

    /// Time since this clock was made.
    public func steady() -> Duration { started.duration(to: .now) }

    /// Sleeps; throws when the task is cancelled.
    public func sleep(for duration: Duration) async throws(CancellationError) {
        do { try await Task.sleep(for: duration) } catch { throw CancellationError() }
    }
}
