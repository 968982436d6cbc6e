import PostgresDriver

/// Looks at what projections have set aside.
enum ParkingExamination {
    static let check = "parked keys"

    private static let statement: PostgresStatement = """
        select k.consumer, count(*), sum(k.waiting)::bigint from lockstep.parked_keys k group by k.consumer order by k.consumer
        """

    static func run(on connection: PostgresConnection) async throws -> Finding {
        let rows = try await connection.query(statement)
        guard rows.rowCount > 0 else { return .ok(check, "none") }
        var parts: [String] = []
        for row in 0..<rows.rowCount {
            parts.append(
                "\(try rows.int64(row, 1)) of \(try rows.text(row, 0)) (\(try rows.int64(row, 2)) events behind)")
        }
        return .warning(
            check, parts.joined(separator: ", "),
            cure:
                "see `lockstep projections parked` for the causes, mend them, then `lockstep projections retry NAME --all`"
        )
    }
}
