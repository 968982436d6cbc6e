import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

extension PostgresProjectionStore {
    /// See ``GenerationStore/compare(_:with:limit:align:)``.
    ///
    /// One connection holds the active checkpoint's row, so that no projector can move it, for as long as the shadow is brought to it and a
    /// second connection takes its snapshot; then it lets go, and the comparison goes on in the snapshot.
    public func compare(
        _ shadow: ProjectionGeneration, with active: ProjectionGeneration, limit: Int,
        align: @escaping @Sendable (GlobalPosition) async throws -> Void
    ) async throws -> GenerationComparison {
        try await translating {
            try await pool.withConnection { snapshot in
                try await snapshot.transaction(.repeatableRead, readOnly: true) { snapshot in
                    // The first statement takes the snapshot.
                    let positions = try await holding(active, whileAligning: align) {
                        (
                            try await Self.position(of: active, on: snapshot),
                            try await Self.position(of: shadow, on: snapshot)
                        )
                    }
                    let statements = ComparisonStatements(active: active.table, shadow: shadow.table)
                    let counts = try await snapshot.query(PostgresStatement(statements.counts))
                    let differing = try counts.int64(0, 2)
                    let differences =
                        differing == 0
                        ? [] : try await statements.differences(atMost: limit, on: snapshot)
                    return GenerationComparison(
                        activePosition: positions.0, shadowPosition: positions.1,
                        activeRows: try counts.int64(0, 0), shadowRows: try counts.int64(0, 1), differing: differing,
                        differences: differences)
                }
            }
        }
    }

    /// See ``GenerationStore/activate(_:keepingFor:under:align:)``.
    public func activate(
        _ generation: ProjectionGeneration, keepingFor duration: Duration, under lease: Lease,
        align: @escaping @Sendable (GlobalPosition) async throws -> Void
    ) async throws {
        try await translating {
            try await transaction(under: lease) { connection in
                let known = try GenerationRow.all(try await connection.query(GenerationRow.select))
                    .filter { $0.projection == generation.name }
                guard let active = known.first(where: { $0.state == .active }) else {
                    throw GenerationFlaw.unknownProjection(generation.name)
                }
                guard let next = known.first(where: { $0.number == generation.generation }) else {
                    throw GenerationFlaw.unknownProjection(generation.name)
                }
                guard next.state == .ready || next.state == .previous else { throw GenerationFlaw.wrongState(next) }
                try await align(try await Self.lockedPosition(of: active, on: connection))
                // A generation that was kept until now gives its place to the one that readers see now.
                if let older = known.first(where: { $0.state == .previous }), older.number != next.number {
                    try await Self.retire(older, on: connection)
                }
                try await exchange(active, for: generation, keepingFor: duration, on: connection)
            }
        }
    }

    private func exchange(
        _ active: Generation, for generation: ProjectionGeneration, keepingFor duration: Duration,
        on connection: PostgresConnection
    ) async throws {
        let number = PostgresParameters {
            $0.append(generation.name); $0.append(Int32(generation.generation))
        }
        _ = try await connection.query(
            "update lockstep.generations set state = 'ready' where projection = $1 and number = $2", number)
        _ = try await connection.query(
            GenerationRow.demote,
            PostgresParameters {
                $0.append(generation.name)
                $0.append(Double(duration.components.seconds))
            })
        _ = try await connection.query(GenerationRow.promote, number)
        do {
            let columns = try await TableShape.columns(ofView: generation.name, on: connection)
            try await connection.execute(TableShape(generation.table).viewing(knownAs: columns))
            try await ViewComments.apply([generation.projection], on: connection)
        } catch let error as PostgresError where error.sqlState == .dependentObjects {
            throw GenerationFlaw.viewInUse(name: generation.name, reason: error.description)
        }
    }

    /// Performs `body` while the active generation's checkpoint cannot move and the shadow has been brought to it.
    private func holding<R: Sendable>(
        _ active: ProjectionGeneration, whileAligning align: @escaping @Sendable (GlobalPosition) async throws -> Void,
        _ body: @Sendable () async throws -> R
    ) async throws -> R {
        try await pool.withConnection { connection in
            try await connection.transaction { connection in
                let key = ConsumerProgress.Key(of: active)
                try await align(try await Self.lockedPosition(key, on: connection))
                return try await body()
            }
        }
    }

