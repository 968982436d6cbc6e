import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

extension PostgresProjectionStore {
    /// See ``GenerationStore/derive(_:from:fingerprint:under:changes:)``. One transaction: the rows are copied inside the database while the
    /// rows of the active checkpoints are locked, so live projectors wait for as long as that takes.
    public func derive(
        _ projection: any Projection, from active: Generation, fingerprint: ProjectionFingerprint?, under lease: Lease,
        changes: @escaping @Sendable (Frontier, TableDefinition) async throws -> RowChanges
    ) async throws -> Generation {
        try await translating {
            try await transaction(under: lease) { connection in
                let known = try await Self.generations(on: connection).filter { $0.projection == projection.name }
                guard known.contains(where: { $0.number == active.number && $0.state == .active }) else {
                    throw GenerationFlaw.wrongState(active)
                }
                let stored = try await Self.locked(active, on: connection)
                guard !stored.isEmpty else { throw GenerationFlaw.nothingProjected(projection.name) }
                var generation = try await Self.create(
                    projection, fingerprint, active.layout, among: known, on: connection)
                let kept = generation.keeping(projection)
                try await Self.copy(active, into: kept.table, on: connection)
                let changes = try await changes(Frontier(active.layout, stored), kept.table)
                try await Self.remove(changes, on: connection)
                _ = try await Self.write(
                    RowChanges(to: kept.table, upserts: changes.upserts),
                    moving: Self.moves(of: generation, to: stored, under: lease), on: connection)
                try await Self.copyParked(from: active, to: generation, on: connection)
                generation.state = .ready
                var parameters = GenerationRow.key(of: generation)
                parameters.append(generation.state.rawValue)
                _ = try await connection.query(GenerationRow.setState, parameters)
                return generation
            }
        }
    }

    /// The checkpoints of a new generation, where those of another one are.
    private static func moves(
        of generation: Generation, to stored: [ConsumerProgress], under lease: Lease
    ) -> [CheckpointMove] {
        stored.map { progress in
            var progress = progress
            progress.key = ConsumerProgress.Key(of: generation, lane: progress.key.lane)
            progress.state = "catching-up"
            progress.lastError = nil
            return CheckpointMove(progress, from: .start, under: lease)
        }
    }

    private static func copy(
        _ active: Generation, into table: TableDefinition, on connection: PostgresConnection
    ) async throws {
        let columns = table.columns.map { $0.name.quotedInSQL }.joined(separator: ", ")
        try await connection.execute(
            "insert into lockstep_read.\(table.generationName.quotedInSQL) (\(columns)) "
                + "select \(columns) from lockstep_read.\(active.relation.quotedInSQL)")
        // What follows finds rows by their keys.
        try await connection.execute(TableShape(table).indexing)
    }

    /// Keys that are removed at a time.
    private static let removedAtOnce = 10_000

    private static func remove(_ changes: RowChanges, on connection: PostgresConnection) async throws {
        let statement = TableStatements.of(changes.table).delete
        var rest = (changes.deletions + changes.upserts.map(changes.table.key))[...]
        while !rest.isEmpty {
            var parameters = PostgresParameters()
            ColumnArrays(changes.table.keyColumns, rows: rest.prefix(removedAtOnce).map(\.values)).append(
                to: &parameters)
            _ = try await connection.query(statement, parameters)
            rest = rest.dropFirst(removedAtOnce)
        }
    }

    private static func copyParked(
        from active: Generation, to generation: Generation, on connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            """
            with copied as (
                insert into lockstep_read.parked_keys (consumer, version, lane, key, scope, position, type, event_id, cause, first_position,
                    queued, parked_at, tries, tried_at)
                select k.consumer, $3, k.lane, k.key, k.scope, k.position, k.type, k.event_id, k.cause, k.first_position, k.queued,
                    k.parked_at, k.tries, k.tried_at
                from lockstep_read.parked_keys k where k.consumer = $1 and k.version = $2
                returning id, lane, key
            )
            insert into lockstep_read.parked_events (parked, position)
            select c.id, e.position from copied c
            join lockstep_read.parked_keys k on k.consumer = $1 and k.version = $2 and k.lane = c.lane and k.key = c.key
            join lockstep_read.parked_events e on e.parked = k.id
            """,
            PostgresParameters {
                $0.append(active.projection)
                $0.append(Int32(active.number))
                $0.append(Int32(generation.number))
            })
    }
}
