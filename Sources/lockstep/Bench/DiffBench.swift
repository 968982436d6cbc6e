import EventModel
import EventSourcing
import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import Projector
import ReadModels

/// The comparison of two generations of the timeline, a row for each event, beside a sequential scan of both.
enum DiffBench {
    /// One comparison.
    struct Sample: Sendable {
        /// Rows of each generation.
        var rows: Int64
        /// Seconds of the comparison.
        var diff: Double
        /// Seconds of the scans.
        var scan: Double
    }

    /// Gives the generation that readers see the rows of the one that waits, and compares the two.
    static func run(_ store: PostgresEventStore, _ database: BenchDatabase) async throws -> Sample {
        let projection = TimelineProjection()
        let pool = PostgresPool(configuration: database.configuration, limits: PoolLimits(maxConnections: 4))
        let views = PostgresProjectionStore(pool: pool)
        let known = try await views.generations().filter { $0.projection == projection.name }
        guard let active = known.first(where: { $0.state == .active }),
            let shadow = known.first(where: { $0.state == .ready })
        else { throw Failure(.internal, "there are not two generations to compare", hint: "run it again") }
        try await database.withConnection { try await fill(active, from: shadow, on: $0) }
        let job = RebuildVerb.Job(
            projection, log: store, views: views, leases: store,
            settings: RebuildSettings(holder: database.name, limits: RebuildLimits(alignmentPatience: .zero)))
        var sample = Sample(rows: 0, diff: 0, scan: 0)
        sample.diff = try await seconds {
            let comparison = try await job.compare().comparison
            guard comparison.differing == 0 else {
                throw Failure(.internal, "equal generations differ", hint: "report it as a mistake in this program")
            }
            sample.rows = comparison.activeRows
        }
        sample.scan = try await database.withConnection { connection in
            try await seconds {
                for generation in [active, shadow] {
                    _ = try await connection.query(
                        PostgresStatement("select count(t.position) from lockstep_read.\(generation.relation) t"))
                }
            }
        }
        try await database.withConnection { try await $0.execute("truncate lockstep_read.\(active.relation)") }
        await pool.shutdown()
        return sample
    }

    private static func fill(
        _ active: Generation, from shadow: Generation, on connection: PostgresConnection
    ) async throws {
        try await connection.execute(
            """
            truncate lockstep_read.\(active.relation);
            insert into lockstep_read.\(active.relation) select * from lockstep_read.\(shadow.relation);
            delete from lockstep.checkpoints where consumer = '\(active.projection)' and version = \(active.number);
            insert into lockstep.checkpoints (consumer, kind, version, lane, state, position, last_event_id, incarnation, events_handled,
                digest, fencing_token, updated_at, last_error)
            select consumer, kind, \(active.number), lane, state, position, last_event_id, incarnation, events_handled, digest,
                fencing_token, updated_at, last_error
            from lockstep.checkpoints where consumer = '\(shadow.projection)' and kind = 'projector' and version = \(shadow.number);
            analyze lockstep_read.\(active.relation)
            """)
    }

    static func add(_ samples: [Sample], to report: BenchReport) {
        let name = "diff,timeline,rows=\(samples.last?.rows ?? 0)"
        let limit = "limit:sequential-scan"
        let ours = samples.map { 2 * Double($0.rows) / $0.diff }
        let theirs = samples.map { 2 * Double($0.rows) / $0.scan }
        for (system, values) in [("lockstep", ours), (limit, theirs)] {
            report.add(
                Figure(
                    bench: "rebuild", case: name, system: system, metric: "rows_per_s", unit: "rows/s", values: values))
        }
        report.add(Ratio(bench: "rebuild", case: name, of: limit, values: zip(ours, theirs).map { $0 / $1 }))
    }
}
