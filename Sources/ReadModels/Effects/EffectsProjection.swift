import EventModel

/// One row per effect: what a side was to be brought to do, and how far that has come.
public struct EffectsProjection: Projection {
    /// The newest schema version of the events that this fold knows.
    static let newestSchema: Int32 = 1
    static let requested = EventType(trusting: "reconciliation.effect_requested")
    static let sent = EventType(trusting: "reconciliation.effect_sent")
    static let unknown = EventType(trusting: "reconciliation.effect_unknown")
    static let confirmed = EventType(trusting: "reconciliation.effect_confirmed")
    static let stale = EventType(trusting: "reconciliation.effect_stale")

    /// `effects`
    public let name = "effects"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.types([requested, sent, unknown, confirmed, stale])
    /// Where its rows are kept.
    public let table = EffectColumn.table

    /// The projection `effects`.
    public init() {}

    /// The workspace, the execution's id, which is the sync key of the stream, and the effect.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        do throws(ProjectionFault.Reason) {
            let id = try PayloadFields([["effect"]], of: event).id("effect")
            return RowKey([.text(event.workspace.rawValue), .text(event.syncKey), .uuid(id)])
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    /// A request makes the row; what comes after tells how far it has come. What was never requested makes none, and what has ended does not go on, as
    /// the ledger of the execution has it.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        do throws(ProjectionFault.Reason) {
            guard event.schemaVersion <= Self.newestSchema else {
                throw .unknownSchema(version: event.schemaVersion, newest: Self.newestSchema)
            }
            guard var row else { return event.type == Self.requested ? try Self.requested(by: event) : nil }
            guard event.type != Self.requested, row[EffectColumn.endedAt] == .null else { return row }
            try Self.progress(&row, by: event)
            row[EffectColumn.lastPosition] = .int(event.position.rawValue)
            return row
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    private static let shape: PayloadShape = [
        ["effect"], ["side"], ["action"], ["kind"], ["fields"], ["resolutions"], ["attempt"], ["deadline"],
        ["block"], ["journey"], ["state"],
    ]

    private static func requested(by event: RecordedEvent) throws(ProjectionFault.Reason) -> Row {
        let fields = try PayloadFields(shape, of: event)
        guard let deadline = Timestamp(rfc3339: try fields.text("deadline")) else {
            throw .wrongType(field: "deadline", expected: "a time", found: "another text")
        }
        let block = try fields.optionalText("block")
        let target = if let block { block } else { try fields.optionalText("state") }
        return Row([
            .text(event.workspace.rawValue), .text(event.syncKey), .uuid(try fields.id("effect")),
            .text(try fields.text("side")), .text(try fields.text("action")), .text(try fields.text("kind")),
            ColumnValue(try fields.optionalText("journey")), ColumnValue(target), .json(try paths(fields)),
            .json(try list("resolutions", fields)), .int(try fields.count("attempt")), .text("requested"), .int(0),
            .null,
            .null, .null, .timestamp(deadline), .timestamp(event.recordedAt), .null, .null,
            .int(event.position.rawValue), .int(event.position.rawValue),
        ])
    }

    /// The fields plainly; names inside of their data may be somebody's.
    private static func paths(_ fields: PayloadFields) throws(ProjectionFault.Reason) -> [UInt8] {
        guard let listed = fields["fields"]?.array else { throw .missingField("fields") }
        var paths: [JSONValue] = []
        for field in listed {
            guard let path = field["path"], path.string != nil else { throw .missingField("fields.path") }
            if paths.last != path { paths.append(path) }
        }
        return JSONValue.array(paths).compactBytes()
    }

    private static func list(
        _ name: StaticString, _ fields: PayloadFields
    ) throws(ProjectionFault.Reason) -> [UInt8] {
        guard let value = fields[name], value.array != nil else { throw .missingField("\(name)") }
        return value.compactBytes()
    }

    private static func progress(_ row: inout Row, by event: RecordedEvent) throws(ProjectionFault.Reason) {
        let fields = try PayloadFields([["times"], ["because"], ["reason"], ["by"]], of: event)
        let recorded = ColumnValue.timestamp(event.recordedAt)
        switch event.type {
        case sent:
            row[EffectColumn.state] = .text("sent")
            row[EffectColumn.times] = .int(try fields.count("times"))
            row[EffectColumn.sentAt] = recorded
        case unknown:
            row[EffectColumn.state] = .text("unknown")
            row[EffectColumn.because] = .text(try fields.text("because"))
        case confirmed:
            row[EffectColumn.state] = .text("confirmed")
            row[EffectColumn.witness] = .text(try fields.text("by"))
            row[EffectColumn.because] = .null
            row[EffectColumn.endedAt] = recorded
        default:
            row[EffectColumn.state] = .text("stale")
            row[EffectColumn.reason] = .text(try fields.text("reason"))
            row[EffectColumn.because] = .text(try fields.text("because"))
            row[EffectColumn.endedAt] = recorded
        }
    }
}
