import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// A row of `lockstep.reconcile_jobs`, and the statements about them.
enum JobRow {
    private static let columns = """
        j.id, j.workspace, j.selection::text, j.requested_by, j.requested_at, j.state, j.cursor_workspace, j.cursor_execution, j.total,
            j.converged, j.under_way, j.held, j.queued, j.failed, j.resolutions, j.effects, j.lines, j.started_at, j.finished_at, j.last_error,
            j.holder
        """
    private static let all = "select \(columns) from lockstep_views.reconcile_jobs j"
    private static let isUnfinished = "j.state in ('queued', 'running')"

    static let one = PostgresStatement("\(all) where j.id = $1::uuid")
    private static let isOfTenant = "($1::text is null or j.workspace = $1::text)"
    static let oldest = PostgresStatement(
        "\(all) where \(isUnfinished) and \(isOfTenant) order by j.requested_at, j.id limit $2::bigint")
    static let newest = PostgresStatement(
        "\(all) where \(isOfTenant) order by j.requested_at desc, j.id desc limit $2::bigint")
    static let unfinished = PostgresStatement(
        """
        select count(*) filter (where j.state = 'queued'), count(*) filter (where j.state = 'running' and j.holder is not null),
            count(*) filter (where j.state = 'running' and j.holder is null)
        from lockstep_views.reconcile_jobs j where \(isUnfinished)
        """)
    static let standing = PostgresStatement(
        """
        \(all) where j.id = $1::uuid or (\(isUnfinished) and coalesce(j.workspace, '') = coalesce($2::text, '') and j.selection = $3::jsonb)
        order by j.id = $1::uuid desc limit 1
        """)
    /// What ended long ago goes, with its lease.
    static let file = PostgresStatement(
        """
        with gone as (
            delete from lockstep.reconcile_jobs
            where finished_at < clock_timestamp() - interval '\(ReconcilingJob.memory.components.seconds) seconds' returning id
        ), given as (
            delete from lockstep.leases l using gone g where l.name = 'reconcile-job-' || g.id
        )
        insert into lockstep.reconcile_jobs (id, workspace, selection, requested_by, requested_at, state)
        values ($1::uuid, $2::text, $3::jsonb, $4::text, clock_timestamp(), 'queued') on conflict do nothing
        """)
    static let cancel: PostgresStatement = """
        update lockstep.reconcile_jobs set state = 'cancelled', finished_at = clock_timestamp()
        where id = $1::uuid and state in ('queued', 'running')
        """
    static let lines: PostgresStatement = """
        select number, line::text from lockstep.reconcile_job_lines where job = $1::uuid and number > $2::bigint
        order by number limit $3::bigint
        """

    /// The row of the lease is locked, so a new holder waits for this write, or this write is refused.
    private static let fenced = """
        with held as (
            select l.token from lockstep.leases l where l.name = 'reconcile-job-' || $1::uuid for share
        ), moved as (
            update lockstep.reconcile_jobs j set fencing_token = h.token
        """
    private static let byHolder = "from held h where j.id = $1::uuid and h.token = $2::bigint"
    private static let answer = "select (select count(*) from moved), coalesce((select h.token from held h), 0)"

    static let begin = PostgresStatement(
        """
        \(fenced), state = 'running', total = coalesce(j.total, $3::bigint), started_at = coalesce(j.started_at, clock_timestamp())
            \(byHolder) and \(isUnfinished) returning 1
        ) \(answer)
        """)
    static let look = PostgresStatement(
        """
        \(fenced), cursor_workspace = $4::text, cursor_execution = $5::text, looked = j.looked + $6::bigint, converged = j.converged + $7::bigint,
                under_way = j.under_way + $8::bigint, held = j.held + $9::bigint, queued = j.queued + $10::bigint, failed = j.failed + $11::bigint,
                resolutions = j.resolutions + $12::bigint, effects = j.effects + $13::bigint, lines = j.lines + $14::bigint
            \(byHolder) and j.state = 'running' and j.looked = $3::bigint returning j.id, j.lines - $14::bigint as before
        ), kept as (
            insert into lockstep.reconcile_job_lines (job, number, line)
            select m.id, m.before + t.number, t.line from moved m, unnest($15::json[]) with ordinality t (line, number)
            where m.before + t.number <= \(ReconcilingJob.lineLimit)
        ) \(answer)
        """)
    static let end = PostgresStatement(
        """
        \(fenced), state = case when $3::text is null then 'done' else 'failed' end, last_error = $3::text, finished_at = clock_timestamp()
            \(byHolder) and \(isUnfinished) returning 1
        ) \(answer)
        """)

    /// Which executions, beside the workspace: nothing that is not said.
    static func text(_ selection: ExecutionSelection) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        if let workflow = selection.workflow {
            writer.key("workflow")
            writer.string(workflow)
        }
        if let since = selection.since {
            writer.key("since")
            writer.string("\(since)")
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// - Returns: `nil` for what this version has not written and does not understand in full: looking at more than was meant would be wrong.
    static func selection(workspace: String?, _ text: String) -> ExecutionSelection? {
        guard let members = (try? JSONValue(text: text))?.object?.members else { return nil }
        var selection = ExecutionSelection()
        if let workspace {
            guard let name = try? Workspace(workspace) else { return nil }
            selection.workspace = name
        }
        for member in members {
            guard let word = member.value.string else { return nil }
            switch member.key {
            case "workflow": selection.workflow = word
            case "since":
                guard let since = Timestamp(rfc3339: word) else { return nil }
                selection.since = since
            default: return nil
            }
        }
        return selection
    }

    static func job(_ row: Int, of rows: PostgresResult) throws(PostgresError) -> ReconcilingJob {
        func text(_ column: Int) throws(PostgresError) -> String? {
            rows.isNull(row, column) ? nil : try rows.text(row, column)
        }
        func time(_ column: Int) throws(PostgresError) -> Timestamp? {
            rows.isNull(row, column) ? nil : Timestamp(microseconds: try rows.timestampMicroseconds(row, column))
        }
        var job = ReconcilingJob(
            try rows.uuid(row, 0), selection: selection(workspace: try text(1), try rows.text(row, 2)),
            requestedBy: try rows.text(row, 3),
            requestedAt: Timestamp(microseconds: try rows.timestampMicroseconds(row, 4)),
            state: ReconcilingJob.State(rawValue: try rows.text(row, 5)) ?? .failed)
        if let workspace = try text(6), let execution = try text(7), let name = try? Workspace(workspace) {
            job.cursor = ExecutionKey(workspace: name, execution: execution)
        }
        job.total = rows.isNull(row, 8) ? nil : try rows.int64(row, 8)
        job.tally = LookTally(
            converged: try rows.int64(row, 9), underWay: try rows.int64(row, 10), held: try rows.int64(row, 11),
            queued: try rows.int64(row, 12), failed: try rows.int64(row, 13), resolutions: try rows.int64(row, 14),
            effects: try rows.int64(row, 15), lines: try rows.int64(row, 16))
        job.startedAt = try time(17)
        job.finishedAt = try time(18)
        job.lastError = try text(19)
        job.holder = try text(20)
        return job
    }
}
