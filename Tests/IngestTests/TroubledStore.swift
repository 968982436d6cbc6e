import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization

/// A log in memory whose appends meet what a test wants them to meet.
final class TroubledStore: EventStore {
    enum Trouble: Sendable {
        /// Nothing happens, and says so.
        case unavailable
        /// It happens, and the answer is lost.
        case lostAnswer
        /// Somebody else appends first.
        case overtaken(AppendRequest)
    }

    let base = InMemoryEventStore()
    private let troubles: Mutex<[Trouble]>
    private let requests = Mutex<[AppendRequest]>([])

    init(_ troubles: [Trouble] = []) {
        self.troubles = Mutex(troubles)
    }

    /// Every append that was asked for.
    var asked: [AppendRequest] { requests.withLock { $0 } }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        requests.withLock { $0.append(request) }
        let trouble = troubles.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        switch trouble {
        case nil: return try await base.append(request)
        case .unavailable: throw .unavailable(reason: "a test")
        case .lostAnswer:
            _ = try await base.append(request)
            throw .unknownOutcome(reason: "a test")
        case .overtaken(let other):
            _ = try await base.append(other)
            return try await base.append(request)
        }
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await base.read(query) }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await base.read(query) }
    func head() async throws(StoreError) -> LogHead { try await base.head() }
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }
}

/// A clock on which no time passes while somebody sleeps.
struct HastyTimekeeper: Timekeeper {
    func now() -> Timestamp { Timestamp(microseconds: 1_770_000_000_000_000) }
    func steady() -> Duration { .zero }
    func sleep(for duration: Duration) async throws(CancellationError) {}
}
