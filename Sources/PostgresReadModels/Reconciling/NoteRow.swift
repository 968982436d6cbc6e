import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

/// A row of `lockstep.comparisons`, and the statements about them.
enum NoteRow {
    /// What a call is told of each note, in the order of ``values(_:)``; the lease comes last.
    static let columns: [ColumnDefinition] = [
        .required("workspace", .text, ""), .required("execution_id", .text, ""), .required("lane", .int, ""),
        .optional("workflow_id", .text, ""), .required("workflow_version", .int, ""),
        .required("workflow_position", .int, ""), .required("journey_version", .int, ""),
        .required("journey_position", .int, ""), .required("ledger_version", .int, ""),
        .required("ledger_position", .int, ""), .required("policy", .text, ""), .required("differing", .int, ""),
        .required("queued", .int, ""), .required("pending", .int, ""), .required("not_yet", .int, ""),
        .optional("quiet_since", .timestamp, ""), .optional("stale_since", .timestamp, ""),
        .required("looked_at", .timestamp, ""), .required("lease", .text, ""), .required("token", .int, ""),
    ]

    static func values(_ leased: LeasedNote) -> [ColumnValue] {
        let (note, ends) = (leased.note, leased.note.ends)
        func number(_ end: StreamEnd?) -> [ColumnValue] {
            [.int(end?.version.rawValue ?? 0), .int(end?.position.rawValue ?? 0)]
        }
        return [
            .text(note.key.workspace.rawValue), .text(note.key.execution), .int(Int64(leased.lane.rawValue)),
            note.workflow.map(ColumnValue.text) ?? .null,
        ] + number(ends.workflow) + number(ends.journey) + number(ends.ledger) + [
            .text(note.policy.hexadecimal), .int(Int64(note.counts.differing)), .int(Int64(note.counts.queued)),
            .int(Int64(note.counts.pending)), .int(Int64(note.counts.notYet)),
            note.movement.quietSince.map(ColumnValue.timestamp) ?? .null,
            note.movement.staleSince.map(ColumnValue.timestamp) ?? .null, .timestamp(note.lookedAt),
            .text(leased.lease.name), .int(leased.lease.token),
        ]
    }

    /// The rows of the leases are locked, so a new holder waits for this write, or this write leaves the note out. Two may look at an execution, each under a
    /// lease of his own, a lane's and a job's: the one that has seen less does not take back what the other has seen. Nobody waits for the disk: what a crash
    /// of the server takes back is looked at again.
    static let write: PostgresStatement = """
        with told as (
            select * from unnest(
                $1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
                $10::bigint[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::timestamptz[],
                $17::timestamptz[], $18::timestamptz[], $19::text[], $20::bigint[])
                t (workspace, execution_id, lane, workflow_id, workflow_version, workflow_position, journey_version, journey_position,
                ledger_version, ledger_position, policy, differing, queued, pending, not_yet, quiet_since, stale_since, looked_at, lease, token)
        ), held as (
            select l.name, l.token, set_config('synchronous_commit', 'off', true) from lockstep.leases l
            where l.name in (select t.lease from told t) order by l.name for share
        )
        insert into lockstep.comparisons as c (
            workspace, execution_id, lane, workflow_id, workflow_version, workflow_position, journey_version, journey_position, ledger_version,
            ledger_position, policy, differing, queued, pending, not_yet, apart_since, quiet_since, stale_since, looked_at)
        select t.workspace, t.execution_id, t.lane, t.workflow_id, t.workflow_version, t.workflow_position, t.journey_version,
            t.journey_position, t.ledger_version, t.ledger_position, decode(t.policy, 'hex'), t.differing, t.queued, t.pending, t.not_yet,
            case when t.differing > 0 then t.looked_at end, t.quiet_since, t.stale_since, t.looked_at
        from told t join held h on h.name = t.lease and h.token = t.token
        order by t.workspace collate "C", t.execution_id collate "C"
        on conflict (workspace, execution_id) do update set
            lane = excluded.lane, workflow_id = excluded.workflow_id, workflow_version = excluded.workflow_version,
            workflow_position = excluded.workflow_position, journey_version = excluded.journey_version,
            journey_position = excluded.journey_position, ledger_version = excluded.ledger_version,
            ledger_position = excluded.ledger_position, policy = excluded.policy, differing = excluded.differing, queued = excluded.queued,
            pending = excluded.pending, not_yet = excluded.not_yet, quiet_since = excluded.quiet_since,
            stale_since = excluded.stale_since, looked_at = excluded.looked_at,
            apart_since = case when excluded.differing > 0 then coalesce(c.apart_since, excluded.looked_at) end
        where excluded.workflow_position >= c.workflow_position and excluded.journey_position >= c.journey_position
            and excluded.ledger_position >= c.ledger_position
        """

