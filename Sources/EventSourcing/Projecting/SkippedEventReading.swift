import EventModel
import ReadModels

extension ReadableLog {
    /// The events that a projection leaves out, as its own stream says now.
    ///
    /// - Throws: ``StoreError``.
    public func skippedEvents(of projection: String) async throws(StoreError) -> SkippedEvents {
        var skips = SkippedEvents()
        var next: StreamQuery? = StreamQuery(ProjectionEvent.stream(of: projection))
        while let query = next {
            let page = try await read(query)
            for event in page.events { skips.take(event) }
            next = query.next(after: page)
        }
        return skips
    }
}
