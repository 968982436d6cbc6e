import EventModel

/// One row per version of a workflow's mapping: what it maps, whether it was found valid, and whether it is the active one.
public struct MappingsProjection: Projection {
    /// The newest schema version of the events that this fold knows.
    static let newestSchema: Int32 = 1
    static let proposed = EventType(trusting: "mapping.proposed")
    static let validated = EventType(trusting: "mapping.validated")
    static let activated = EventType(trusting: "mapping.activated")
    static let retired = EventType(trusting: "mapping.retired")

    /// `mappings`
    public let name = "mappings"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.types([proposed, validated, activated, retired])
    /// Where its rows are kept.
    public let table = MappingColumn.table

    /// The projection `mappings`.
    public init() {}

    /// The workspace, the workflow's id, which is the sync key of its stream, and the version that the event speaks of.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        do throws(ProjectionFault.Reason) {
            let version = try PayloadFields([["version"]], of: event).count("version")
            return RowKey([.text(event.workspace.rawValue), .text(event.syncKey), .int(version)])
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    /// A proposal makes the row; what comes after changes its state. An event of a version that was never proposed, which no decider
    /// writes, makes no row.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        do throws(ProjectionFault.Reason) {
            guard event.schemaVersion <= Self.newestSchema else {
                throw .unknownSchema(version: event.schemaVersion, newest: Self.newestSchema)
            }
            switch event.type {
            case Self.proposed: return try Self.proposed(by: event)
            case Self.validated:
                let problems = try PayloadFields([["problems"]], of: event).count("problems")
                let status = problems == 0 ? "valid" : "invalid"
                return Self.changed(row, by: event, [.status: .text(status), .problems: .int(problems)])
            case Self.activated:
                let recorded = ColumnValue.timestamp(event.recordedAt)
                return Self.changed(
                    row, by: event, [.status: .text("active"), .isActive: .bool(true), .activatedAt: recorded])
            default:
                let recorded = ColumnValue.timestamp(event.recordedAt)
                return Self.changed(
                    row, by: event, [.status: .text("retired"), .isActive: .bool(false), .retiredAt: recorded])
            }
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    private static let shape: PayloadShape = [
        ["version"], ["digest"], ["mapping", "journey", "id"], ["mapping", "journey", "digest"],
        ["mapping", "workflow", "digest"], ["mapping", "rules"], ["mapping", "nodes"], ["mapping", "edges"],
        ["mapping", "variables"],
    ]

    private static func proposed(by event: RecordedEvent) throws(ProjectionFault.Reason) -> Row {
        let fields = try PayloadFields(shape, of: event)
        func text(_ side: StaticString, _ name: StaticString) throws(ProjectionFault.Reason) -> ColumnValue {
            guard let text = fields["mapping", side, name]?.string else {
                throw .missingField("mapping.\(side).\(name)")
            }
            return .text(text)
        }
        func count(_ name: StaticString) throws(ProjectionFault.Reason) -> ColumnValue {
            guard let elements = fields["mapping", name]?.array else { throw .missingField("mapping.\(name)") }
            return .int(Int64(elements.count))
        }
        let recorded = ColumnValue.timestamp(event.recordedAt)
        return Row([
            .text(event.workspace.rawValue), .text(event.syncKey), .int(try fields.count("version")),
            try text("journey", "id"), .text(try fields.text("digest")), try text("workflow", "digest"),
            try text("journey", "digest"), .int(try fields.count("rules", in: "mapping")),
            try count("nodes"), try count("edges"), try count("variables"), .text("proposed"), .null, .bool(false),
            .null, .null, .int(event.position.rawValue), .int(event.position.rawValue), recorded, recorded,
        ])
    }

    private static func changed(_ row: Row?, by event: RecordedEvent, _ values: [MappingColumn: ColumnValue]) -> Row? {
        guard var row else { return nil }
        for (column, value) in values { row[column] = value }
        row[MappingColumn.lastPosition] = .int(event.position.rawValue)
        row[MappingColumn.updatedAt] = .timestamp(event.recordedAt)
        return row
    }
}
