import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore
import PostgresReadModels

/// `bench reconcile`, over a database: many executions of which few are apart. The light check finds those, first among all, then by themselves; a dry run
/// goes through all of them. Beside them, what reading the states of all by `COPY` takes.
///
/// The rows are written as a projector and a reconciler would have written them: all have been looked at, and of those that are apart something has come
/// since.
struct StandingBench: Sendable {
    let server: PostgresConfiguration
    let report: BenchReport
    let runs: Int
    let scale: Double

    private static let apart = 1_000

    func run() async throws {
        let most = max(10 * Self.apart, Int(1_000_000 * scale))
        for executions in [most / 10, most] { try await measure(executions) }
    }

    private func measure(_ executions: Int) async throws {
        var first: [Double] = []
        var later: [Double] = []
        var dry: [Double] = []
        var copies: [Double] = []
        var memory: [Double] = []
        try await BenchDatabase.with(server) { database in
            try await database.withConnection { try await fill(executions, $0) }
            let pool = PostgresPool(configuration: database.configuration, limits: PoolLimits(maxConnections: 2))
            let views = PostgresProjectionStore(pool: pool)
            for _ in 0..<runs {
                PeakMemory.reset()
                first.append(
                    try await milliseconds(finding: Self.apart) { try await views.moved(after: $0, limit: $1) })
                later.append(
                    try await milliseconds(finding: Self.apart) { try await views.apart(after: $0, limit: $1) })
                dry.append(Double(executions) / (try await goThrough(views, executions)))
                if let peak = PeakMemory.megabytes { memory.append(peak) }
                copies.append(Double(executions) / (try await database.withConnection(copy)))
            }
            await pool.shutdown()
        }
        let name = "executions=\(executions),apart=\(Self.apart)"
        for (check, values) in [("first", first), ("later", later)] {
            report.add(
                Figure(
                    bench: "reconcile", case: "light-check,\(check),\(name)", system: "lockstep", metric: "check_ms",
                    unit: "ms", values: values))
        }
        let limit = "limit:copy-of-the-states"
        for (system, values) in [("lockstep", dry), (limit, copies)] {
            report.add(
                Figure(
                    bench: "reconcile", case: "dry-run,\(name)", system: system, metric: "executions_per_s",
                    unit: "executions/s", values: values))
        }
        report.add(
            Ratio(bench: "reconcile", case: "dry-run,\(name)", of: limit, values: zip(dry, copies).map { $0 / $1 }))
        report.add(
            Figure(
                bench: "reconcile", case: "dry-run,\(name)", system: "lockstep", metric: "peak_memory_mb", unit: "MB",
                values: memory))
    }

    private func milliseconds(
        finding count: Int, _ list: (ExecutionKey?, Int) async throws -> [ExecutionKey]
    ) async throws -> Double {
        var (found, last): (Int, ExecutionKey?) = (0, nil)
        let duration = try await seconds {
            repeat {
                let page = try await list(last, 1_000)
                found += page.count
                last = page.count < 1_000 ? nil : page.last
            } while last != nil
        }
        guard found == count else { throw BenchFault.incomplete("\(found) executions found instead of \(count)") }
        return duration * 1_000
    }

    /// As `reconcile run --dry-run` goes through all: what rests by its note is counted, the others are listed here, and compared there.
    private func goThrough(_ views: PostgresProjectionStore, _ executions: Int) async throws -> Double {
        let all = ExecutionSelection()
        var (total, resting, listed): (Int64, Int64, Int) = (0, 0, 0)
        let duration = try await seconds {
            total = try await views.count(of: all)
            let rest = try await views.rest(of: all)
            resting = rest.reduce(0) { $0 + $1.executions }
            try await all.forEachPage(besides: rest, in: views) { listed += $0.count }
        }
        guard total == executions, resting == executions - Self.apart, listed == Self.apart else {
            throw BenchFault.incomplete(
                "\(total) executions, of which \(resting) rest and \(listed) do not, instead of \(executions) and \(Self.apart)"
            )
        }
        return duration
    }

    private func copy(_ connection: PostgresConnection) async throws -> Double {
        try await seconds {
            _ = try await connection.copyOut(
                "copy (select * from lockstep_views.sync_state) to stdout (format binary)"
            ) { _ in }
        }
    }

    private func fill(_ executions: Int, _ connection: PostgresConnection) async throws {
        let isApart = "n % \(executions / Self.apart) = 0"
        let script = """
            insert into lockstep_read.sync_state_v1 (workspace, execution_id, workflow_seen, journey_seen, workflow_over, journey_over,
                moved_last, workflow_id, workflow_status, workflow_visits, workflow_visits_running, workflow_since, workflow_last_position,
                workflow_updated_at, session_bound, engine, session_id, journey_status, journey_states, journey_mode, journey_since,
                journey_last_position, journey_updated_at, first_position, last_position, updated_at)
            select 'default', 'run-' || lpad(n::text, 9, '0'), true, true, false, false, 'journey', 'refund-a-customer', 'waiting',
                '["ask#1"]', 1, now(), n * 10 + 5, now(), true, 'parlant', 'session-' || n, 'waiting', '{"j-refund":"s-ask"}', 'auto', now(),
                n * 10 + 7, now(), n * 10, n * 10 + 7, now()
            from generate_series(1, \(executions)) n;
            insert into lockstep.comparisons (workspace, execution_id, lane, workflow_id, workflow_version, workflow_position,
                journey_version, journey_position, ledger_version, ledger_position, policy, differing, queued, pending, apart_since, looked_at)
            select 'default', 'run-' || lpad(n::text, 9, '0'), n % 12, 'refund-a-customer', 5, n * 10 + 5, 2,
                n * 10 + case when \(isApart) then 6 else 7 end, 2, n * 10 + 8, sha256('policy'), case when \(isApart) then 1 else 0 end, 0, 0,
                case when \(isApart) then now() end, now()
            from generate_series(1, \(executions)) n;
            """
        try await connection.execute(script)
        for table in ["lockstep_read.sync_state_v1", "lockstep.comparisons"] {
            try await connection.execute("vacuum (analyze) \(table)")
        }
        try await connection.execute("checkpoint")
    }
}
