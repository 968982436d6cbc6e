import EventModel
import EventSourcing
import PostgresDriver
import ReadModels

/// Generations of read models: a row of `lockstep.generations` and a table of `lockstep_read` each; what readers see is a view over the table
/// of the active one. A comparison and an activation hold one connection, and need another one for what is done meanwhile.
extension PostgresProjectionStore: GenerationStore {
    /// See ``GenerationStore/generations()``.
    public func generations() async throws(StoreError) -> [Generation] {
        try await calling { connection in try await Self.generations(on: connection) }
    }

    /// Every generation, by projection and number, over a connection that somebody else holds.
    ///
    /// - Throws: ``PostgresError``.
    public static func generations(on connection: PostgresConnection) async throws -> [Generation] {
        try GenerationRow.all(try await connection.query(GenerationRow.select))
    }

    /// See ``GenerationStore/begin(_:fingerprint:layout:under:)``.
    public func begin(
        _ projection: any Projection, fingerprint: ProjectionFingerprint?, layout: LaneLayout, under lease: Lease
    ) async throws -> Generation {
        try await translating {
            try await transaction(under: lease) { connection in
                let known = try await Self.generations(on: connection).filter { $0.projection == projection.name }
                if let shadow = known.first(where: { $0.state == .building || $0.state == .ready }) {
                    try shadow.check(
                        version: projection.version, fingerprint,
                        stored: try await Self.fingerprint(of: shadow, on: connection))
                    if shadow.state == .building {
                        try await Self.endLoading(into: shadow, under: lease, on: connection)
                    }
                    return shadow
                }
                return try await Self.create(projection, fingerprint, layout, among: known, on: connection)
            }
        }
    }

    /// Ends what an earlier holder of the lease has left open: the server waits for ever for the next row of a process that stands still, and
    /// holds the table for it.
    private static func endLoading(
        into shadow: Generation, under lease: Lease, on connection: PostgresConnection
    ) async throws {
        // Before anybody is ended: who holds the lease no more is itself such an earlier holder.
        try await confirm(lease, on: connection)
        _ = try await connection.query(
            """
            select pg_terminate_backend(l.pid) from pg_locks l
            where l.relation = to_regclass($1) and l.mode = 'RowExclusiveLock' and l.granted and l.pid <> pg_backend_pid()
                and l.database = (select d.oid from pg_database d where d.datname = current_database())
            """, PostgresParameters { $0.append("lockstep_read.\(shadow.relation.quotedInSQL)") })
    }

    /// Registers a generation that is being built, and makes its table, without indexes.
    static func create(
        _ projection: any Projection, _ fingerprint: ProjectionFingerprint?, _ layout: LaneLayout,
        among known: [Generation], on connection: PostgresConnection
    ) async throws -> Generation {
        let last = try await connection.query(GenerationRow.last, PostgresParameters { $0.append(projection.name) })
        let number = max(Int(try last.int32(0, 0)), projection.version - 1) + 1
        let generation = Generation(
            projection: projection.name, number: number, version: projection.version,
            relation: relation(of: projection, number, among: known), layout: layout, state: .building)
        let active = known.first { $0.state == .active }
        let before = try await TableShape.before(active?.relation, on: connection)
        try await connection.execute(
            TableShape(projection.table.kept(in: generation.relation), like: before).creation)
        _ = try await connection.query(GenerationRow.insert, GenerationRow.parameters(of: generation))
        if let fingerprint { try await sign(generation, fingerprint, on: connection) }
        return generation
    }

    /// The first generation of a version has the version's name, as migrations have named it.
    private static func relation(of projection: any Projection, _ number: Int, among known: [Generation]) -> String {
        let plain = projection.table.generationName
        return known.contains { $0.relation == plain } ? "\(projection.name)_g\(number)" : plain
    }

    /// See ``GenerationStore/fingerprint(of:)``.
    public func fingerprint(of generation: Generation) async throws(StoreError) -> ProjectionFingerprint? {
        try await calling { connection in try await Self.fingerprint(of: generation, on: connection) }
    }

    /// See ``GenerationStore/sign(_:_:)``.
    public func sign(_ generation: Generation, _ fingerprint: ProjectionFingerprint) async throws(StoreError) {
        try await calling { connection in try await Self.sign(generation, fingerprint, on: connection) }
    }

