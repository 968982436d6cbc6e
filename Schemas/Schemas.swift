/// The contracts that Lockstep carries with it: SQL, JSON Schemas, demonstration workflows. The files are embedded in the binary, so that
/// a program and its schema cannot be separated.
public enum Schemas {
    /// The forward migrations of the database, in order.
    public static let migrations: [EmbeddedMigration] = [
        EmbeddedMigration(version: 1, name: "create_log", up: PackageResources.v0001_create_log_sql, down: nil),
        EmbeddedMigration(
            version: 2, name: "read_models", up: PackageResources.v0002_read_models_sql,
            down: PackageResources.v0002_read_models_down_sql),
    ]
}

/// One step of the database schema.
public struct EmbeddedMigration: Sendable {
    /// 1, 2, 3 …
    public let version: Int
    /// What it does, in a few words joined by underscores.
    public let name: String
    /// The script that makes the step, as UTF-8.
    public let up: [UInt8]
    /// The script that takes it back, when that loses nothing that matters.
    public let down: [UInt8]?

    /// A migration by its parts.
    public init(version: Int, name: String, up: [UInt8], down: [UInt8]?) {
        self.version = version
        self.name = name
        self.up = up
        self.down = down
    }
}
