import EventModel
import EventSourcing

/// Every port of a store, whichever store it is.
protocol WholeStore: EventStore, LeaseStore, ProgressStore, PublishingCheckpointStore {}

/// The store that a test talks to: one type, so that generic parts of the library can be built over it.
struct StoreUnderTest: WholeStore {
    private let log: any EventStore
    private let store: any WholeStore

    init(_ store: any WholeStore) { self.init(store, over: store) }

    /// A log with the other ports of the store below it.
    init(_ log: any EventStore, over store: any WholeStore) {
        self.log = log
        self.store = store
    }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome { try await log.append(request) }
    func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await log.read(query) }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await log.read(query) }
    func head() async throws(StoreError) -> LogHead { try await log.head() }
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await log.waitForEvents(after: position, atMost: limit)
    }

    func acquire(
        _ name: String, holder: String, for duration: Duration
    ) async throws(StoreError) -> LeaseAnswer {
        try await store.acquire(name, holder: holder, for: duration)
    }
    func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        try await store.renew(lease, for: duration)
    }
    func release(_ lease: Lease) async throws(StoreError) { try await store.release(lease) }

    func progress(of key: ConsumerProgress.Key) async throws(StoreError) -> ConsumerProgress? {
        try await store.progress(of: key)
    }
    func allProgress() async throws(StoreError) -> [ConsumerProgress] { try await store.allProgress() }
    func advance(
        _ progress: ConsumerProgress, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        try await store.advance(progress, from: previous, under: lease)
    }
    func publishingCheckpoint(
        of key: ConsumerProgress.Key, topic: String
    ) async throws(StoreError) -> PublishingCheckpoint? {
        try await store.publishingCheckpoint(of: key, topic: topic)
    }
    func advance(
        _ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        try await store.advance(checkpoint, from: previous, under: lease)
    }
}

extension StoreUnderTest {
    /// Appends to one stream.
    @discardableResult
    func append(
        _ events: [EventDraft], to stream: StreamName, expecting expected: ExpectedVersion,
        in workspace: Workspace = .default
    ) async throws(StoreError) -> AppendOutcome {
        try await append(AppendRequest(workspace: workspace, events, to: stream, expecting: expected))
    }

    /// All pages of a query, one after the other.
    func readAll(_ query: EventQuery) async throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var next: EventQuery? = query
        while let query = next {
            let page = try await read(query)
            events += page.events
            next = query.next(after: page)
        }
        return events
    }

    /// All pages of a query over one stream.
    func readAll(_ query: StreamQuery) async throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var next: StreamQuery? = query
        while let query = next {
            let page = try await read(query)
            events += page.events
            next = query.next(after: page)
        }
        return events
    }
}
