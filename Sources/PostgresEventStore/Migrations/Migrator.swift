import Crypto
import EventSourcing
import PostgresDriver
import Schemas

/// Brings a database to the schema of this program: forward migrations with checksums, one at a time, each in a transaction, under an
/// advisory lock so that two programs cannot interleave.
public struct Migrator: Sendable {
    /// The schema version that this program works with.
    public static var currentVersion: Int { Schemas.migrations.last?.version ?? 0 }

    /// Any two programs that migrate must use this key.
    private static let lockKey: Int64 = 0x6c6f_636b_7374_6570  // "lockstep"

    private let configuration: PostgresConfiguration
    private let migrations: [EmbeddedMigration]

    /// A migrator of the database that `configuration` names.
    public init(_ configuration: PostgresConfiguration) {
        self.init(configuration, migrations: Schemas.migrations)
    }

    init(_ configuration: PostgresConfiguration, migrations: [EmbeddedMigration]) {
        self.configuration = configuration
        self.migrations = migrations
    }

    /// Where each migration stands.
    public func status() async throws -> [MigrationStatus] {
        try await withConnection { connection in
            let applied = try await Self.applied(on: connection)
            return migrations.map { migration in
                MigrationStatus(
                    version: migration.version, name: migration.name, isReversible: migration.down != nil,
                    state: Self.state(of: migration, applied: applied[migration.version]))
            }
                + applied.values.filter { stored in !migrations.contains { $0.version == stored.version } }
                .sorted { $0.version < $1.version }
                .map { MigrationStatus(version: $0.version, name: $0.name, isReversible: false, state: .unknown) }
        }
    }

    /// Applies everything that is missing.
    ///
    /// - Returns: what was applied now.
    /// - Throws: ``MigrationError`` when a migration that was applied differs from the one this program carries, when the database is
    ///   newer than this program, or when a script fails (then nothing of it is left).
    public func up() async throws -> [MigrationStatus] {
        try await locked { connection in
            let applied = try await Self.applied(on: connection)
            try check(applied)
            var done: [MigrationStatus] = []
            for migration in migrations where applied[migration.version] == nil {
                try await apply(migration, on: connection)
                done.append(
                    MigrationStatus(
                        version: migration.version, name: migration.name, isReversible: migration.down != nil,
                        state: .applied))
            }
            return done
        }
    }

    /// Takes the newest migration back.
    ///
    /// - Throws: ``MigrationError/irreversible(version:name:)`` when that would lose what matters.
    public func down() async throws -> MigrationStatus? {
        try await locked { connection in
            let applied = try await Self.applied(on: connection)
            try check(applied)
            guard let migration = migrations.last(where: { applied[$0.version] != nil }) else { return nil }
            guard let script = migration.down else {
                throw MigrationError.irreversible(version: migration.version, name: migration.name)
            }
            try await run(script, of: migration, on: connection) { connection in
                var parameters = PostgresParameters()
                parameters.append(Int32(migration.version))
                _ = try await connection.query("delete from lockstep.migrations where version = $1", parameters)
            }
            return MigrationStatus(
                version: migration.version, name: migration.name, isReversible: true, state: .pending)
        }
    }

    /// - Throws: ``StoreError/schemaMismatch(found:needed:)`` unless the database has exactly this program's schema.
    static func checkVersion(on connection: PostgresConnection) async throws {
        let rows = try await connection.query("select coalesce(max(version), 0)::bigint from lockstep.migrations")
        let found = Int(try rows.int64(0, 0))
        guard found == currentVersion else { throw StoreError.schemaMismatch(found: found, needed: currentVersion) }
    }
}

// MARK: Steps

extension Migrator {
    private func withConnection<R: Sendable>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        try await PostgresConnection.with(configuration, body)
    }

    /// The lock belongs to the session, so a migrator that dies gives it up with its connection.
    private func locked<R: Sendable>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        try await withConnection { connection in
            var parameters = PostgresParameters()
            parameters.append(Self.lockKey)
            _ = try await connection.query("select pg_advisory_lock($1)", parameters)
            try await connection.execute(
                """
                create schema if not exists lockstep;
                create table if not exists lockstep.migrations (
                    version int primary key, name text not null, checksum bytea not null,
                    applied_at timestamptz not null default clock_timestamp())
                """)
            return try await body(connection)
        }
    }

    private func apply(_ migration: EmbeddedMigration, on connection: PostgresConnection) async throws {
        try await run(migration.up, of: migration, on: connection) { connection in
            var parameters = PostgresParameters()
            parameters.append(Int32(migration.version))
            parameters.append(migration.name)
            parameters.append(Self.checksum(migration))
            _ = try await connection.query(
                "insert into lockstep.migrations (version, name, checksum) values ($1, $2, $3)", parameters)
        }
    }

    private func run(
        _ script: [UInt8], of migration: EmbeddedMigration, on connection: PostgresConnection,
        _ record: @escaping @Sendable (PostgresConnection) async throws -> Void
    ) async throws {
        do {
            // Whoever waits for it cannot begin without it: on a busy machine it is given time between two statements.
            try await connection.transaction(silence: .seconds(120)) { connection in
                try await connection.execute(String(decoding: script, as: UTF8.self))
                try await record(connection)
            }
        } catch let error as PostgresError {
            throw MigrationError.failed(version: migration.version, name: migration.name, reason: error.description)
        }
    }

    private func check(_ applied: [Int: Applied]) throws(MigrationError) {
        for migration in migrations {
            guard let stored = applied[migration.version] else { continue }
            guard stored.checksum == Self.checksum(migration) else {
                throw .altered(version: migration.version, name: migration.name)
            }
        }
        if let newest = applied.keys.max(), newest > migrations.last?.version ?? 0 {
            throw .databaseIsNewer(found: newest, known: migrations.last?.version ?? 0)
        }
    }

    private struct Applied: Sendable {
        let version: Int
        let name: String
        let checksum: [UInt8]
    }

    private static func applied(on connection: PostgresConnection) async throws -> [Int: Applied] {
        let exists = try await connection.query("select to_regclass('lockstep.migrations') is not null")
        guard try exists.bool(0, 0) else { return [:] }
        let rows = try await connection.query("select version, name, checksum from lockstep.migrations")
        var applied: [Int: Applied] = [:]
        for row in 0..<rows.rowCount {
            let version = Int(try rows.int32(row, 0))
            applied[version] = Applied(
                version: version, name: try rows.text(row, 1), checksum: try rows.bytes(row, 2))
        }
        return applied
    }

    private static func state(of migration: EmbeddedMigration, applied: Applied?) -> MigrationStatus.State {
        guard let applied else { return .pending }
        return applied.checksum == checksum(migration) ? .applied : .altered
    }

    private static func checksum(_ migration: EmbeddedMigration) -> [UInt8] { Array(SHA256.hash(data: migration.up)) }
}
