/// What readers see of a table: its view. A table that lanes keep apart shows one row for the rows of all lanes.
extension TableDefinition {
    /// Whether each lane keeps rows of its own, which the view makes one of.
    public var isKeptPerLane: Bool { columns.contains { $0.role == .lane } }

    /// The columns of the view.
    public var shownColumns: [ColumnDefinition] { columns.filter { $0.role != .lane } }

    /// The columns that single out a row of the view.
    public var shownKeyColumns: [ColumnDefinition] { keyColumns.filter { $0.role != .lane } }

    /// The rows of the view over these rows of the table, in no order.
    public func shown(_ rows: some Sequence<Row>) -> [Row] {
        guard isKeptPerLane else { return Array(rows) }
        let places = columns.indices.filter { columns[$0].role != .lane }
        var shown: [RowKey: Row] = [:]
        for row in rows {
            let key = RowKey(keyIndices.filter { columns[$0].role != .lane }.map { row.values[$0] })
            let part = Row(places.map { row.values[$0] })
            shown[key] = shown[key].map { combined($0, part) } ?? part
        }
        return Array(shown.values)
    }

    private func combined(_ left: Row, _ right: Row) -> Row {
        Row(
            shownColumns.indices.map { index in
                guard case .part(let combination) = shownColumns[index].role,
                    case .int(let one) = left.values[index], case .int(let other) = right.values[index]
                else { return left.values[index] }
                return .int(combination(one, other))
            })
    }
}