    private static let noted = """
        c.workflow_id, c.workflow_version, c.workflow_position, c.journey_version, c.journey_position, c.ledger_version, c.ledger_position,
            encode(c.policy, 'hex'), c.differing, c.queued, c.pending, c.not_yet, c.quiet_since, c.stale_since, c.looked_at
        """
    /// The columns of a note that is not there are null; this one never is otherwise.
    static let firstOptional = 3

    static let some = PostgresStatement(
        """
        select c.workspace, c.execution_id, \(noted) from unnest($1::text[], $2::text[]) k (workspace, execution_id)
        join lockstep.comparisons c on c.workspace = k.workspace and c.execution_id = k.execution_id
        """)

    /// Executions that can still move.
    private static let open =
        "not (s.workflow_over and s.journey_over) and not (s.workflow_over and not s.journey_seen)"
    /// Executions in which a conflict waits or an effect is under way, over or not: an index holds these alone.
    private static func isUnfinished(_ alias: String) -> String { "(\(alias).queued > 0 or \(alias).pending > 0)" }
    private static let first = "order by workspace, execution_id limit $3::bigint"
    private static func page(of alias: String) -> String {
        """
        and (\(alias).workspace, \(alias).execution_id) > ($1::text, $2::text)
            order by \(alias).workspace, \(alias).execution_id limit $3::bigint
        """
    }
    private static let page = page(of: "s")
    fileprivate static let current = """
        c.workspace = s.workspace and c.execution_id = s.execution_id
            and c.workflow_position >= coalesce(s.workflow_last_position, 0) and c.journey_position >= coalesce(s.journey_last_position, 0)
        """

    /// One page of what either list holds, each read no further than a page. That they share executions does no harm.
    private static func union(_ moving: String, _ unfinished: String) -> String {
        "(\(moving)) union (\(unfinished)) \(first)"
    }
    /// Of notes alone: what is behind in the read model is no less under way.
    private static func unfinished(_ condition: String) -> String {
        """
        select c.workspace, c.execution_id from lockstep.comparisons c
            where \(condition) and c.stale_since is null \(page(of: "c"))
        """
    }

