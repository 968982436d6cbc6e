import EventModel

@testable import ReadModels

// What the guide "Add a projection" leads to, word by word.

/// One row per workflow that is published now.
struct PublicationsProjection: Projection {
    static let published = EventType(trusting: "workflow.published")
    static let unpublished = EventType(trusting: "workflow.unpublished")

    let name = "publications"
    let version = 1
    let interest = EventInterest.types([published, unpublished])
    let table = TableDefinition(
        name: "publications", version: 1, documentation: "One row per workflow that is published now.", keyColumns: 2,
        columns: [
            .required("workspace", .text, "The tenant."),
            .required("workflow_id", .text, "The workflow: the sync key of its stream."),
            .required("revision", .int, "The revision that is published."),
            .optional("label", .text, "What the publication is called; null when it has no name."),
            .required("published_at", .timestamp, "When it was published, by the database's clock."),
        ])

    func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        RowKey([.text(event.workspace.rawValue), .text(event.stream.syncKey)])
    }

    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        guard event.type == Self.published else { return nil }
        do throws(ProjectionFault.Reason) {
            guard event.schemaVersion <= 1 else { throw .unknownSchema(version: event.schemaVersion, newest: 1) }
            let fields = try PayloadFields([["revision"], ["label"]], of: event)
            return Row([
                .text(event.workspace.rawValue), .text(event.stream.syncKey), .int(try fields.count("revision")),
                ColumnValue(try fields.optionalText("label")), .timestamp(event.recordedAt),
            ])
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }
}
