import EventModel
import EventSourcing
import FoundationEssentials

extension InMemoryLog {
    /// One page over all streams.
    public func read(_ query: EventQuery) -> EventPage {
        switch query.direction {
        case .forwards: readForwards(query)
        case .backwards: readBackwards(query)
        }
    }

    private func readForwards(_ query: EventQuery) -> EventPage {
        let end = min(query.through ?? head, head)
        guard query.after < end else {
            return EventPage(events: .empty, cursor: query.after, isEnd: true, head: head)
        }
        var page = PageBuilder(limit: query.limit)
        for index in Int(query.after.rawValue)..<Int(end.rawValue) where query.selection.selects(entries[index]) {
            guard page.add(entries[index]) else {
                let cursor = entries[index].position.rawValue - 1
                return EventPage(events: page.finish(), cursor: GlobalPosition(cursor), isEnd: false, head: head)
            }
        }
        return EventPage(events: page.finish(), cursor: end, isEnd: true, head: head)
    }

    private func readBackwards(_ query: EventQuery) -> EventPage {
        let end = min(query.through ?? head, head)
        guard query.after < end else {
            return EventPage(events: .empty, cursor: query.after, isEnd: true, head: head)
        }
        var page = PageBuilder(limit: query.limit)
        for index in (Int(query.after.rawValue)..<Int(end.rawValue)).reversed()
        where query.selection.selects(entries[index]) {
            guard page.add(entries[index]) else {
                return EventPage(events: page.finish(), cursor: entries[index].position, isEnd: false, head: head)
            }
        }
        return EventPage(events: page.finish(), cursor: query.after, isEnd: true, head: head)
    }

    /// One page of a stream.
    public func read(_ query: StreamQuery) -> StreamPage {
        var selected = indices(of: query.stream, in: query.workspace).filter { index in
            let entry = entries[index]
            return entry.version >= query.from && entry.version <= query.through ?? entry.version
                && entry.position <= query.asOf ?? entry.position
        }
        if query.direction == .backwards { selected.reverse() }
        var page = PageBuilder(limit: query.limit)
        for index in selected {
            guard page.add(entries[index]) else { return StreamPage(events: page.finish(), isEnd: false) }
        }
        return StreamPage(events: page.finish(), isEnd: true)
    }

    /// The event at a position, read back as a reader would.
    public func event(at position: GlobalPosition) -> RecordedEvent? {
        read(EventQuery(after: GlobalPosition(position.rawValue - 1), through: position, limit: 1)).events.first
    }
}

extension EventQuery.Selection {
    fileprivate func selects(_ entry: InMemoryLog.Entry) -> Bool {
        switch self {
        case .all: true
        case .correlation(let id): entry.draft.correlationID == id
        case .kinds(let workspace, let categories, let types):
            (workspace == nil || workspace == entry.kind.workspace)
                && (categories.isEmpty || categories.contains(entry.kind.category))
                && (types.isEmpty || types.contains(entry.kind.type))
        }
    }
}

/// Fills a page up to its limits.
private struct PageBuilder: ~Copyable {
    private var builder = EventBatchBuilder()
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// `false` when the page is full and the event belongs to the next one.
    mutating func add(_ entry: InMemoryLog.Entry) -> Bool {
        guard builder.count < limit else { return false }
        guard builder.count == 0 || builder.byteCount + entry.byteCount <= EventQuery.pageBytes else { return false }
        builder.append(entry)
        return true
    }

    consuming func finish() -> EventBatch { builder.finish() }
}

extension InMemoryLog.Entry {
    fileprivate var byteCount: Int {
        stream.rawValue.utf8.count + (draft.actor?.utf8.count ?? 0) + draft.data.count + draft.metadata.count
    }
}

extension EventBatchBuilder {
    /// Adds an event of an ``InMemoryLog``.
    fileprivate mutating func append(_ entry: InMemoryLog.Entry) {
        let fixed = Fixed(
            position: entry.position, version: entry.version, id: entry.draft.id, kind: entry.kind,
            schemaVersion: entry.draft.schemaVersion, occurredAt: entry.draft.occurredAt, recordedAt: entry.recordedAt,
            correlationID: entry.draft.correlationID, causationID: entry.draft.causationID)
        let stream = Array(entry.stream.rawValue.utf8)
        let actor = entry.draft.actor.map { Array($0.utf8) }
        stream.withUnsafeBytes { stream in
            entry.draft.data.withUnsafeBytes { data in
                entry.draft.metadata.withUnsafeBytes { metadata in
                    (actor ?? []).withUnsafeBytes { bytes in
                        append(fixed, stream: stream, actor: actor == nil ? nil : bytes, data: data, metadata: metadata)
                    }
                }
            }
        }
    }
}