    /// By the index that holds executions alone that can still move, in the order of its bytes, whatever the database's collation; without those that are stale,
    /// of which an index holds only those.
    static let openOnes = PostgresStatement(
        union(
            "select s.workspace, s.execution_id from lockstep_views.sync_state s where \(open) \(isNotStale) \(page)",
            unfinished(isUnfinished("c"))))
    static let moved = PostgresStatement(
        union(
            """
            select s.workspace, s.execution_id from lockstep_views.sync_state s
            left join lockstep.comparisons c on c.workspace = s.workspace and c.execution_id = s.execution_id
            where \(open)
                and (c.workspace is null or c.workflow_position < coalesce(s.workflow_last_position, 0)
                    or c.journey_position < coalesce(s.journey_last_position, 0))
            \(page)
            """, unfinished("c.pending > 0")))
    /// What a selection adds, told behind what a page is told.
    private static func selected(from first: Int) -> String {
        """
        and ($\(first)::text is null or s.workspace = $\(first)) and ($\(first + 1)::text is null or s.workflow_id = $\(first + 1))
            and ($\(first + 2)::timestamptz is null or s.updated_at >= $\(first + 2))
        """
    }
    /// What is unfinished, with what the read model shows of it: by the index of what is unfinished, however much is not. Without the offset PostgreSQL would
    /// rather read the whole read model.
    private static let shownUnfinished = """
        lockstep.comparisons w cross join lateral (
                select s.* from lockstep_views.sync_state s where s.workspace = w.workspace and s.execution_id = w.execution_id offset 0) s
        """
    static let countSelected = PostgresStatement(
        """
        select (select count(*) from lockstep_views.sync_state s
                where \(open) \(selected(from: 1)) and not \(PostgresProjectionStore.isStale()))
            + (select count(*) from \(shownUnfinished)
                where \(isUnfinished("w")) and not (\(open)) \(selected(from: 1)) and not \(PostgresProjectionStore.isStale()))
        """)
    static let standings = PostgresStatement(standings(isNotStale))
    static let standingsWithStale = PostgresStatement(standings(""))
    /// What is over is looked for no further than a full page of the others goes: so a walk through all pages reads each row once.
    private static func standings(_ among: String) -> String {
        """
        with moving as materialized (
            select s.workspace, s.execution_id, \(noted) from lockstep_views.sync_state s left join lockstep.comparisons c on \(current)
            where \(open) \(selected(from: 4)) \(among) \(page)
        )
        select * from moving union all (
            select s.workspace, s.execution_id, \(noted) from \(shownUnfinished) left join lockstep.comparisons c on \(current)
            where \(isUnfinished("w")) and not (\(open))
                and (w.workspace, w.execution_id) <= (\(last("workspace")), \(last("execution_id")))
                \(selected(from: 4)) \(among) \(page(of: "w"))
        ) \(first)
        """
    }
    /// Of the last row of a full page; behind every name where it is not full.
    private static func last(_ column: String) -> String {
        """
        coalesce((select m.\(column) from moving m order by m.workspace, m.execution_id offset $3::bigint - 1 limit 1), U&'\\+10FFFF')
        """
    }
    private static let isNotStale = "and not \(PostgresProjectionStore.isStale(behind: "($1::text, $2::text)"))"
    private static let isAtRest =
        "c.differing = 0 and c.not_yet = 0 and c.queued = 0 and c.pending = 0 and c.stale_since is null"
    static let rest = PostgresStatement(
        """
        select c.workspace, c.workflow_id, encode(c.policy, 'hex'), count(*)
        from lockstep_views.sync_state s join lockstep.comparisons c on \(current)
        where \(open) \(selected(from: 1)) and \(isAtRest) group by c.workspace, c.workflow_id, c.policy
        """)
    static let besidesRest = PostgresStatement(
        union(
            """
            select s.workspace, s.execution_id from lockstep_views.sync_state s left join lockstep.comparisons c on \(current) and \(isAtRest)
            where \(open) \(selected(from: 4)) \(isNotStale)
                and (c.workspace, coalesce(c.workflow_id, ''), c.policy) in (
                    select r.workspace, r.workflow, decode(r.policy, 'hex') from unnest($7::text[], $8::text[], $9::text[]) r (workspace, workflow, policy)
                ) is not true
            \(page)
            """,
            """
            select s.workspace, s.execution_id from \(shownUnfinished)
            where \(isUnfinished("w")) \(selected(from: 4)) \(isNotStale) \(page(of: "w"))
            """))
    /// From its index alone: what waits for nobody but a person is passed over there.
    static let apart: PostgresStatement = """
        select c.workspace, c.execution_id from lockstep.comparisons c
        where c.apart_since is not null and c.stale_since is null and c.differing > c.queued
            and (c.workspace, c.execution_id) > ($1::text, $2::text)
        order by c.workspace, c.execution_id limit $3::bigint
        """
    static let quiet: PostgresStatement = """
        select c.workspace, c.execution_id, c.quiet_since from lockstep.comparisons c
        where c.quiet_since <= $1::timestamptz and c.pending = 0
            and (c.quiet_since, c.workspace, c.execution_id) > ($2::timestamptz, $3::text, $4::text)
        order by c.quiet_since, c.workspace, c.execution_id limit $5::bigint
        """
    /// The workspaces are found one after the other by the key, however many executions each of them has.
    static let drift: PostgresStatement = """
        with recursive known as (
            (select c.workspace from lockstep.comparisons c order by c.workspace limit 1)
            union all
            select (select c.workspace from lockstep.comparisons c where c.workspace > k.workspace order by c.workspace limit 1)
            from known k where k.workspace is not null
        )
        select k.workspace, count(a.workspace), coalesce(sum(a.differing), 0)::bigint, coalesce(sum(a.queued), 0)::bigint,
            coalesce(sum(a.pending), 0)::bigint, coalesce(max(a.age), 0)::bigint, coalesce(sum(a.age), 0)::bigint
        from known k left join (
            select c.*, greatest(0, extract(epoch from clock_timestamp() - c.apart_since) * 1000000)::bigint as age
            from lockstep.comparisons c where c.apart_since is not null and c.stale_since is null) a using (workspace)
        where k.workspace is not null group by k.workspace order by k.workspace
        """
    static let stale: PostgresStatement = """
        select c.workspace, count(*) from lockstep.comparisons c where c.stale_since is not null group by c.workspace
        """

