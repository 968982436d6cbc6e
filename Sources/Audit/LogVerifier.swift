import EventModel
import EventSourcing

/// Reads the whole log and checks that it is what was written: contiguous positions, contiguous versions in every stream, times that do
/// not go back, the head where the events end, and every recorded digest.
///
/// What it has verified it records as a digest, so that the next run compares against this one.
public struct LogVerifier<Store: EventStore & LogDigestStore>: Sendable {
    private static var pageEvents: Int { 5_000 }

    private let store: Store
    private let kept: LogDigest?
    private let isRecording: Bool

    /// A verifier of a log.
    ///
    /// - Parameters:
    ///   - kept: a digest of this log that somebody kept where nobody who can change the log can change it.
    ///   - isRecording: whether the digest of a sound log is recorded.
    public init(_ store: Store, against kept: LogDigest? = nil, isRecording: Bool = true) {
        self.store = store
        self.kept = kept
        self.isRecording = isRecording
    }

    /// Verifies everything up to the head as it is now. Others may append meanwhile.
    ///
    /// - Parameter onProgress: called after each page with the position reached and the head.
    /// - Returns: what was found; never stops at the first finding.
    /// - Throws: ``StoreError`` when the log cannot be read. A log that can be read and is corrupt is a finding.
    public func verify(
        onProgress: @Sendable (_ position: GlobalPosition, _ head: GlobalPosition) -> Void = { _, _ in }
    ) async throws(StoreError) -> VerificationReport {
        let head = try await store.head()
        var state = VerificationState(head: head)
        var digests = RecordedDigests(store: store)
        do throws(StoreError) {
            var query: EventQuery? = EventQuery(through: head.position, limit: Self.pageEvents)
            while let current = query {
                guard !Task.isCancelled else { throw .cancelled }
                let page = try await store.read(current)
                for event in page.events {
                    state.check(event)
                    while let recorded = try await digests.next(upTo: event.position) { state.compare(recorded) }
                    if let kept, kept.position == event.position { state.compare(kept: kept) }
                }
                onProgress(page.cursor, head.position)
                query = Self.next(current, after: page)
            }
        } catch {
            guard case .corrupt(let position, let reason) = error else { throw error }
            state.stop(at: position, reason: reason)
        }
        try await finish(&state, digests)
        return state.report
    }

    /// The order of these looks matters: what they find of a growing log is never behind the head that is read last.
    private func finish(
        _ state: inout VerificationState, _ digests: consuming RecordedDigests<Store>
    ) async throws(StoreError) {
        var lastRecorded = kept?.position
        while let recorded = try await digests.next(upTo: GlobalPosition(.max)) {
            lastRecorded = max(lastRecorded ?? recorded.position, recorded.position)
        }
        let last = try await lastPosition()
        state.finish(recorded: lastRecorded, last: last, now: try await store.head().position)
        if isRecording, state.report.isSound, state.running.position > .start { try await record(&state) }
    }

    /// The position of the last event that is stored, whatever the head says; `nil` when there is none that can be read.
    private func lastPosition() async throws(StoreError) -> GlobalPosition? {
        do throws(StoreError) {
            return try await store.read(EventQuery(.all, .backwards, limit: 1)).events.last?.position
        } catch {
            guard case .corrupt = error else { throw error }
            return nil
        }
    }

    private func record(_ state: inout VerificationState) async throws(StoreError) {
        do throws(StoreError) {
            let recorded = try await store.record(state.running)
            if recorded != state.running { state.compare(recorded) } else { state.note(isRecorded: true) }
        } catch {
            // The verification has its answer; that it cannot be kept does not change it.
            guard case .failed(let reason) = error else { throw error }
            state.note(recordingRefusal: reason)
        }
    }

    /// A page without an event that is not the last one lies in a gap: the next one begins behind it.
    private static func next(_ query: EventQuery, after page: EventPage) -> EventQuery? {
        guard var next = query.next(after: page) else { return nil }
        if page.events.isEmpty, next.after <= query.after { next.after = query.after.advanced(by: query.limit) }
        if let through = next.through, next.after >= through { return nil }
        return next
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
