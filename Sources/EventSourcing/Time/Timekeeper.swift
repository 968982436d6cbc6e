import EventModel

/// Time from outside: the wall clock for what is recorded, a steady clock for waiting. Injected everywhere, so that a simulation can
/// own it.
public protocol Timekeeper: Sendable {
    /// The wall clock, to the microsecond.
    func now() -> Timestamp
    /// Time since some fixed moment; never goes back.
    func steady() -> Duration
    /// Sleeps; throws when the task is cancelled.
    func sleep(for duration: Duration) async throws(CancellationError)
}
