import ReadModels

/// The query behind the view of a table: its rows, or, where lanes keep rows apart, one row for those of all lanes.
public enum ViewStatement {
    /// `select …` over the table of a generation in schema `lockstep_read`; the columns are the shown ones, in their order.
    ///
    /// - Parameter known: columns that come first, as far as they are shown.
    public static func query(of table: TableDefinition, firstOf known: [String] = []) -> String {
        let shown = table.shownColumns
        let first = known.compactMap { name in shown.first { $0.name == name } }
        let ordered = first + shown.filter { !known.contains($0.name) }
        let columns = ordered.map { column in
            switch column.role {
            case .shown, .lane: column.name.quotedInSQL
            case .part(let combination): "\(combined(column, combination)) as \(column.name.quotedInSQL)"
            }
        }
        let from = "from lockstep_read.\(table.generationName.quotedInSQL)"
        let query = "select \(columns.joined(separator: ", ")) \(from)"
        guard table.isKeptPerLane else { return query }
        let groups = table.shownColumns.filter { $0.role == .shown }.map(\.name.quotedInSQL)
        return "\(query) group by \(groups.joined(separator: ", "))"
    }

    private static func combined(_ column: ColumnDefinition, _ combination: PartCombination) -> String {
        switch combination {
        // PostgreSQL adds up bigint as numeric.
        case .sum: "sum(\(column.name.quotedInSQL))::bigint"
        case .least: "min(\(column.name.quotedInSQL))"
        case .greatest: "max(\(column.name.quotedInSQL))"
        }
    }
}

extension String {
    /// A name in SQL, whatever it contains.
    var quotedInSQL: String { "\"\(replacing("\"", with: "\"\""))\"" }
}
