import EventModel

/// One row per version of a policy: what it says, whom it is for, and whether it is the current one.
public struct PoliciesProjection: Projection {
    /// The newest schema version of the events that this fold knows.
    static let newestSchema: Int32 = 1
    static let published = EventType(trusting: "policy.published")
    static let superseded = EventType(trusting: "policy.superseded")

    /// `policies`
    public let name = "policies"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.types([published, superseded])
    /// Where its rows are kept.
    public let table = PolicyColumn.table

    /// The projection `policies`.
    public init() {}

    /// The workspace of the stream, the policy's name, which is its sync key, and the version that the event speaks of.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        do throws(ProjectionFault.Reason) {
            let version = try PayloadFields([["version"]], of: event).count("version")
            return RowKey([.text(event.workspace.rawValue), .text(event.syncKey), .int(version)])
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    /// A publication makes the row, and a successor ends its being current. A version that was never published, which no decider writes of, makes no
    /// row.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        do throws(ProjectionFault.Reason) {
            guard event.schemaVersion <= Self.newestSchema else {
                throw .unknownSchema(version: event.schemaVersion, newest: Self.newestSchema)
            }
            guard event.type == Self.superseded else { return try Self.published(by: event) }
            guard var row else { return nil }
            row[PolicyColumn.isCurrent] = .bool(false)
            row[PolicyColumn.successor] = .int(try PayloadFields([["successor"]], of: event).count("successor"))
            row[PolicyColumn.supersededAt] = .timestamp(event.recordedAt)
            row[PolicyColumn.lastPosition] = .int(event.position.rawValue)
            return row
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    private static let shape: PayloadShape = [
        ["version"], ["digest"], ["text"], ["scope", "workspace"], ["scope", "workflow"],
    ]

    private static func published(by event: RecordedEvent) throws(ProjectionFault.Reason) -> Row {
        let fields = try PayloadFields(shape, of: event)
        return Row([
            .text(event.workspace.rawValue), .text(event.syncKey), .int(try fields.count("version")),
            .text(try fields.text("digest")), ColumnValue(fields["scope", "workspace"]?.string),
            ColumnValue(fields["scope", "workflow"]?.string), .text(try fields.text("text")), .bool(true), .null,
            ColumnValue(event.actor), .timestamp(event.recordedAt), .null, .int(event.position.rawValue),
            .int(event.position.rawValue),
        ])
    }
}
