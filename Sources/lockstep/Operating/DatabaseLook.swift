import EventSourcing
import Operations
import PostgresDriver
import PostgresReadModels

/// Looks at the database over a connection of its own, so that the roles of the process cannot be in its way, nor it in theirs.
struct DatabaseLook: OperationsSource {
    private let pool: PostgresPool
    private let views: PostgresProjectionStore
    /// For what has to go through many executions or effects: that is given up early, and costs nobody his readiness.
    private let hurried: PostgresPool
    private let patience: Double

    /// How long opening the connection may take, and each statement.
    private static let statementPatience = Duration.seconds(2)
    /// How long going through many rows may take. Two such questions are asked at most: both together leave time for the rest.
    private static let hurriedPatience = Duration.milliseconds(500)

    /// - Parameter patience: seconds without progress, while there is work, after which a consumer counts as stalled.
    init(_ database: DatabaseSettings, patience: Double) throws(Failure) {
        var configuration = try database.postgres()
        configuration.connectTimeout = min(configuration.connectTimeout, Self.statementPatience)
        // What is given up must not go on at the server; what looks must not be able to change anything.
        configuration.statementTimeout = Self.statementPatience
        configuration.settings.append(("default_transaction_read_only", "on"))
        pool = PostgresPool(
            configuration: configuration, limits: PoolLimits(maxConnections: 1, waitLimit: Self.statementPatience))
        views = PostgresProjectionStore(pool: pool)
        configuration.statementTimeout = Self.hurriedPatience
        hurried = PostgresPool(
            configuration: configuration, limits: PoolLimits(maxConnections: 1, waitLimit: Self.hurriedPatience))
        self.patience = patience
    }

    func close() async {
        await pool.shutdown()
        await hurried.shutdown()
    }

    func look() async throws(Refusal) -> OperationsLook {
        do { return try await read() } catch {
            let failure = Failure(error)
            throw Refusal(failure.error, todo: failure.hint)
        }
    }

    private func read() async throws -> OperationsLook {
        let (reading, history, leases) = try await pool.withConnection { connection in
            (
                try await ConsumerStatusQuery.read(on: connection), try await LogHistory.read(on: connection),
                try await Self.leases(on: connection)
            )
        }
        var standing = try await ReconcilingStanding.read(pool, views)
        let drifts = try await views.drift()
        let many = PostgresProjectionStore(pool: hurried)
        // Nobody can tell in time what waits: then nothing is said of it.
        try? await standing.readUnconnected(hurried)
        var look = OperationsLook(
            head: reading.head, checkpoints: reading.checkpoints, consumers: reading.consumers, drifts: drifts,
            stale: try? await many.stale(), jobs: try await views.unfinishedJobs(), reconciling: standing,
            leases: leases, patience: patience)
        let refusal = LogExamination.history(history)
        if refusal.verdict != .ok {
            look.history = Refusal(refusal.found, todo: refusal.cure ?? "run `lockstep doctor`")
        }
        // It has to go through the open executions, and matters only where nobody would notice otherwise.
        if drifts.allSatisfy(\.isNone), standing.hasEverRun, standing.heldLanes == 0, standing.lagEvents == 0 {
            // So many are open that nobody can tell in time: it is not for this to say that there is nothing to do.
            look.hasMoved = (try? await many.moved(after: nil, limit: 1))?.isEmpty != true
        }
        return look
    }

    private static let held: PostgresStatement = """
        select coalesce(substring(l.name from '^[a-z_]+'), 'other'), count(*) from lockstep.leases l
        where l.expires_at > clock_timestamp() group by 1
        """

    /// By the word that their names begin with.
    private static func leases(on connection: PostgresConnection) async throws -> [String: Int64] {
        let rows = try await connection.query(held)
        return try Dictionary(
            (0..<rows.rowCount).map { (try rows.text($0, 0), try rows.int64($0, 1)) }, uniquingKeysWith: +)
    }
}
