import EventModel
import FoundationEssentials

/// One row per decision, conflict or accepted difference between the two sides of an execution: what each said, and what has become of it.
///
/// What a person says of a conflict goes into the row of the conflict; what was decided without one has a row under the decision's own id. Data that
/// people and programs said stands in the row as it is stored, so what is sealed in the log is sealed here, and gone for good when its subject was
/// erased.
public struct DivergencesProjection: Projection {
    /// The newest schema version of the events that this fold knows.
    static let newestSchema: Int32 = 1
    static let resolved = EventType(trusting: "reconciliation.resolved")
    static let queued = EventType(trusting: "reconciliation.conflict_queued")
    static let lapsed = EventType(trusting: "reconciliation.conflict_lapsed")
    static let accepted = EventType(trusting: "reconciliation.divergence_accepted")

    /// `divergences`
    public let name = "divergences"
    /// The generation of the fold and its table.
    public let version = 1
    /// Which events it folds.
    public let interest = EventInterest.types([resolved, queued, lapsed, accepted])
    /// Where its rows are kept.
    public let table = DivergenceColumn.table

    /// The projection `divergences`.
    public init() {}

    /// The workspace, the execution's id, which is the sync key of the stream, and the conflict that the event is about; without one, the decision.
    public func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        do throws(ProjectionFault.Reason) {
            let fields = try PayloadFields([["conflict"], ["resolution"], ["divergence"]], of: event)
            let conflict = try fields.optionalID("conflict")
            let id = if let conflict { conflict } else { try fields.id(Self.ownID(of: event.type)) }
            return RowKey([.text(event.workspace.rawValue), .text(event.syncKey), .uuid(id)])
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    private static func ownID(of type: EventType) -> StaticString {
        type == resolved ? "resolution" : type == accepted ? "divergence" : "conflict"
    }

    /// A decision or an acceptance ends the conflict that it names, and stands for itself where none is known. A conflict that was settled is not
    /// touched by a word that it has lapsed.
    public func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        do throws(ProjectionFault.Reason) {
            guard event.schemaVersion <= Self.newestSchema else {
                throw .unknownSchema(version: event.schemaVersion, newest: Self.newestSchema)
            }
            guard event.type != Self.lapsed else { return Self.lapsed(row, by: event) }
            var divergence = try DivergenceRow(row, try DivergenceFields(of: event), event)
            switch event.type {
            case Self.queued: try divergence.wait()
            case Self.resolved: try divergence.decide()
            default: try divergence.accept()
            }
            return divergence.row
        } catch {
            throw ProjectionFault(error, in: self, at: event)
        }
    }

    private static func lapsed(_ row: Row?, by event: RecordedEvent) -> Row? {
        guard var row, row[DivergenceColumn.state] == .text("open") else { return row }
        row[DivergenceColumn.state] = .text("lapsed")
        row.settle(by: event)
        return row
    }
}
