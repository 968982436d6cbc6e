import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

extension PostgresProjectionStore {
    /// See ``GenerationStore/compare(_:with:limit:align:)``.
    ///
    /// One connection holds the rows of the active checkpoints, so that no projector can move it, for as long as the shadow is brought to it and a
    /// second connection takes its snapshot; then it lets go, and the comparison goes on in the snapshot.
    public func compare(
        _ shadow: ProjectionGeneration, with active: Generation, limit: ComparisonLimit,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws -> GenerationComparison {
        try await translating {
            try await pool.withConnection { snapshot in
                // It holds nobody up before its first statement, for which another connection may have to wait.
                try await snapshot.transaction(.repeatableRead, readOnly: true, silence: .seconds(600)) { snapshot in
                    // The first statement takes the snapshot.
                    let frontiers = try await holding(active, whileAligning: align) {
                        (
                            active: try await Self.frontier(of: active, on: snapshot),
                            shadow: try await Self.frontier(of: shadow, on: snapshot)
                        )
                    }
                    let table = try await TableShape.stored(active, like: shadow.table, on: snapshot)
                    let statements = ComparisonStatements(active: table, shadow: shadow.table)
                    try await snapshot.execute("set local work_mem = '\(Self.comparisonMemory)'")
                    let counts = try await snapshot.query(PostgresStatement(statements.counts))
                    let differing = try counts.int64(0, 2)
                    let differences =
                        differing == 0
                        ? [] : try await statements.differences(atMost: limit.rows, on: snapshot)
                    let others =
                        differing == differences.count
                        ? []
                        : try await statements.keys(
                            atMost: limit.keys, except: Set(differences.map(\.key)), on: snapshot)
                    return GenerationComparison(
                        activeTable: table, active: frontiers.active, shadow: frontiers.shadow,
                        activeRows: try counts.int64(0, 0), shadowRows: try counts.int64(0, 1), differing: differing,
                        differences: differences, otherKeys: others)
                }
            }
        }
    }

    /// What the server may use to match the rows of two generations before it writes to disk.
    private static let comparisonMemory = "64MB"

    /// See ``GenerationStore/activate(_:keepingFor:under:align:)``.
    public func activate(
        _ generation: ProjectionGeneration, keepingFor duration: Duration, under lease: Lease,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws {
        try await translating {
            try await transaction(under: lease) { connection in
                let known = try await Self.generations(on: connection).filter { $0.projection == generation.name }
                guard let active = known.first(where: { $0.state == .active }) else {
                    throw GenerationFlaw.unknownProjection(generation.name)
                }
                guard let next = known.first(where: { $0.number == generation.generation }) else {
                    throw GenerationFlaw.unknownProjection(generation.name)
                }
                guard next.state == .ready || next.state == .previous else { throw GenerationFlaw.wrongState(next) }
                let query = try await Self.query(showing: next, generation, on: connection)
                try await align(Frontier(active.layout, try await Self.locked(active, on: connection)))
                // A generation that was kept until now gives its place to the one that readers see now.
                if let older = known.first(where: { $0.state == .previous }), older.number != next.number {
                    try await Self.retire(older, on: connection)
                }
                try await Self.exchange(active, for: next, keepingFor: duration, on: connection)
                try await Self.show(query, of: generation, on: connection)
            }
        }
    }

    /// How readers see a generation: what this program makes of its table, or, when another version of the fold has shaped it, as they saw
    /// it before.
    private static func query(
        showing next: Generation, _ generation: ProjectionGeneration, on connection: PostgresConnection
    ) async throws -> String {
        guard next.version != generation.version else {
            let columns = try await TableShape.columns(ofView: generation.name, on: connection)
            return ViewStatement.query(of: generation.table, replacing: columns)
        }
        let kept = try await connection.query(GenerationRow.viewQuery, GenerationRow.key(of: next))
        guard !kept.isNull(0, 0) else { throw GenerationFlaw.viewUnknown(next) }
        return try kept.text(0, 0)
    }

    private static func exchange(
        _ active: Generation, for next: Generation, keepingFor duration: Duration, on connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            GenerationRow.stepAside, PostgresParameters { $0.append(active.projection) })
        _ = try await connection.query(GenerationRow.promote, GenerationRow.key(of: next))
        var parameters = GenerationRow.key(of: active)
        parameters.append(Double(duration.components.seconds))
        _ = try await connection.query(GenerationRow.demote, parameters)
    }

    /// How long readers who came before are waited for: meanwhile those who come later wait, too, and so does the projector.
    private static let viewPatience = Duration.seconds(2)

    private static func show(
        _ query: String, of generation: ProjectionGeneration, on connection: PostgresConnection
    ) async throws {
        do {
            try await connection.execute("set local lock_timeout = '\(viewPatience.components.seconds)s'")
            _ = try await connection.query(
                "select lockstep_read.show_view($1, $2)",
                PostgresParameters {
                    $0.append(generation.name); $0.append(query)
                })
            try await ViewComments.apply([generation.projection], on: connection)
            try await connection.execute("set local lock_timeout = default")
        } catch let error as PostgresError where error.sqlState == .dependentObjects {
            throw GenerationFlaw.viewInUse(name: generation.name, reason: error.description)
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            throw GenerationFlaw.viewBusy(name: generation.name)
        }
    }

    /// Performs `body` while the active generation's checkpoint cannot move and the shadow has been brought to it.
    private func holding<R: Sendable>(
        _ active: Generation, whileAligning align: @escaping @Sendable (Frontier) async throws -> Void,
        _ body: @Sendable () async throws -> R
    ) async throws -> R {
        try await pool.withConnection { connection in
            try await connection.transaction { connection in
                try await align(Frontier(active.layout, try await Self.locked(active, on: connection)))
                return try await body()
            }
        }
    }

    private static func frontier(
        of projection: some Projection, on connection: PostgresConnection
    ) async throws -> Frontier {
        try await Frontier(
            projection.layout,
            read(ProgressRow.select, ConsumerProgress.Key.all(of: projection), on: connection))
    }

    private static func frontier(
        of generation: Generation, on connection: PostgresConnection
    ) async throws -> Frontier {
        try await Frontier(
            generation.layout,
            read(ProgressRow.select, ConsumerProgress.Key.all(of: generation), on: connection))
    }

    /// The checkpoints of a generation, which cannot move until the transaction ends.
    static func locked(
        _ generation: Generation, on connection: PostgresConnection
    ) async throws -> [ConsumerProgress] {
        try await read(ProgressRow.lock, ConsumerProgress.Key.all(of: generation), on: connection)
    }

    private static func read(
        _ statement: PostgresStatement, _ keys: [ConsumerProgress.Key], on connection: PostgresConnection
    ) async throws -> [ConsumerProgress] {
        guard let first = keys.first else { return [] }
        let found = try await connection.query(
            statement, ProgressRow.parameters(of: first, lanes: keys.map(\.lane)))
        return try ProgressRow.decode(found, of: first)
    }
}

extension SQLState {
    /// Something in the database depends on the view.
    fileprivate static let dependentObjects = SQLState(rawValue: "2BP01")
    /// Somebody else's lock was not given up in time.
    fileprivate static let lockNotAvailable = SQLState(rawValue: "55P03")
}
