import EventModel
import EventSourcing
import FoundationEssentials

/// The incarnations that this log continues by decision of an operator, as `log.forked` events tell.
enum EarlierIncarnations {
    static let category = "log"
    static let forked = "log.forked"

    static func read(from store: some EventStore) async throws(StoreError) -> Set<UUID> {
        Set(try await ends(in: store).keys)
    }

    /// The same, each with the last position that is theirs: what came behind it was lost, and is not of this log.
    static func ends(in store: some EventStore) async throws(StoreError) -> [UUID: GlobalPosition] {
        var found: [UUID: GlobalPosition] = [:]
        for (position, data) in try await decisions(in: store) {
            guard let id = data["previous_incarnation"]?.string.flatMap(UUID.init(uuidString:)) else { continue }
            // The head of that moment, and the event that tells of it behind it.
            found[id] = data["head"]?.int.map { GlobalPosition(Int64($0)) } ?? GlobalPosition(position.rawValue - 1)
        }
        return found
    }

    /// The topics that hold what this log has left, and stay as they are.
    static func leftTopics(in store: some EventStore) async throws(StoreError) -> Set<String> {
        let lists = try await decisions(in: store).map { $0.data["left_topics"]?.array ?? [] }
        return Set(lists.joined().compactMap(\.string))
    }

    private static func decisions(
        in store: some EventStore
    ) async throws(StoreError) -> [(position: GlobalPosition, data: JSONValue)] {
        guard let category = try? Category(category), let type = try? EventType(forked) else { return [] }
        let selection = EventQuery.Selection.kinds(workspace: nil, categories: [category], types: [type])
        var found: [(position: GlobalPosition, data: JSONValue)] = []
        var query: EventQuery? = EventQuery(selection)
        while let current = query {
            let page = try await store.read(current)
            found += page.events.compactMap { event in (try? JSONValue(event.data)).map { (event.position, $0) } }
            query = current.next(after: page)
        }
        return found
    }
}
