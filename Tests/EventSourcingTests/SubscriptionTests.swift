import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@Suite struct `A subscription over a broken log` {
    /// A log whose pages lack an event.
    private struct LogWithHole: EventStore {
        let store = InMemoryEventStore(time: ManualTimekeeper())
        let missing: Int64

        func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
            try await store.append(request)
        }
        func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await store.read(query) }
        func head() async throws(StoreError) -> LogHead { try await store.head() }
        func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {}

        func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
            var page = try await store.read(query)
            var builder = EventBatchBuilder()
            for event in page.events where event.position.rawValue != missing { builder.append(event) }
            page.events = builder.finish()
            return page
        }
    }

    @Test(arguments: [1, 2, 5] as [Int64])
    func `a hole is corruption, never a gap to wait for`(_ missing: Int64) async throws {
        let log = LogWithHole(missing: missing)
        _ = try await log.append(AppendRequest(EventDraft.drafts(6), to: "account-1", expecting: .noStream))
        var events = Subscription(to: log, after: .start).makeAsyncIterator()
        let error = await #expect(throws: StoreError.self) { _ = try await events.next() }
        guard case .corrupt(at: GlobalPosition(missing), _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `an event that is missing at the end of a page is not skipped`() async throws {
        let log = LogWithHole(missing: 6)
        _ = try await log.append(AppendRequest(EventDraft.drafts(6), to: "account-1", expecting: .noStream))
        var events = Subscription(to: log, after: .start).makeAsyncIterator()
        do throws(StoreError) {
            _ = try await events.next()
            #expect(events.position == GlobalPosition(5))
        } catch {
            guard case .corrupt = error else { throw error }
        }
    }
}
