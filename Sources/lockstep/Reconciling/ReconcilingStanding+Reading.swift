import Operations
import PostgresDriver
import PostgresReadModels

extension ReconcilingStanding {
    /// A last word that is older was said by a process that is gone.
    private static let memory = Duration.seconds(60)

    private static let lanes: PostgresStatement = """
        select (select count(*) from lockstep.leases l where l.name ~ '^reconciler/[0-9]+$' and l.expires_at > clock_timestamp()),
            coalesce(max(p.lag_events), (select h.position from lockstep.log_head h)), coalesce(max(p.lag_seconds), 0)::double precision,
            (select e.last_error from lockstep.checkpoints e where e.kind = 'reconciler' and e.last_error is not null order by e.lane limit 1),
            count(*) > 0
        from lockstep.consumer_progress p where p.kind = 'reconciler'
        """

    static func read(_ pool: PostgresPool, _ views: PostgresProjectionStore) async throws -> ReconcilingStanding {
        let rows = try await pool.withConnection { try await $0.query(lanes) }
        var standing = ReconcilingStanding()
        standing.heldLanes = try rows.int64(0, 0)
        standing.lagEvents = try rows.int64(0, 1)
        standing.lagSeconds = try rows.double(0, 2)
        standing.lastError = rows.isNull(0, 3) ? nil : try rows.text(0, 3)
        standing.hasEverRun = try rows.bool(0, 4)
        standing.engines = try await views.engineStandings().filter { $0.age < memory }.map(\.standing)
        return standing
    }

    private static let waiting: PostgresStatement = """
        select e.side, count(*), greatest(0, extract(epoch from clock_timestamp() - min(e.requested_at)))::double precision
        from lockstep_views.effects e where e.ended_at is null group by e.side order by e.side desc
        """

    /// Reads what waits for engines that nobody is connected to. It has to go through all effects that are under way, and is asked only where one is missing.
    mutating func readUnconnected(_ pool: PostgresPool) async throws {
        let sides = sidesWithoutEngine
        guard !sides.isEmpty else { return }
        let rows = try await pool.withConnection { try await $0.query(Self.waiting) }
        unconnected = try (0..<rows.rowCount).map { row in
            UnconnectedSide(
                try rows.text(row, 0), effects: try rows.int64(row, 1), oldestSeconds: try rows.double(row, 2))
        }.filter { sides.contains($0.side) }
    }
}