    private static let locked: PostgresStatement = """
        select position from lockstep.checkpoints where consumer = $1 and kind = $2 and version = $3 and lane = $4 for update
        """
    private static let unlocked: PostgresStatement = """
        select position from lockstep.checkpoints where consumer = $1 and kind = $2 and version = $3 and lane = $4
        """

    private static func lockedPosition(
        of generation: Generation, on connection: PostgresConnection
    ) async throws -> GlobalPosition {
        try await lockedPosition(
            ConsumerProgress.Key(
                consumer: generation.projection, kind: ConsumerProgress.Key.projectorKind, version: generation.number),
            on: connection)
    }

    private static func lockedPosition(
        _ key: ConsumerProgress.Key, on connection: PostgresConnection
    ) async throws -> GlobalPosition {
        let found = try await connection.query(locked, PostgresParameters { $0.append(key) })
        return found.rowCount == 0 ? .start : GlobalPosition(try found.int64(0, 0))
    }

    private static func position(
        of generation: ProjectionGeneration, on connection: PostgresConnection
    ) async throws -> GlobalPosition {
        let found = try await connection.query(
            unlocked, PostgresParameters { $0.append(ConsumerProgress.Key(of: generation)) })
        return found.rowCount == 0 ? .start : GlobalPosition(try found.int64(0, 0))
    }
}

extension SQLState {
    /// Something in the database depends on the view.
    fileprivate static let dependentObjects = SQLState(rawValue: "2BP01")
}

/// The SQL that compares two tables by key, over the columns that both have.
private struct ComparisonStatements: Sendable {
    private let active: TableDefinition
    private let shadow: TableDefinition

    init(active: TableDefinition, shadow: TableDefinition) {
        self.active = active
        self.shadow = shadow
    }

    /// Rows here, rows there, rows that are not the same.
    var counts: String {
        """
        select count(a.\(firstKey)), count(s.\(firstKey)), count(*) filter (where \(differs)) from \(join)
        """
    }

    func differences(
        atMost limit: Int, on connection: PostgresConnection
    ) async throws -> [GenerationComparison.Difference] {
        let columns =
            active.columns.map { "a.\($0.name.quotedInSQL)" } + shadow.columns.map { "s.\($0.name.quotedInSQL)" }
        let keys = shadow.keyColumns.map { "coalesce(a.\($0.name.quotedInSQL), s.\($0.name.quotedInSQL))" }
        let found = try await connection.query(
            PostgresStatement(
                "select \(columns.joined(separator: ", ")) from \(join) where \(differs) "
                    + "order by \(keys.joined(separator: ", ")) limit \(limit)"))
        let key = keyPlaces
        return try (0..<found.rowCount).map { index in
            let left =
                found.isNull(index, key.0)
                ? nil : try RowDecoding.row(index, of: found, active.columns)
            let right =
                found.isNull(index, key.1)
                ? nil : try RowDecoding.row(index, of: found, shadow.columns, from: active.columns.count)
            let some = right.map(shadow.key) ?? left.map(active.key)
            return GenerationComparison.Difference(key: some ?? RowKey([]), active: left, shadow: right)
        }
    }

    /// Where a key column is in the answer, of either side: it is never null where there is a row.
    private var keyPlaces: (Int, Int) {
        (active.keyIndices.first ?? 0, active.columns.count + (shadow.keyIndices.first ?? 0))
    }

    private var firstKey: String { (shadow.keyColumns.first?.name ?? "").quotedInSQL }

    private var join: String {
        let keys = shadow.keyColumns.map { "a.\($0.name.quotedInSQL) = s.\($0.name.quotedInSQL)" }.joined(
            separator: " and ")
        return
            "lockstep_read.\(active.generationName.quotedInSQL) a full join lockstep_read.\(shadow.generationName.quotedInSQL) s "
            + "on \(keys)"
    }

    private var differs: String {
        let keys = Set(shadow.keyColumns.map(\.name))
        let shared = shadow.columns.filter { column in
            !keys.contains(column.name) && active.columns.contains { $0.name == column.name && $0.type == column.type }
        }
        let parts = shared.map { column in
            let name = column.name.quotedInSQL
            // JSON has no equality of its own; rows are kept byte for byte.
            let cast = column.type == .json ? "::text" : ""
            return "a.\(name)\(cast) is distinct from s.\(name)\(cast)"
        }
        return (["a.\(firstKey) is null", "s.\(firstKey) is null"] + parts).joined(separator: " or ")
    }
}
