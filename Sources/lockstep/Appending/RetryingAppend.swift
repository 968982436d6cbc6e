import EventModel
import EventSourcing

/// Appends, and tries again with the same ids when the log is away for a moment or the outcome is unknown.
struct RetryingAppend<Store: EventStore>: Sendable {
    /// Tries of one append.
    static var attempts: Int { 8 }

    let store: Store
    let time: any Timekeeper
    let random: any RandomSource

    init(_ store: Store, time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource()) {
        self.store = store
        self.time = time
        self.random = random
    }

    func callAsFunction(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        var backoff = Backoff(base: .milliseconds(50), cap: .seconds(2))
        var attempt = 1
        while true {
            do throws(StoreError) {
                return try await store.append(request)
            } catch {
                guard error.isTransient, attempt < Self.attempts else { throw error }
                attempt += 1
            }
            do throws(CancellationError) { try await time.sleep(for: backoff.next(random)) } catch { throw .cancelled }
        }
    }
}