    private static func fingerprint(
        of generation: Generation, on connection: PostgresConnection
    ) async throws -> ProjectionFingerprint? {
        let found = try await connection.query(GenerationRow.fingerprint, GenerationRow.key(of: generation))
        guard found.rowCount == 1, !found.isNull(0, 0) else { return nil }
        return ProjectionFingerprint(try JSONValue(Array(try found.text(0, 0).utf8)))
    }

    private static func sign(
        _ generation: Generation, _ fingerprint: ProjectionFingerprint, on connection: PostgresConnection
    ) async throws {
        var parameters = GenerationRow.key(of: generation)
        parameters.append(String(decoding: fingerprint.json.canonicalBytes(), as: UTF8.self))
        _ = try await connection.query(GenerationRow.sign, parameters)
    }

    /// See ``GenerationStore/index(_:under:)``.
    public func index(_ generation: ProjectionGeneration, under lease: Lease) async throws(StoreError) {
        let shape = TableShape(generation.table)
        try await changing(under: lease) { connection in try await connection.execute(shape.indexing) }
    }

    /// See ``GenerationStore/finish(_:under:)``.
    public func finish(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await changing(under: lease) { connection in
            var parameters = GenerationRow.key(of: generation)
            parameters.append(Generation.State.ready.rawValue)
            _ = try await connection.query(GenerationRow.setState, parameters)
        }
    }

    /// See ``GenerationStore/retire(_:under:)``.
    public func retire(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await changing(under: lease) { connection in
            if generation.state == .building {
                try await Self.endLoading(into: generation, under: lease, on: connection)
            }
            try await Self.retire(generation, on: connection)
        }
    }

    /// See ``GenerationStore/retireExpired(of:under:)``.
    public func retireExpired(of projection: String, under lease: Lease) async throws(StoreError) -> [Generation] {
        try await changing(under: lease) { connection in
            let expired = try GenerationRow.all(
                try await connection.query(GenerationRow.expired, PostgresParameters { $0.append(projection) }))
            for generation in expired { try await Self.retire(generation, on: connection) }
            return expired
        }
    }

    /// The table goes first: whoever writes into it holds the table before its checkpoint, and two who take them in other orders wait for each
    /// other.
    static func retire(_ generation: Generation, on connection: PostgresConnection) async throws {
        try await connection.execute("drop table if exists lockstep_read.\(generation.relation.quotedInSQL)")
        let done = try await connection.query(GenerationRow.retire, GenerationRow.key(of: generation))
        guard done.affectedRows == 1 else { throw GenerationFlaw.wrongState(generation) }
        _ = try await connection.query(GenerationRow.forget, GenerationRow.key(of: generation))
    }

    /// See ``GenerationStore/record(_:of:under:)``.
    public func record(
        _ report: GenerationReport, of generation: Generation, under lease: Lease
    ) async throws(StoreError) {
        try await changing(under: lease) { connection in
            var parameters = GenerationRow.key(of: generation)
            parameters.append(String(decoding: report.text, as: UTF8.self))
            parameters.append(report.digest.hexadecimal)
            _ = try await connection.query(GenerationRow.setReport, parameters)
        }
    }

    /// See ``GenerationStore/report(of:)``.
    public func report(of generation: Generation) async throws(StoreError) -> GenerationReport? {
        try await calling { connection in
            let found = try await connection.query(GenerationRow.report, GenerationRow.key(of: generation))
            guard found.rowCount == 1, !found.isNull(0, 0) else { return nil }
            return GenerationReport(text: Array(try found.text(0, 0).utf8))
        }
    }
}

// MARK: Calls

extension PostgresProjectionStore {
    /// Runs `body` in a transaction that comes to nothing when the lease has another token at its end. It is asked at the end, because the
    /// answer locks the lease's row, and whoever holds the lease has to renew it while `body` works.
    func transaction<R: Sendable>(
        under lease: Lease, _ body: @Sendable (PostgresConnection) async throws -> R
    ) async throws -> R {
        try await pool.withConnection { connection in
            try await connection.transaction { connection in
                let result = try await body(connection)
                try await Self.confirm(lease, on: connection)
                return result
            }
        }
    }

    /// Fails unless the lease has its token still, and keeps it so until the transaction ends.
    private static func confirm(_ lease: Lease, on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            "select lockstep_read.confirm_lease($1, $2)",
            PostgresParameters {
                $0.append(lease.name); $0.append(lease.token)
            })
    }

    private func changing<R: Sendable>(
        under lease: Lease, _ body: @Sendable (PostgresConnection) async throws -> R
    ) async throws(StoreError) -> R {
        do { return try await transaction(under: lease, body) } catch { throw Self.storeError(error) }
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
