import PostgresDriver

/// The statements about `lockstep.subject_keys`.
enum KeyStatements {
    /// As ``KeyRows`` reads them, of a table named `k`.
    private static let columns = """
        k.workspace, k.subject, k.generation, k.wrapped, k.master_key, k.destroyed_at, k.destroyed_by, k.destroyed_because
        """

    static let newest = PostgresStatement(
        """
        select \(columns) from unnest($2::text[]) wanted(subject) cross join lateral (
            select * from lockstep.subject_keys s where s.workspace = $1 and s.subject = wanted.subject
            order by s.generation desc limit 1) k
        """)

    static let all = PostgresStatement(
        """
        select \(columns) from lockstep.subject_keys k where k.workspace = $1 and k.subject = $2
        order by k.generation
        """)

    static let byID = PostgresStatement(
        """
        select \(columns) from unnest($1::text[], $2::text[], $3::int[]) wanted(workspace, subject, generation)
        join lockstep.subject_keys k using (workspace, subject, generation)
        """)

    static let create = PostgresStatement(
        """
        insert into lockstep.subject_keys (workspace, subject, generation, wrapped, master_key)
        select * from unnest($1::text[], $2::text[], $3::int[], $4::bytea[], $5::text[])
        on conflict do nothing
        """)

    static let destroy = PostgresStatement(
        """
        update lockstep.subject_keys set wrapped = null, master_key = null, destroyed_at = clock_timestamp(),
            destroyed_by = $3, destroyed_because = $4
        where workspace = $1 and subject = $2 and destroyed_at is null
        """)

    static let otherMaster = PostgresStatement(
        """
        select \(columns) from lockstep.subject_keys k
        where k.destroyed_at is null and k.master_key <> $1 limit $2
        """)

    static let rewrap = PostgresStatement(
        """
        update lockstep.subject_keys k set wrapped = c.new, master_key = c.master_key
        from unnest($1::text[], $2::text[], $3::int[], $4::bytea[], $5::bytea[], $6::text[])
            c(workspace, subject, generation, old, new, master_key)
        where k.workspace = c.workspace and k.subject = c.subject and k.generation = c.generation
            and k.wrapped = c.old and k.destroyed_at is null
        """)

    static let census = PostgresStatement(
        "select coalesce(master_key, ''), count(*) from lockstep.subject_keys group by master_key")

    static let oneOfMaster = PostgresStatement(
        """
        select \(columns) from lockstep.subject_keys k
        where k.destroyed_at is null and k.master_key = $1 limit 1
        """)
}
