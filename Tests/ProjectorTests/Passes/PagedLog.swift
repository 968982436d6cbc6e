import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization

/// A log with short pages, which counts those that were read.
final class PagedLog: EventStore {
    private let base: InMemoryEventStore
    /// Events of a page.
    let events: Int
    private let failing: Int?
    private let read = Mutex(0)

    /// - Parameter page: the number of the page that cannot be read.
    init(base: InMemoryEventStore, events: Int, failingAt page: Int? = nil) {
        self.base = base
        self.events = events
        failing = page
    }

    /// How many pages were read; a look at one event is none.
    var pagesRead: Int { read.withLock { $0 } }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        guard query.limit > 1 else { return try await base.read(query) }
        let number = read.withLock {
            $0 += 1
            return $0
        }
        guard number != failing else { throw .unavailable(reason: "injected") }
        return try await base.read(
            EventQuery(query.selection, after: query.after, through: query.through, limit: min(query.limit, events)))
    }

    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await base.read(query) }

    func head() async throws(StoreError) -> LogHead { try await base.head() }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome { try await base.append(request) }

    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }
}
