import PostgresDriver

/// Looks at the snapshots of long streams.
enum SnapshotExamination {
    static let check = "snapshots"

    private static let statement: PostgresStatement = """
        select (select count(*) from lockstep.snapshots), count(*),
            (array_agg(m.stream order by m.workspace, m.stream, m.version))[1],
            (array_agg(m.version order by m.workspace, m.stream, m.version))[1],
            (array_agg(m.workspace order by m.workspace, m.stream, m.version))[1]
        from lockstep.snapshot_mismatches m
        """

    static func run(on connection: PostgresConnection) async throws -> Finding {
        let rows = try await connection.query(statement)
        let (kept, mismatches) = (Int(try rows.int64(0, 0)), Int(try rows.int64(0, 1)))
        guard mismatches > 0 else { return .ok(check, kept == 0 ? "none" : "\(kept) kept") }
        let example = "\(try rows.text(0, 2)) in workspace \(try rows.text(0, 4)) at version \(try rows.int64(0, 3))"
        return .warning(
            check, "\(Counted.of(mismatches, "snapshot")) did not agree with the events, \(example) for example",
            cure:
                "what was decided on these streams behind those versions may be wrong: look at it with `lockstep snapshots list` and `lockstep read --stream`, then `lockstep snapshots drop --forgive`"
        )
    }
}
