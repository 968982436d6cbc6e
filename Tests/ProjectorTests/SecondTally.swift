import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels

/// A second version of the tally: it counts double.
struct SecondTally: Projection {
    let name = "tally"
    let version = 2
    let declaredChanges: [DeclaredChange]
    private let factor: Int64
    private let first = TallyProjection()

    init(declares columns: [String], factor: Int64 = 2) {
        self.factor = factor
        declaredChanges = [DeclaredChange(since: 2, columns: columns, reason: "every event counts double")]
    }

    var interest: EventInterest { first.interest }

    var table: TableDefinition {
        TableDefinition(
            name: "tally", version: 2, documentation: "Counts double.", keyColumns: 2, columns: first.table.columns)
    }

    func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? { try first.key(of: event) }

    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        guard var folded = try first.fold(row, event), case .int(let count) = folded.values[2] else { return nil }
        folded.values[2] = .int(row == nil ? count * factor : count + 1)
        return folded
    }
}
