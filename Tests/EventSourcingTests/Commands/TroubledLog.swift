import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization

/// A log in memory whose calls meet what a test wants them to meet.
final class TroubledLog: EventStore {
    enum Trouble: Sendable {
        /// Nothing happens, and says so.
        case unavailable
        /// It happens, and the answer is lost.
        case lostAnswer
        /// Somebody else appends first.
        case overtaken([AppendRequest])
        /// The call fails for good.
        case broken
    }

    let base = InMemoryEventStore()
    private let troubles: Mutex<[Trouble]>
    private let readingTroubles: Mutex<[Trouble]>
    private let requests = Mutex<[AppendRequest]>([])
    private let queries = Mutex<[StreamQuery]>([])

    init(appending: [Trouble] = [], reading: [Trouble] = []) {
        troubles = Mutex(appending)
        readingTroubles = Mutex(reading)
    }

    /// Every append that was asked for.
    var asked: [AppendRequest] { requests.withLock { $0 } }
    /// Every stream that was read.
    var read: [StreamQuery] { queries.withLock { $0 } }

    /// What the next appends meet.
    func expect(_ appending: [Trouble]) { troubles.withLock { $0 = appending } }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        requests.withLock { $0.append(request) }
        switch troubles.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        case nil: return try await base.append(request)
        case .unavailable: throw .unavailable(reason: "a test")
        case .broken: throw .failed(reason: "a test")
        case .lostAnswer:
            _ = try await base.append(request)
            throw .unknownOutcome(reason: "a test")
        case .overtaken(let others):
            for other in others { _ = try await base.append(other) }
            return try await base.append(request)
        }
    }

    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage {
        queries.withLock { $0.append(query) }
        switch readingTroubles.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        case nil, .overtaken: return try await base.read(query)
        case .unavailable, .lostAnswer: throw .unavailable(reason: "a test")
        case .broken: throw .failed(reason: "a test")
        }
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await base.read(query) }
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
