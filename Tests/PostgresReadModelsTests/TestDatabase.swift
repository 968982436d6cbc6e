import EventSourcing
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
        for name in [
            "v0001_create_log", "v0002_read_models", "v0003_subject_keys", "v0004_inbound", "v0005_domain_read_models",
            "v0006_inbound_operation", "v0008_sessions_v2", "v0010_parked_keys",
        ] {
            try await execute(try Self.schemaFile("migrations/\(name).sql"))
        }
        try await execute(TallyProjection.createTable)
    }

    /// A file of `Schemas/postgres`.
    static func schemaFile(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Schemas/postgres/\(path)"))
        return String(decoding: data, as: UTF8.self)
    }
}

/// Leases by the functions of the schema.
struct TestLeases: LeaseStore {
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
