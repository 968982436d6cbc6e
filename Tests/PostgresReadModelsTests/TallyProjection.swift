import EventModel
import FoundationEssentials
import ReadModels

/// Counts events per stream and remembers the last one, with a column of every type. Not idempotent on purpose: an event that is
/// applied twice shows. `tally.broken` cannot be folded, `tally.newer` is of a later program; a cured fold counts both.
struct TallyProjection: Projection {
    var isCured = false
    let name = "tally"
    let version = 1
    let interest = EventInterest.types(
        Set(["up", "cleared", "broken", "newer"].map { EventType(trusting: "tally.\($0)") }))
    let table = TableDefinition(
        name: "tally", version: 1, documentation: "Counts.", keyColumns: 2,
        columns: [
            .required("stream", .text, "Stream."), .required("workspace", .text, "Tenant."),
            .required("count", .int, "Events."), .required("odd", .bool, "Whether the count is odd."),
            .required("last_id", .uuid, "The last event."), .required("last_at", .timestamp, "When."),
            .required("last_data", .json, "What."), .optional("actor", .text, "Who."),
            .required("raw", .bytes, "What, as bytes."),
        ])

    static let createTable = """
        create table lockstep_read.tally_v1 (
            stream text collate "C" not null, workspace text collate "C" not null, count bigint not null, odd boolean not null,
            last_id uuid not null, last_at timestamptz not null, last_data json not null, actor text, raw bytea not null,
            primary key (stream, workspace))
        """

    func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        RowKey([.text(event.stream.rawValue), .text(event.workspace.rawValue)])
    }

    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        switch event.type.rawValue {
        case "tally.cleared": return nil
        case "tally.broken" where !isCured: throw ProjectionFault(.missingField("count"), in: self, at: event)
        case "tally.newer" where !isCured:
            throw ProjectionFault(.unknownSchema(version: 2, newest: 1), in: self, at: event)
        default: break
        }
        var count: Int64 = 1
        if case .int(let before)? = row?.values[2] { count = before + 1 }
        return Row([
            .text(event.stream.rawValue), .text(event.workspace.rawValue), .int(count), .bool(count % 2 == 1),
            .uuid(event.id), .timestamp(event.recordedAt), .json(event.data), ColumnValue(event.actor),
            .bytes(event.data),
        ])
    }
}
