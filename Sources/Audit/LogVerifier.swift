import EventModel
import EventSourcing

/// Reads the whole log and checks that it is what was written: contiguous positions, contiguous versions in every stream, times that do
/// not go back, the head where the events end, and every recorded digest.
///
/// What it has verified it records as a digest, so that the next run compares against this one.
public struct LogVerifier<Store: EventStore & LogDigestStore>: Sendable {
    private let store: Store

    /// A verifier of a log.
    public init(_ store: Store) {
        self.store = store
    }

    /// Verifies everything up to the head as it is now.
    ///
    /// - Parameter onProgress: called after each page with the position reached and the head.
    /// - Returns: what was found; never stops at the first finding.
    /// - Throws: ``StoreError`` when the log cannot be read.
    public func verify(
        onProgress: @Sendable (_ position: GlobalPosition, _ head: GlobalPosition) -> Void = { _, _ in }
    ) async throws(StoreError) -> VerificationReport {
        let head = try await store.head()
        var state = VerificationState(head: head)
        var query: EventQuery? = EventQuery(through: head.position, limit: 5_000)
        var digests = RecordedDigests(store: store)
        while let current = query {
            let page = try await store.read(current)
            for event in page.events {
                state.check(event)
                while let recorded = try await digests.next(upTo: event.position) { state.compare(recorded) }
            }
            onProgress(page.cursor, head.position)
            query = current.next(after: page)
        }
        state.finish()
        while let recorded = try await digests.next(upTo: GlobalPosition(.max)) { state.compareBeyondEnd(recorded) }
        if state.report.isSound, state.running.position > .start {
            let recorded = try await store.record(state.running)
            if recorded != state.running { state.compare(recorded) }
        }
        return state.report
    }
}

/// The recorded digests, one after the other, a page at a time.
private struct RecordedDigests<Store: LogDigestStore> {
    let store: Store
    private var page: ArraySlice<LogDigest> = []
    private var position = GlobalPosition.start
    private var isAtEnd = false

    init(store: Store) { self.store = store }

    mutating func next(upTo limit: GlobalPosition) async throws(StoreError) -> LogDigest? {
        if page.isEmpty, !isAtEnd {
            page = try await store.digests(after: position, limit: 1_000)[...]
            isAtEnd = page.count < 1_000
        }
        guard let first = page.first, first.position <= limit else { return nil }
        position = first.position
        return page.removeFirst()
    }
}
