import EventModel
import EventSourcing

/// Reads the selected events of a range, page by page.
struct EventReading<Store: EventStore>: Sendable {
    let store: Store
    let filter: EventFilter
    var direction = EventQuery.Direction.forwards
    /// The first position.
    var from = GlobalPosition(1)
    /// The last position; the end of the log when it is not given.
    var through: GlobalPosition?
    /// The most events.
    var limit = Int.max

    /// Calls `body` with each event; ends early when it has had enough of them.
    ///
    /// - Returns: the end of the log, or of the range, as it was read.
    @discardableResult
    func forEach(_ body: (RecordedEvent) throws -> Void) async throws -> GlobalPosition {
        guard limit > 0 else { return from }
        if let stream = filter.stream, filter.correlation == nil { return try await forEach(of: stream, body) }
        var left = limit
        var reached = from
        var query: EventQuery? = EventQuery(
            filter.selection, direction, after: GlobalPosition(max(0, from.rawValue - 1)), through: through,
            limit: min(left, 1_000))
        while let current = query {
            let page = try await store.read(current)
            for event in page.events where filter.matches(event) {
                try body(event)
                left -= 1
                if left == 0 { return event.position }
            }
            reached = page.cursor
            query = current.next(after: page)
            try Task.checkCancellation()
        }
        return reached
    }

    private func forEach(of stream: StreamName, _ body: (RecordedEvent) throws -> Void) async throws -> GlobalPosition {
        var left = limit
        var reached = GlobalPosition(max(0, from.rawValue - 1))
        var query: StreamQuery? = StreamQuery(
            workspace: filter.workspace ?? .default, stream, direction, asOf: through, limit: min(max(left, 1), 1_000))
        while let current = query {
            let page = try await store.read(current)
            for event in page.events {
                if event.position < from {
                    // Backwards nothing but older events follows.
                    if direction == .backwards { return reached }
                    continue
                }
                guard filter.matches(event) else { continue }
                try body(event)
                reached = max(reached, event.position)
                left -= 1
                if left == 0 { return reached }
            }
            query = current.next(after: page)
            try Task.checkCancellation()
        }
        return reached
    }
}
