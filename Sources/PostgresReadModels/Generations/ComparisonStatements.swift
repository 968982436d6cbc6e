import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

/// The SQL that compares two tables by key, over the columns that both have.
struct ComparisonStatements: Sendable {
    private let active: TableDefinition
    private let shadow: TableDefinition

    init(active: TableDefinition, shadow: TableDefinition) {
        self.active = active
        self.shadow = shadow
    }

    /// Whether rows have keys by which they can be matched.
    private var isMatched: Bool {
        active.keyColumns.map { [$0.name, $0.type.rawValue] } == shadow.keyColumns.map { [$0.name, $0.type.rawValue] }
    }

    /// Rows here, rows there, rows that are not the same.
    var counts: String {
        guard isMatched else {
            return "select a.n, s.n, a.n + s.n from (select count(*) as n from \(name(of: active))) a, "
                + "(select count(*) as n from \(name(of: shadow))) s"
        }
        return """
            select count(a.\(firstKey)), count(s.\(firstKey)), count(*) filter (where \(differs)) from \(join)
            """
    }

    func differences(
        atMost limit: Int, on connection: PostgresConnection
    ) async throws -> [GenerationComparison.Difference] {
        guard isMatched else { return [] }
        let columns =
            active.columns.map { "a.\($0.name.quotedInSQL)" } + shadow.columns.map { "s.\($0.name.quotedInSQL)" }
        let found = try await connection.query(
            PostgresStatement(
                "select \(columns.joined(separator: ", ")) from \(join) where \(differs) "
                    + "order by \(keys) limit \(limit)"))
        let key = keyPlaces
        return try (0..<found.rowCount).map { index in
            let left =
                found.isNull(index, key.0)
                ? nil : try RowDecoding.row(index, of: found, active.columns)
            let right =
                found.isNull(index, key.1)
                ? nil : try RowDecoding.row(index, of: found, shadow.columns, from: active.columns.count)
            let some = right.map(shadow.key) ?? left.map(active.key)
            return GenerationComparison.Difference(key: some ?? RowKey([]), active: left, shadow: right)
        }
    }

    /// The keys of rows that differ, in no order, which would cost a sort.
    ///
    /// - Parameter told: those that are known already.
    func keys(
        atMost limit: Int, except told: Set<RowKey>, on connection: PostgresConnection
    ) async throws -> [RowKey] {
        guard isMatched, limit > 0 else { return [] }
        let found = try await connection.query(
            PostgresStatement("select \(keys) from \(join) where \(differs) limit \(limit + told.count)"))
        var others: [RowKey] = []
        others.reserveCapacity(min(limit, found.rowCount))
        for index in 0..<found.rowCount where others.count < limit {
            let key = RowKey(try RowDecoding.row(index, of: found, shadow.keyColumns).values)
            if !told.contains(key) { others.append(key) }
        }
        return others
    }

    /// The key of whichever row there is.
    private var keys: String {
        shadow.keyColumns.map { "coalesce(a.\($0.name.quotedInSQL), s.\($0.name.quotedInSQL))" }
            .joined(separator: ", ")
    }

    /// Where a key column is in the answer, of either side: it is never null where there is a row.
    private var keyPlaces: (Int, Int) {
        (active.keyIndices.first ?? 0, active.columns.count + (shadow.keyIndices.first ?? 0))
    }

    private var firstKey: String { (shadow.keyColumns.first?.name ?? "").quotedInSQL }

    private var join: String {
        let keys = shadow.keyColumns.map { "a.\($0.name.quotedInSQL) = s.\($0.name.quotedInSQL)" }.joined(
            separator: " and ")
        return "\(name(of: active)) a full join \(name(of: shadow)) s on \(keys)"
    }

    private func name(of table: TableDefinition) -> String { "lockstep_read.\(table.generationName.quotedInSQL)" }

    private var differs: String {
        let keys = Set(shadow.keyColumns.map(\.name))
        let shared = shadow.columns.filter { column in
            !keys.contains(column.name) && active.columns.contains { $0.name == column.name && $0.type == column.type }
        }
        let parts = shared.map { column in
            let name = column.name.quotedInSQL
            // JSON has no equality of its own; rows are kept byte for byte.
            // Texts are the same when their bytes are.
            let cast = column.type == .json ? "::text" : column.type == .text ? " collate \"C\"" : ""
            return "a.\(name)\(cast) is distinct from s.\(name)\(cast)"
        }
        return (["a.\(firstKey) is null", "s.\(firstKey) is null"] + parts).joined(separator: " or ")
    }
}
