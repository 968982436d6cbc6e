import EventModel

/// Reads the log from a position to the end as it was when the scan began, fetching the next page while the caller works on the last.
///
/// For verification, export and rebuilds; a ``Subscription`` goes on for ever instead.
public struct LogScan<Store: EventStore>: ~Copyable {
    private let store: Store
    private let selection: EventQuery.Selection
    private let limit: Int
    private var end: GlobalPosition?
    private var pending: Task<Result<EventPage, StoreError>, Never>?
    private var position: GlobalPosition
    private var isFinished = false

    /// A scan of the events behind `position`.
    public init(
        _ store: Store, _ selection: EventQuery.Selection = .all, after position: GlobalPosition,
        through end: GlobalPosition? = nil, limit: Int = EventQuery.limitRange.upperBound
    ) {
        self.store = store
        self.selection = selection
        self.position = position
        self.end = end
        self.limit = limit
    }

    deinit { pending?.cancel() }

    /// The next events; `nil` at the end.
    ///
    /// - Throws: ``StoreError``; `corrupt` for a hole in the log when every event is scanned (L1).
    nonisolated(nonsending) public mutating func next() async throws(StoreError) -> EventBatch? {
        while !isFinished {
            let page: EventPage
            if let pending = pending.take() {
                page = try await withTaskCancellationHandler {
                    await pending.value
                } onCancel: {
                    pending.cancel()
                }.get()
            } else {
                page = try await store.read(query(after: position))
            }
            if end == nil { end = page.head }
            if selection == .all { try checkContiguity(of: page) }
            position = page.cursor
            if page.isEnd || position >= (end ?? page.head) { isFinished = true } else { prefetch() }
            guard page.events.isEmpty else { return page.events }
        }
        return nil
    }

    private func checkContiguity(of page: EventPage) throws(StoreError) {
        let last = try page.events.end(contiguouslyBehind: position)
        guard page.cursor <= last else {
            throw .corrupt(at: last.next, reason: "the events behind \(last) up to \(page.cursor) are missing")
        }
    }

    private func query(after position: GlobalPosition) -> EventQuery {
        EventQuery(selection, after: position, through: end, limit: limit)
    }

    private mutating func prefetch() {
        let query = query(after: position)
        pending = Task(executorPreference: CancellationShield.executor) { [store] in
            do throws(StoreError) { return .success(try await store.read(query)) } catch { return .failure(error) }
        }
    }
}
