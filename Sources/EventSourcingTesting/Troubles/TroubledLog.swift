import EventModel
import EventSourcing
import Synchronization

/// A log in memory whose calls meet what a test wants them to meet.
public final class TroubledLog: EventStore {
    /// What a call meets.
    public enum Trouble: Sendable {
        /// Nothing happens, and says so.
        case unavailable
        /// It happens, and the answer is lost.
        case lostAnswer
        /// Somebody else appends first.
        case overtaken([AppendRequest])
        /// The call fails for good.
        case broken
    }

    /// The log below, which knows no troubles.
    public let base = InMemoryEventStore()
    private let troubles: Mutex<[Trouble]>
    private let readingTroubles: Mutex<[Trouble]>
    private let requests = Mutex<[AppendRequest]>([])
    private let queries = Mutex<[StreamQuery]>([])

    /// A log whose calls meet these troubles in their order, and none afterwards.
    public init(appending: [Trouble] = [], reading: [Trouble] = []) {
        troubles = Mutex(appending)
        readingTroubles = Mutex(reading)
    }

    /// Every append that was asked for.
    public var asked: [AppendRequest] { requests.withLock { $0 } }
    /// Every stream that was read.
    public var read: [StreamQuery] { queries.withLock { $0 } }

    /// What the next appends meet.
    public func expect(_ appending: [Trouble]) { troubles.withLock { $0 = appending } }

    /// Meets the next trouble of appending.
    public func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
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

    /// Meets the next trouble of reading.
    public func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage {
        queries.withLock { $0.append(query) }
        switch readingTroubles.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        case nil, .overtaken: return try await base.read(query)
        case .unavailable, .lostAnswer: throw .unavailable(reason: "a test")
        case .broken: throw .failed(reason: "a test")
        }
    }

    /// As the log below.
    public func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await base.read(query) }
    /// As the log below.
    public func head() async throws(StoreError) -> LogHead { try await base.head() }
    /// As the log below.
    public func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }
}