    static func key(_ row: Int, of rows: PostgresResult) throws -> ExecutionKey {
        ExecutionKey(workspace: try workspace(row, of: rows), execution: try rows.text(row, 1))
    }

    /// The tenant that a row begins with.
    ///
    /// - Throws: ``StoreError/failed(reason:)`` for what is no name of ours, which was not written by us. Without such a row a page would be short, and
    ///   whoever lists would take it for the last one.
    static func workspace(_ row: Int, of rows: PostgresResult) throws -> Workspace {
        let name = try rows.text(row, 0)
        do { return try Workspace(name) } catch {
            throw StoreError.failed(
                reason: "\(error), in a row about an execution; delete the row, or rebuild the read model that it is in"
            )
        }
    }

    static func policy(_ row: Int, _ column: Int, of rows: PostgresResult) throws -> ContentDigest {
        let text = try rows.text(row, column)
        guard let digest = ContentDigest(hexadecimal: text) else {
            throw StoreError.failed(reason: "a row of lockstep.comparisons holds \"\(text)\" for a digest; delete it")
        }
        return digest
    }

    static func note(_ row: Int, of rows: PostgresResult) throws -> ComparisonNote {
        func end(_ column: Int) throws(PostgresError) -> StreamEnd? {
            let version = try rows.int64(row, column)
            guard version > 0 else { return nil }
            return StreamEnd(
                version: StreamVersion(version), position: GlobalPosition(try rows.int64(row, column + 1)))
        }
        return ComparisonNote(
            try key(row, of: rows), workflow: rows.isNull(row, 2) ? nil : try rows.text(row, 2),
            ends: ComparisonNote.Ends(workflow: try end(3), journey: try end(5), ledger: try end(7)),
            policy: try policy(row, 9, of: rows),
            counts: ComparisonNote.Counts(
                differing: Int(try rows.int32(row, 10)), notYet: Int(try rows.int32(row, 13)),
                queued: Int(try rows.int32(row, 11)), pending: Int(try rows.int32(row, 12))),
            movement: try movement(row, of: rows),
            lookedAt: Timestamp(microseconds: try rows.timestampMicroseconds(row, 16)))
    }

    private static func movement(
        _ row: Int, of rows: PostgresResult
    ) throws(PostgresError) -> ComparisonNote.Movement {
        func moment(_ column: Int) throws(PostgresError) -> Timestamp? {
            rows.isNull(row, column) ? nil : Timestamp(microseconds: try rows.timestampMicroseconds(row, column))
        }
        if let since = try moment(15) { return .stale(since: since) }
        return try moment(14).map { .since($0) } ?? .none
    }
}

extension PostgresProjectionStore {
    /// In SQL, whether the execution of a row `s` of `lockstep_views.sync_state` is stale, and nothing has been recorded on its sides since that the view shows.
    ///
    /// - Parameter page: behind which workspace and execution the rows of the query lie, as a row in SQL: what is stale before that is not read.
    public static func isStale(behind page: String? = nil) -> String {
        let bound = page.map { " and (c.workspace, c.execution_id) > \($0)" } ?? ""
        return
            "exists (select from lockstep.comparisons c where \(NoteRow.current) and c.stale_since is not null\(bound))"
    }
}

extension ComparisonNote.Movement {
    /// Since when nothing has moved in an execution that is looked at; `nil` otherwise.
    fileprivate var quietSince: Timestamp? { if case .since(let moment) = self { moment } else { nil } }
    /// Since when nothing has moved in one that is left alone; `nil` otherwise.
    fileprivate var staleSince: Timestamp? { if case .stale(let moment) = self { moment } else { nil } }
}
