import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import PostgresDriver
import PostgresReadModels
import ReadModels
import Testing

/// A database of its own on the server that `LOCKSTEP_DATABASE_URL` names, migrated, dropped afterwards.
struct TestDatabase: Sendable {
    let pool: PostgresPool
    let configuration: PostgresConfiguration

    /// Tests that need PostgreSQL are skipped without the variable.
    static var url: String? { ProcessInfo.processInfo.environment["LOCKSTEP_DATABASE_URL"] }

    static func with<R: Sendable>(_ body: (TestDatabase) async throws -> R) async throws -> R {
        let server = try PostgresConfiguration(try #require(url))
        let name = "read_models_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await administer(server, "create database \(name)")
        let configuration = server.with(database: name)
        let pool = PostgresPool(configuration: configuration, limits: PoolLimits(waitLimit: .seconds(60)))
        let database = TestDatabase(pool: pool, configuration: configuration)
        let outcome: Result<R, any Error>
        do {
            try await database.migrate()
            outcome = .success(try await body(database))
        } catch {
            outcome = .failure(error)
        }
        await database.pool.shutdown()
        try await administer(server, "drop database \(name) with (force)")
        return try outcome.get()
    }

    private static func administer(_ server: PostgresConfiguration, _ sql: String) async throws {
        try await PostgresConnection.with(server) { try await $0.execute(sql) }
    }

    func execute(_ script: String) async throws {
        try await pool.withConnection { connection in try await connection.execute(script) }
    }

    func query(_ sql: String) async throws -> PostgresResult {
        try await pool.withConnection { connection in try await connection.query(PostgresStatement(sql)) }
    }

    private func migrate() async throws {
        try await execute("create schema lockstep")
        for name in try Self.migrations() { try await execute(try Self.schemaFile("migrations/\(name).sql")) }
        try await execute(TallyProjection.createTable)
    }

    /// The forward migrations, in order.
    static func migrations() throws -> [String] {
        let folder = ProjectFiles.path("Schemas/postgres/migrations")
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { $0.hasSuffix(".sql") && !$0.hasSuffix("_down.sql") }.map { String($0.dropLast(4)) }
    }

    /// A file of `Schemas/postgres`.
    static func schemaFile(_ path: String) throws -> String {
        String(decoding: try ProjectFiles.bytes(ProjectFiles.path("Schemas/postgres/" + path)), as: UTF8.self)
    }
}

/// Leases by the functions of the schema.
struct TestLeases: LeaseStore, LeaseSharing {
    let database: TestDatabase

    func acquire(_ name: String, holder: String, for duration: Duration) async throws(StoreError) -> LeaseAnswer {
        var parameters = PostgresParameters()
        parameters.append(name)
        parameters.append(holder)
        parameters.append(duration.components.seconds * 1_000_000)
        let row = try await run("select granted, holder, token from lockstep.acquire_lease($1, $2, $3)", parameters)
        do {
            guard try row.bool(0, 0) else { return .held(by: try row.text(0, 1), remaining: .zero) }
            return .granted(Lease(name: name, holder: holder, token: try row.int64(0, 2)))
        } catch {
            throw .failed(reason: "\(error)")
        }
    }

    func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        var parameters = PostgresParameters()
        parameters.append(lease.name)
        parameters.append(lease.token)
        return try await run(
            "update lockstep.leases set expires_at = clock_timestamp() + interval '10 s' where name = $1 and token = $2",
            parameters
        ).affectedRows == 1
    }

    func release(_ lease: Lease) async throws(StoreError) {
        var parameters = PostgresParameters()
        parameters.append(lease.name)
        parameters.append(lease.token)
        _ = try await run(
            "update lockstep.leases set expires_at = '-infinity' where name = $1 and token = $2", parameters)
    }

    func takePart(
        in share: ShareName, as holder: String, parts: [Int32], holding held: [Int32: Lease], for duration: Duration
    ) async throws(StoreError) -> ShareSurvey {
        var (numbers, tokens) = (PostgresArray(elementType: .int4), PostgresArray(elementType: .int8))
        for part in parts {
            numbers.append(int32: part)
            if let lease = held[part] { tokens.append(int64: lease.token) } else { tokens.appendNull() }
        }
        var parameters = PostgresParameters()
        parameters.append(share.text)
        parameters.append(holder)
        parameters.append(duration.components.seconds * 1_000_000)
        parameters.append(numbers)
        parameters.append(tokens)
        let rows = try await run(
            "select holder, partition, token from lockstep.share_inbound($1, $2, $3, $4, $5)", parameters)
        var survey = ShareSurvey(members: [], leases: [:])
        do {
            for row in 0..<rows.rowCount {
                let holder = try rows.text(row, 0)
                guard !rows.isNull(row, 1) else {
                    survey.members.insert(holder)
                    continue
                }
                let part = try rows.int32(row, 1)
                survey.leases[part] = Lease(
                    name: share.lease(of: part), holder: holder, token: try rows.int64(row, 2))
            }
        } catch {
            throw .failed(reason: "\(error)")
        }
        return survey
    }

    func leave(_ share: ShareName, as holder: String) async throws(StoreError) {
        var parameters = PostgresParameters()
        parameters.append(share.text)
        parameters.append(holder)
        _ = try await run("delete from lockstep.inbound_members where share = $1 and holder = $2", parameters)
    }

    private func run(_ sql: String, _ parameters: PostgresParameters) async throws(StoreError) -> PostgresResult {
        do {
            return try await database.pool.withConnection { connection in
                try await connection.query(PostgresStatement(sql), parameters)
            }
        } catch {
            throw Task.isCancelled ? .cancelled : .unavailable(reason: "\(error)")
        }
    }
}
