import EventModel
import EventSourcing
import ReadModels

/// Folds single keys from their streams, a page at a time: the log is all that it needs, so it does not depend on anybody's view of it.
struct KeyHistory<Store: EventStore>: Sendable {
    private static var pageEvents: Int { 1_000 }

    let store: Store
    let projection: any StateProjection
    let skips: SkippedEvents
    /// As of this position; everything up to it is visible (L1).
    let through: GlobalPosition

    /// The states of these keys.
    func states(of keys: [StateKey], atOnce limit: Int) async throws -> [StateKey: KeyState] {
        try await withThrowingTaskGroup(of: (StateKey, KeyState).self) { group in
            var states: [StateKey: KeyState] = [:]
            var rest = keys[...]
            while let key = rest.popFirst() {
                if keys.count - rest.count > limit, let (done, state) = try await group.next() { states[done] = state }
                group.addTask { (key, try await state(of: key)) }
            }
            for try await (done, state) in group { states[done] = state }
            return states
        }
    }

    /// Merges the streams of a key by position.
    func state(of key: StateKey) async throws(StoreError) -> KeyState {
        var cursors = projection.streams(of: key.syncKey).map { stream in
            StreamCursor(
                next: StreamQuery(
                    workspace: key.workspace, stream, asOf: through, limit: Self.pageEvents))
        }
        var state = KeyState()
        while true {
            var first: (index: Int, event: RecordedEvent)?
            for index in cursors.indices {
                guard let event = try await cursors[index].peek(store) else { continue }
                if first.map({ event.position < $0.event.position }) ?? true { first = (index, event) }
            }
            guard let (index, event) = first else { break }
            cursors[index].advance()
            state.fold(event, by: projection, skipping: skips)
        }
        state.complete(through: through)
        return state
    }
}

/// One stream, read a page at a time.
private struct StreamCursor {
    var next: StreamQuery?
    private var events = EventBatch.empty
    private var index = 0

    init(next: StreamQuery) {
        self.next = next
        index = events.startIndex
    }

    /// The event that it stands at; `nil` at the end.
    mutating func peek(_ store: some EventStore) async throws(StoreError) -> RecordedEvent? {
        while index == events.endIndex, let query = next {
            let page = try await store.read(query)
            events = page.events
            index = events.startIndex
            next = query.next(after: page)
        }
        return index == events.endIndex ? nil : events[index]
    }

    mutating func advance() { index += 1 }
}
