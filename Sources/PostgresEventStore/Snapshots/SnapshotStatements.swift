import PostgresDriver

/// The statements about `lockstep.snapshots` and `lockstep.snapshot_mismatches`.
enum SnapshotStatements {
    /// The keys as JSON: pairs of a subject and a generation, in order.
    static let one = PostgresStatement(
        """
        select s.version, s.event_id, s.fingerprint, s.position, s.folded_bytes, s.state, s.digest, coalesce((
            select json_agg(json_build_array(n.subject, n.generation) order by n.place)
            from unnest(s.subjects, s.generations) with ordinality n (subject, generation, place)), '[]')::text
        from lockstep.snapshots s
        where s.workspace = $1 and s.stream = $2 and s.fold = $3 and not exists (
            select from lockstep.snapshot_mismatches m where m.fold = s.fold and m.fingerprint = s.fingerprint)
        """)

    static let keep = PostgresStatement(
        "select lockstep.keep_snapshot($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)")

    static let confirm = PostgresStatement(
        """
        update lockstep.snapshots set confirmed_at = clock_timestamp()
        where workspace = $1 and stream = $2 and fold = $3 and version = $4 and event_id = $5 and fingerprint = $6
        """)

    static let record = PostgresStatement("select lockstep.record_snapshot_mismatch($1, $2, $3, $4, $5, $6, $7)")

    static let mismatches = PostgresStatement(
        """
        select m.workspace, m.stream, m.fold, m.version, m.event_id, m.fingerprint, m.found_at
        from lockstep.snapshot_mismatches m order by m.found_at desc, m.workspace, m.stream, m.fold, m.version limit $1
        """)

    static let forgive = PostgresStatement(
        "delete from lockstep.snapshot_mismatches where $1::text is null or fold = $1")

    private static let selected = """
        ($1::text is null or s.workspace = $1) and ($2::text is null or s.stream = $2) and ($3::text is null or s.fold = $3)
        """

    static let list = PostgresStatement(
        """
        select s.workspace, s.stream, s.fold, s.version, s.event_id, s.fingerprint, s.position, length(s.state)::bigint, s.folded_bytes,
            cardinality(s.subjects), s.kept_at, s.confirmed_at
        from lockstep.snapshots s
        where \(selected) and ($4::text is null or (s.workspace, s.stream, s.fold) > ($4, $5, $6))
        order by s.workspace, s.stream, s.fold limit $7
        """)

    static let drop = PostgresStatement("delete from lockstep.snapshots s where \(selected)")
}
