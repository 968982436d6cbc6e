import EventModel
import EventSourcing
import FoundationEssentials

/// The incarnations that this log continues by decision of an operator, as `log.forked` events tell.
enum EarlierIncarnations {
    static let category = "log"
    static let forked = "log.forked"

    static func read(from store: some EventStore) async throws -> Set<UUID> {
        let selection = EventQuery.Selection.kinds(
            workspace: nil, categories: [try Category(category)], types: [try EventType(forked)])
        var found: Set<UUID> = []
        var query: EventQuery? = EventQuery(selection)
        while let current = query {
            let page = try await store.read(current)
            for event in page.events {
                if let text = try? JSONValue(event.data)["previous_incarnation"]?.string,
                    let id = UUID(uuidString: text)
                {
                    found.insert(id)
                }
            }
            query = current.next(after: page)
        }
        return found
    }
}
