import EventModel
import EventSourcing

/// Follows the log live and keeps what it saw, until it has seen a number of events. A hole ends it with an error.
struct LiveReader<Store: EventStore>: Sendable {
    let store: Store

    func positions(until count: Int) async throws -> [Int64] {
        var seen: [Int64] = []
        let options = SubscriptionOptions(batchLimit: 97, pollInterval: .milliseconds(20))
        var iterator = Subscription(to: store, after: .start, options: options).makeAsyncIterator()
        while seen.count < count, let batch = try await iterator.next() {
            seen += batch.events.map(\.position.rawValue)
        }
        return seen
    }
}
