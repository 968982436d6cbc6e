import EventModel
import EventSourcingTesting
import ReadModels

/// A second version of the tally: no column `odd`, a column `half` in its place, and perhaps other counts.
struct RenamedTally: Projection {
    let name = "tally"
    let version = 2
    private let factor: Int64
    private let keyColumns: Int
    let declaredChanges: [DeclaredChange]
    private let first = TallyProjection()

    init(factor: Int64 = 1, declares columns: [String] = [], keyColumns: Int = 2) {
        self.factor = factor
        self.keyColumns = keyColumns
        declaredChanges = [DeclaredChange(since: 2, columns: columns, reason: "every event counts more")]
    }

    var interest: EventInterest { first.interest }

    var table: TableDefinition {
        TableDefinition(
            name: "tally", version: 2, documentation: "Counts.", keyColumns: keyColumns,
            columns: first.table.columns.map { column in
                column.name == "odd" ? .required("half", .int, "Half of the count.") : column
            })
    }

    func key(of event: RecordedEvent) throws(ProjectionFault) -> RowKey? {
        try first.key(of: event).map { RowKey(Array($0.values.prefix(keyColumns))) }
    }

    func fold(_ row: Row?, _ event: RecordedEvent) throws(ProjectionFault) -> Row? {
        var before = row
        var count: Int64 = 1
        if case .int(let counted)? = row?.values[2] { count = counted / factor + 1 }
        before?.values[2] = .int(count - 1)
        guard var folded = try first.fold(before, event) else { return nil }
        folded.values[2] = .int(count * factor)
        folded.values[3] = .int(count * factor / 2)
        return folded
    }
}
