import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

/// Generations of read models: a row of `lockstep.generations` and a table of `lockstep_read` each; what readers see is a view over the table
/// of the active one. A comparison and an activation hold one connection, and need another one for what is done meanwhile.
extension PostgresProjectionStore: GenerationStore {
    /// See ``GenerationStore/generations()``.
    public func generations() async throws(StoreError) -> [Generation] {
        try await calling { connection in try GenerationRow.all(try await connection.query(GenerationRow.select)) }
    }

    /// See ``GenerationStore/begin(_:under:)``.
    public func begin(_ projection: any Projection, under lease: Lease) async throws -> Generation {
        try await translating {
            try await transaction(under: lease) { connection in
                let known = try GenerationRow.all(try await connection.query(GenerationRow.select))
                    .filter { $0.projection == projection.name }
                if let shadow = known.first(where: { $0.state == .building || $0.state == .ready }) {
                    guard shadow.version == projection.version else { throw GenerationFlaw.otherVersion(shadow) }
                    return shadow
                }
                let last = try await connection.query(
                    GenerationRow.last, PostgresParameters { $0.append(projection.name) })
                let number = max(Int(try last.int32(0, 0)), projection.version - 1) + 1
                let generation = Generation(
                    projection: projection.name, number: number, version: projection.version,
                    relation: Self.relation(of: projection, number, among: known), state: .building)
                let active = known.first { $0.state == .active }
                let before = try await TableShape.before(active?.relation, on: connection)
                try await connection.execute(
                    TableShape(projection.table.kept(in: generation.relation), like: before).creation)
                _ = try await connection.query(GenerationRow.insert, GenerationRow.parameters(of: generation))
                return generation
            }
        }
    }

    /// The first generation of a version has the version's name, as migrations have named it.
    private static func relation(of projection: any Projection, _ number: Int, among known: [Generation]) -> String {
        let plain = projection.table.generationName
        return known.contains { $0.relation == plain } ? "\(projection.name)_g\(number)" : plain
    }

    /// See ``GenerationStore/index(_:under:)``.
    public func index(_ generation: ProjectionGeneration, under lease: Lease) async throws(StoreError) {
        let shape = TableShape(generation.table)
        try await calling { connection in
            try await connection.transaction { connection in
                try await Self.confirm(lease, on: connection)
                try await connection.execute(shape.indexing)
            }
        }
    }

    /// See ``GenerationStore/finish(_:under:)``.
    public func finish(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await change(generation, to: .ready, under: lease)
    }

    /// See ``GenerationStore/retire(_:under:)``.
    public func retire(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await calling { connection in
            try await connection.transaction { connection in
                try await Self.confirm(lease, on: connection)
                try await Self.retire(generation, on: connection)
            }
        }
    }

    static func retire(_ generation: Generation, on connection: PostgresConnection) async throws {
        let done = try await connection.query(
            GenerationRow.retire,
            PostgresParameters {
                $0.append(generation.projection); $0.append(Int32(generation.number))
            })
        guard done.affectedRows == 1 else { throw GenerationFlaw.wrongState(generation) }
        _ = try await connection.query(
            GenerationRow.forget,
            PostgresParameters {
                $0.append(generation.projection); $0.append(Int32(generation.number))
            })
        try await connection.execute("drop table if exists lockstep_read.\(generation.relation.quotedInSQL)")
    }

    private func change(
        _ generation: Generation, to state: Generation.State, under lease: Lease
    ) async throws(StoreError) {
        try await calling { connection in
            try await connection.transaction { connection in
                try await Self.confirm(lease, on: connection)
                var parameters = PostgresParameters()
                parameters.append(generation.projection)
                parameters.append(Int32(generation.number))
                parameters.append(state.rawValue)
                _ = try await connection.query(GenerationRow.setState, parameters)
            }
        }
    }

    /// See ``GenerationStore/record(_:of:under:)``.
    public func record(
        _ report: GenerationReport, of generation: Generation, under lease: Lease
    ) async throws(StoreError) {
        try await calling { connection in
            try await connection.transaction { connection in
                try await Self.confirm(lease, on: connection)
                var parameters = PostgresParameters()
                parameters.append(generation.projection)
                parameters.append(Int32(generation.number))
                parameters.append(String(decoding: report.text, as: UTF8.self))
                parameters.append(report.digest.hexadecimal)
                _ = try await connection.query(GenerationRow.setReport, parameters)
            }
        }
    }

    /// See ``GenerationStore/report(of:)``.
    public func report(of generation: Generation) async throws(StoreError) -> GenerationReport? {
        try await calling { connection in
            let found = try await connection.query(
                GenerationRow.report,
                PostgresParameters {
                    $0.append(generation.projection); $0.append(Int32(generation.number))
                })
            guard found.rowCount == 1, !found.isNull(0, 0) else { return nil }
            return GenerationReport(text: Array(try found.text(0, 0).utf8))
        }
    }
}

// MARK: Calls

extension PostgresProjectionStore {
    static func confirm(_ lease: Lease, on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            "select lockstep_read.confirm_lease($1, $2)",
            PostgresParameters {
                $0.append(lease.name); $0.append(lease.token)
            })
    }

    func transaction<R: Sendable>(
        under lease: Lease, _ body: @Sendable (PostgresConnection) async throws -> R
    ) async throws -> R {
        try await pool.withConnection { connection in
            try await connection.transaction { connection in
                try await Self.confirm(lease, on: connection)
                return try await body(connection)
            }
        }
    }

    private func calling<R: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> R
    ) async throws(StoreError) -> R {
        do { return try await pool.withConnection { try await body($0) } } catch { throw Self.storeError(error) }
    }

    /// Lets flaws through and makes store errors of the driver's.
    func translating<R>(_ body: () async throws -> R) async throws -> R {
        do { return try await body() } catch let error as PostgresError { throw Self.storeError(error) }
    }

    private static func storeError(_ error: any Error) -> StoreError {
        guard let error = error as? PostgresError else {
            return (error as? StoreError) ?? (error is CancellationError ? .cancelled : .failed(reason: "\(error)"))
        }
        // Another process holds the lease: what this one had in hand is not for it to write any more.
        return error.sqlState == .fenced ? .cancelled : StoreError(error)
    }
}
