import EventModel

/// One row per event of any type: the history as people read it. It takes every event, so no payload can stop it.
public struct TimelineProjection: Projection {
    /// `timeline`
    public let name = "timeline"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.all
    /// Where its rows are kept.
    public let table = TableDefinition(
        name: "timeline", version: 1, documentation: "One row per event of any type, in log order.", keyColumns: 1,
        isAppendOnly: true,
        columns: [
            .required("position", .int, "Place in the one order over all streams: 1, 2, 3 … without gaps."),
            .required("workspace", .text, "The tenant."),
            .required("stream", .text, "The stream of the event."),
            .required("category", .text, "The part of the stream's name before the first `-`."),
            .required("sync_key", .text, "The part behind it: what both sides of one execution share."),
            .required("version", .int, "Place in the stream: 1, 2, 3 …"),
            .required("type", .text, "What happened, as a stable string."),
            .required("summary", .text, "One short sentence for people, at most 200 characters."),
            .optional("actor", .text, "Who did it; null when nobody is named."),
            .optional("correlation_id", .uuid, "The conversation that the event belongs to."),
            .required("occurred_at", .timestamp, "When it happened, by its writer's clock."),
            .required("recorded_at", .timestamp, "When it was appended, by the database's clock."),
        ],
        indexes: [
            IndexDefinition(
                "by_key", on: ["sync_key", "workspace", "position"],
                "The timeline of one execution, both sides together.")
        ])

    /// The projection `timeline`.
    public init() {}

    /// The position.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        RowKey([.int(event.position.rawValue)])
    }

    /// The event's own row.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        Row([
            .int(event.position.rawValue),
            .text(event.workspace.rawValue),
            .text(event.withStream { String(decoding: $0, as: UTF8.self) }),
            .text(event.category.rawValue),
            .text(event.syncKey),
            .int(event.version.rawValue),
            .text(event.type.rawValue),
            .text(EventSummary.sentence(about: event)),
            ColumnValue(event.actor),
            ColumnValue(event.correlationID),
            .timestamp(event.occurredAt),
            .timestamp(event.recordedAt),
        ])
    }
}

extension RecordedEvent {
    /// The sync key of the event's stream.
    var syncKey: String { withStream { String(decoding: Lane.syncKey(of: $0), as: UTF8.self) } }
}
