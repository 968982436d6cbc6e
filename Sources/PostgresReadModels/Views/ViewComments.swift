import PostgresDriver
import ReadModels

/// The documentation of views and columns in the database itself, as `comment on …`, from the definitions of the projections: `\d+` in psql,
/// and every tool that shows a schema, says what a column means.
public enum ViewComments {
    /// Writes what differs, in one transaction. A view that is not there yet is left out.
    ///
    /// - Returns: how many comments were written.
    /// - Throws: ``PostgresError``; with `insufficientPrivilege` when the role does not own the views.
    @discardableResult
    public static func apply(
        _ projections: [any Projection], on connection: PostgresConnection
    ) async throws -> Int {
        let there = try await comments(on: connection)
        let missing = projections.flatMap { wanted($0.table) }.filter { wanted in
            there[wanted.place].map { $0 != wanted.text } ?? false
        }
        guard !missing.isEmpty else { return 0 }
        try await connection.execute(missing.map(\.statement).joined(separator: ";\n"))
        return missing.count
    }

    /// A view, or one of its columns.
    private struct Place: Hashable {
        let view: String
        var column: String?
    }

    private struct Comment {
        let place: Place
        let text: String

        var statement: String {
            let view = "lockstep_views.\(place.view.quotedInSQL)"
            let literal = "'\(text.replacing("'", with: "''"))'"
            guard let column = place.column else { return "comment on view \(view) is \(literal)" }
            return "comment on column \(view).\(column.quotedInSQL) is \(literal)"
        }
    }

    private static func wanted(_ table: TableDefinition) -> [Comment] {
        [Comment(place: Place(view: table.name), text: table.documentation)]
            + table.shownColumns.map {
                Comment(place: Place(view: table.name, column: $0.name), text: $0.documentation)
            }
    }

    private static let existing: PostgresStatement = """
        select c.relname::text, null::text, coalesce(obj_description(c.oid, 'pg_class'), '')
        from pg_class c where c.relnamespace = 'lockstep_views'::regnamespace and c.relkind = 'v'
        union all
        select c.relname::text, a.attname::text, coalesce(col_description(c.oid, a.attnum), '')
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'lockstep_views'::regnamespace and c.relkind = 'v'
        """

    /// What is there now; empty where nothing is said.
    private static func comments(on connection: PostgresConnection) async throws -> [Place: String] {
        let rows = try await connection.query(existing)
        var found: [Place: String] = [:]
        for row in 0..<rows.rowCount {
            let column = rows.isNull(row, 1) ? nil : try rows.text(row, 1)
            found[Place(view: try rows.text(row, 0), column: column)] = try rows.text(row, 2)
        }
        return found
    }
}
