import EventModel
import EventSourcing
import FoundationEssentials
import PostgresEventStore

/// The events that every bench writes: 300 bytes of data, 100 bytes of metadata.
struct BenchWorkload: Sendable {
    /// How event ids are made.
    enum IDs: String, Sendable {
        /// UUIDv7.
        case random
        /// UUIDv8 from a command id.
        case derived
    }

    let ids: IDs
    private let source = IDSource()
    private let time = SystemTimekeeper()
    private let type: EventType
    private let data: [UInt8]
    private let metadata: [UInt8]

    init(ids: IDs = .random) throws {
        self.ids = ids
        type = try EventType("bench_order.line_added")
        data = Self.document(bytes: 300)
        metadata = Self.document(bytes: 100)
    }

    /// One event.
    func draft() -> EventDraft {
        let now = time.now()
        let id = ids == .random ? source.next() : TimeOrderedID.derived(from: source.next(), index: 0, at: now)
        return EventDraft(id: id, type: type, data: data, metadata: metadata, occurredAt: now)
    }

    /// Events for one append; derived ids share their command.
    func drafts(_ count: Int) -> [EventDraft] {
        guard ids == .derived else { return (0..<count).map { _ in draft() } }
        let command = source.next()
        let now = time.now()
        return (0..<count).map { index in
            EventDraft(
                id: TimeOrderedID.derived(from: command, index: index, at: now), type: type, data: data,
                metadata: metadata,
                occurredAt: now)
        }
    }

    /// Appends many events to many streams, ten to each, so that every lane gets its share.
    func fill(_ store: PostgresEventStore, events: Int) async throws {
        for _ in 0..<events / 1_000 {
            let parts = try (0..<100).map { _ in StreamAppend(drafts(10), to: try stream(), expecting: .noStream) }
            try await appended(store, AppendRequest(streams: parts))
        }
    }

    /// A stream nobody has written to.
    func stream() throws -> StreamName { try StreamName("bench_order-\(source.next().text)") }

    /// An object of that many bytes with the variety of a real payload: strings, numbers, an array, an escape.
    private static func document(bytes: Int) -> [UInt8] {
        var text = #"{"sku":"LS-4711","quantity":3,"price":19.95,"tags":["a","b"],"note":"caf\u00e9 ""#
        text.removeLast()
        let end = #""}"#
        if bytes < text.utf8.count + end.utf8.count { text = #"{"source":""# }
        while text.utf8.count + end.utf8.count < bytes { text += "x" }
        return Array((text + end).utf8)
    }
}
