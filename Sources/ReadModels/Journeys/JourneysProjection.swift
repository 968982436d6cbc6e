import EventModel

/// One row per journey: what it is called, how large it is, where it came from, and which revision is current.
public struct JourneysProjection: Projection {
    /// The newest schema versions that this fold knows: of events that were written in a second one, and of all others.
    static let newestSchemas: (second: Int32, first: Int32) = (2, 1)
    static let created = EventType(trusting: "journey.created")
    static let revised = EventType(trusting: "journey.revised")
    static let renamed = EventType(trusting: "journey.renamed")
    static let archived = EventType(trusting: "journey.archived")
    static let restored = EventType(trusting: "journey.restored")

    /// `journeys`
    public let name = "journeys"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.types([created, revised, renamed, archived, restored])
    /// Where its rows are kept.
    public let table = JourneyColumn.table

    /// The projection `journeys`.
    public init() {}

    /// The workspace and the journey's id, which is the sync key of its stream.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        RowKey([.text(event.workspace.rawValue), .text(event.syncKey)])
    }

    /// A creation and a revision carry the whole journey; what comes after changes single columns. An event of a journey without a
    /// creation, which no decider writes, makes no row.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        do throws(ProjectionFault.Reason) {
            let isFirst = event.type == Self.renamed || event.type == Self.restored
            let newest = isFirst ? Self.newestSchemas.first : Self.newestSchemas.second
            guard event.schemaVersion <= newest else {
                throw .unknownSchema(version: event.schemaVersion, newest: newest)
            }
            switch event.type {
            case Self.created, Self.revised: return try Self.defined(by: event, replacing: row)
            case Self.renamed: return try Self.renamed(by: event, row)
            case Self.archived: return Self.changed(row, by: event, [.archivedAt: .timestamp(event.recordedAt)])
            default: return Self.changed(row, by: event, [.archivedAt: .null])
            }
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    private static let shape: PayloadShape = [
        ["title"], ["digest"], ["revision"], ["counts", "states"], ["counts", "transitions"], ["counts", "conditions"],
        ["origin", "kind"], ["origin", "workflow"], ["origin", "version"], ["values", "description"],
        ["definition", "root_id"], ["definition", "labels"], ["definition", "priority"],
    ]

    private static func defined(
        by event: RecordedEvent, replacing row: Row?
    ) throws(ProjectionFault.Reason) -> Row {
        let fields = try PayloadFields(shape, of: event)
        func count(_ name: StaticString) throws(ProjectionFault.Reason) -> ColumnValue {
            .int(try fields.count(name, in: "counts"))
        }
        let recorded = ColumnValue.timestamp(event.recordedAt)
        let origin = try text(fields["origin", "kind"], "origin.kind")
        return Row([
            .text(event.workspace.rawValue),
            .text(event.syncKey),
            .text(try fields.text("title")),
            ColumnValue(fields["values", "description"]?.string),
            .text(try text(fields["definition", "root_id"], "definition.root_id")),
            try count("states"),
            try count("transitions"),
            try count("conditions"),
            .json((fields["definition", "labels"] ?? .array([])).compactBytes()),
            .int(Int64(fields["definition", "priority"]?.int ?? 0)),
            .text(try fields.text("digest")),
            .int(event.type == created ? 1 : try fields.count("revision")),
            .text(origin),
            ColumnValue(fields["origin", "workflow"]?.string),
            ColumnValue(fields["origin", "version"]?.int.map(Int64.init)),
            .null,
            row?[JourneyColumn.firstPosition] ?? .int(event.position.rawValue),
            .int(event.position.rawValue),
            row?[JourneyColumn.createdAt] ?? recorded,
            recorded,
        ])
    }

    private static func renamed(by event: RecordedEvent, _ row: Row?) throws(ProjectionFault.Reason) -> Row? {
        let fields = try PayloadFields([["title"], ["digest"], ["revision"]], of: event)
        return changed(
            row, by: event,
            [
                .title: .text(try fields.text("title")), .digest: .text(try fields.text("digest")),
                .revision: .int(try fields.count("revision")),
            ])
    }

    private static func changed(_ row: Row?, by event: RecordedEvent, _ values: [JourneyColumn: ColumnValue]) -> Row? {
        guard var row else { return nil }
        for (column, value) in values { row[column] = value }
        row[JourneyColumn.lastPosition] = .int(event.position.rawValue)
        row[JourneyColumn.updatedAt] = .timestamp(event.recordedAt)
        return row
    }

    private static func text(_ value: JSONValue?, _ field: String) throws(ProjectionFault.Reason) -> String {
        guard let value else { throw .missingField(field) }
        guard let text = value.string else {
            throw .wrongType(field: field, expected: "a string", found: value.kind)
        }
        return text
    }
}
