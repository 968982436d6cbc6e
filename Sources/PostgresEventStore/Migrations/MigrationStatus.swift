/// Where one migration stands.
public struct MigrationStatus: Sendable, Hashable {
    /// What is known of it.
    public enum State: String, Sendable {
        /// Applied as this program carries it.
        case applied
        /// Not applied yet.
        case pending
        /// Applied from another script than this program carries.
        case altered
        /// Applied by a newer program.
        case unknown
    }

    /// 1, 2, 3 …
    public let version: Int
    /// What it does.
    public let name: String
    /// Whether it can be taken back.
    public let isReversible: Bool
    /// What is known of it.
    public let state: State
}

/// Why migrations stop.
public enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The script that was applied is not the one that this program carries.
    case altered(version: Int, name: String)
    /// The database was migrated by a newer program.
    case databaseIsNewer(found: Int, known: Int)
    /// Taking it back would lose what matters.
    case irreversible(version: Int, name: String)
    /// The script failed; its transaction was rolled back.
    case failed(version: Int, name: String, reason: String)

    /// One sentence and what to do.
    public var description: String {
        switch self {
        case .altered(let version, let name):
            "migration \(version) (\(name)) was applied from another script; use the program that applied it, or restore a backup"
        case .databaseIsNewer(let found, let known):
            "the database has schema version \(found), this program knows \(known); use the newer program"
        case .irreversible(let version, let name):
            "migration \(version) (\(name)) cannot be taken back: it holds the log itself; restore a backup instead"
        case .failed(let version, let name, let reason):
            "migration \(version) (\(name)) failed and was rolled back: \(reason)"
        }
    }
}
