import ReadModels

/// The query behind the view of a table: its rows, or, where lanes keep rows apart, one row for those of all lanes.
public enum ViewStatement {
    /// `select …` over the table of a generation in schema `lockstep_read`, with the shown columns.
    ///
    /// - Parameter existing: the columns of the view that is there, in its order: `create or replace view` takes further columns at the end and
    ///   nothing else. Without it the order is the definition's.
    public static func query(of table: TableDefinition, replacing existing: [String] = []) -> String {
        query(of: table, replacing: existing, from: "lockstep_read.\(table.generationName.quotedInSQL)")
    }

    /// The same over any relation with the table's columns, named as SQL names it.
    static func query(of table: TableDefinition, replacing existing: [String] = [], from relation: String) -> String {
        let shown = table.shownColumns
        let kept = existing.compactMap { name in shown.first { $0.name == name } }
        let columns = (kept + shown.filter { !existing.contains($0.name) }).map { column in
            switch column.role {
            case .shown, .lane: column.name.quotedInSQL
            case .part(let combination): "\(combined(column, combination)) as \(column.name.quotedInSQL)"
            }
        }
        let query = "select \(columns.joined(separator: ", ")) from \(relation)"
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
