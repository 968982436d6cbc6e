import EventModel

/// Whether a reader may see personal data.
public enum ReadingRight: String, Sendable, Hashable {
    /// Personal values as they were written; `{"$erased":…}` where the key was destroyed.
    case plain
    /// Personal values as they are stored: `{"$sealed":…}`.
    case sealed
}

/// A log whose personal data is sealed on the way in and, for readers with the right, opened on the way out.
///
/// It keeps every promise of ``EventStore``. A retried append seals to the same bytes and is a repeat; a retry from before an erasure is
/// recognised by what is left of it. Events of types without marks pass as they are.
///
/// Whoever copies the log (publisher, projectors, digests) reads the store below this one: no copy ever holds plaintext.
public struct SealingEventStore<Base: EventStore>: EventStore {
    /// The store below.
    public let base: Base
    let marks: PersonalMarks
    let keys: SubjectKeyring
    private let right: ReadingRight
    /// Snapshots of states that were folded from plain values; who reads sealed ones has none.
    public let snapshots: Snapshots?

    /// A sealing store over `base`.
    ///
    /// - Parameter snapshots: the snapshots beside the log, with the same keys. They are of plain values, so they are of no use without the
    ///   right to read those.
    public init(
        _ base: Base, marks: PersonalMarks, keys: SubjectKeyring, reading right: ReadingRight,
        snapshots: Snapshots? = nil
    ) {
        self.base = base
        self.marks = marks
        self.keys = keys
        self.right = right
        switch right {
        case .plain: self.snapshots = snapshots
        case .sealed: self.snapshots = nil
        }
    }

    /// As the protocol says.
    ///
    /// - Throws: ``StoreError/keys(_:)`` when an event holds personal data and no key can be had; it is never stored plain.
    public func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        guard request.streams.contains(where: { $0.events.contains { marks[$0.type, $0.schemaVersion] != nil } }) else {
            return try await base.append(request)
        }
        return try await appendSealing(request)
    }

    /// As the protocol says.
    ///
    /// - Throws: with the right to read plain, ``StoreError/keys(_:)`` when no key can be had, and
    ///   ``StoreError/corrupt(at:reason:)`` for a sealed value that was altered or moved.
    public func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        var page = try await base.read(query)
        page.events = try await readable(page.events).events
        return page
    }

    /// As the protocol says; see ``read(_:)-(EventQuery)`` for personal data.
    public func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage {
        try await readable(try await base.read(query))
    }

    /// As the protocol says; see ``read(_:)-(EventQuery)`` for personal data.
    public func read(_ queries: [StreamQuery]) async throws(StoreError) -> [StreamPage] {
        var pages = try await base.read(queries)
        for index in pages.indices { pages[index] = try await readable(pages[index]) }
        return pages
    }

    /// As the protocol says.
    public func head() async throws(StoreError) -> LogHead { try await base.head() }

    /// As the protocol says.
    public func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }

    private func readable(_ page: StreamPage) async throws(StoreError) -> StreamPage {
        var page = page
        let opened = try await readable(page.events)
        page.events = opened.events
        page.openedWith.formUnion(opened.keys)
        return page
    }

    private func readable(
        _ events: EventBatch
    ) async throws(StoreError) -> (events: EventBatch, keys: Set<SubjectKeyID>) {
        switch right {
        case .sealed: (events, [])
        case .plain: try await BatchOpening(marks: marks, keys: keys).open(events)
        }
    }
}
