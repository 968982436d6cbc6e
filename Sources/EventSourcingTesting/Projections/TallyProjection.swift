import EventModel
import FoundationEssentials
import ReadModels

/// Counts events per stream and remembers the last one, with a column of every type. Not idempotent on purpose: an event that is
/// applied twice shows.
///
/// `tally.cleared` removes the row; `tally.broken` cannot be folded; `tally.untold` does not tell its row; `tally.newer` is of a later
/// program; `tally.refused` makes a row with a negative count, which a store may refuse. A cured fold counts all of them like any other.
public struct TallyProjection: Projection {
    /// Types that the fold can handle although they are made to fail.
    public var cured: Set<String>
    /// `tally`
    public let name = "tally"
    /// The first, and there is no other.
    public let version = 1
    /// Whatever happens in a tally.
    public let interest = EventInterest.types(
        Set(["up", "cleared", "broken", "untold", "newer", "refused"].map { EventType(trusting: "tally.\($0)") }))
    /// One row per stream and workspace.
    public let table = TableDefinition(
        name: "tally", version: 1, documentation: "Counts.", keyColumns: 2,
        columns: [
            .required("stream", .text, "Stream."), .required("workspace", .text, "Tenant."),
            .required("count", .int, "Events."), .required("odd", .bool, "Whether the count is odd."),
            .required("last_id", .uuid, "The last event."), .required("last_at", .timestamp, "When."),
            .required("last_data", .json, "What."), .optional("actor", .text, "Who."),
            .required("raw", .bytes, "What, as bytes."),
        ])

    /// A projection of tallies.
    ///
    /// - Parameter cured: types that the fold can handle although they are made to fail.
    public init(cured: Set<String> = []) { self.cured = cured }

    /// The stream and its workspace.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        if event.type.rawValue == "tally.untold", !cured.contains("untold") {
            throw ProjectionFault(.missingField("stream"), in: self, at: event)
        }
        return RowKey([.text(event.stream.rawValue), .text(event.workspace.rawValue)])
    }

    /// Counts the event.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        switch event.type.rawValue {
        case "tally.cleared": return nil
        case "tally.broken" where !cured.contains("broken"):
            throw ProjectionFault(.missingField("count"), in: self, at: event)
        case "tally.newer" where !cured.contains("newer"):
            throw ProjectionFault(.unknownSchema(version: 9, newest: 1), in: self, at: event)
        default: break
        }
        var count: Int64 = 1
        if case .int(let before)? = row?.values[2] { count = before + 1 }
        // Once refused, the row stays so whatever follows.
        let isRefused = event.type.rawValue == "tally.refused" && !cured.contains("refused") || count == 0
        return Row([
            .text(event.stream.rawValue), .text(event.workspace.rawValue), .int(isRefused ? -1 : count),
            .bool(count % 2 == 1),
            .uuid(event.id), .timestamp(event.recordedAt), .json(event.data), ColumnValue(event.actor),
            .bytes(event.data),
        ])
    }
}
