import EventModel
import EventSourcing
import FoundationEssentials

extension EventDraft {
    /// A draft for tests: only what matters is spelled out.
    ///
    /// - Parameter data: JSON text, not checked here; the log's door is what tests want to meet.
    public static func draft(
        _ type: String = "account.opened", id: UUID = UUID(), schemaVersion: Int32 = 1, data: String = "{}",
        metadata: String = "{}", correlation: UUID? = nil, causation: UUID? = nil, actor: String? = nil,
        at occurredAt: Timestamp = Timestamp(microseconds: 1_767_225_600_000_000)
    ) -> EventDraft {
        EventDraft(
            id: id, type: EventType(trusting: type), schemaVersion: schemaVersion, data: Array(data.utf8),
            metadata: Array(metadata.utf8), correlationID: correlation, causationID: causation, actor: actor,
            occurredAt: occurredAt)
    }

    /// `count` drafts that tell themselves apart by `n` in their data.
    public static func drafts(_ count: Int, _ type: String = "account.opened") -> [EventDraft] {
        (0..<count).map { draft(type, data: #"{"n":\#($0)}"#) }
    }
}

extension StreamName: ExpressibleByStringLiteral {
    /// A name known to be right when the test was written; see ``StreamName/init(_:)`` for names from outside.
    public init(stringLiteral value: String) {
        self.init(trusting: value)
    }
}

extension ExpectedVersion {
    /// `exactly` with a plain number.
    public static func exactly(_ version: Int64) -> ExpectedVersion { .exactly(StreamVersion(version)) }
}

extension RecordedEvent {
    /// The payload as text.
    public var dataText: String { String(decoding: data, as: UTF8.self) }
}
