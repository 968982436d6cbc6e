/// The five characters with which PostgreSQL names a condition; faults are recognised by it and never by their text.
public struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// Five characters, digits and capital letters.
    public let rawValue: String

    /// Wraps a code as the server sent it; nothing is checked.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The code itself.
    public var description: String { rawValue }

    /// The first two characters: the class of the condition, such as `"08"` for connection exceptions.
    public var conditionClass: String { String(rawValue.prefix(2)) }
}

extension SQLState {
    /// 08006: the connection broke.
    public static let connectionFailure = SQLState(rawValue: "08006")
    /// 0A000: the feature is not supported; also "cached plan must not change result type".
    public static let featureNotSupported = SQLState(rawValue: "0A000")
    /// 22P02: a text could not be read as the wanted type.
    public static let invalidTextRepresentation = SQLState(rawValue: "22P02")
    /// 23502: a column that may not be null.
    public static let notNullViolation = SQLState(rawValue: "23502")
    /// 23503: a foreign key.
    public static let foreignKeyViolation = SQLState(rawValue: "23503")
    /// 23505: a unique key.
    public static let uniqueViolation = SQLState(rawValue: "23505")
    /// 23514: a check constraint.
    public static let checkViolation = SQLState(rawValue: "23514")
    /// 25006: a write in a read-only transaction or on a standby.
    public static let readOnlyTransaction = SQLState(rawValue: "25006")
    /// 25P02: the transaction has failed and only waits for its rollback.
    public static let inFailedTransaction = SQLState(rawValue: "25P02")
    /// 26000: a prepared statement of that name does not exist.
    public static let invalidStatementName = SQLState(rawValue: "26000")
    /// 28P01: the password is wrong.
    public static let invalidPassword = SQLState(rawValue: "28P01")
    /// 3D000: the database does not exist.
    public static let undefinedDatabase = SQLState(rawValue: "3D000")
    /// 40001: a serializable or repeatable-read transaction lost a race; running it again may succeed.
    public static let serializationFailure = SQLState(rawValue: "40001")
    /// 40P01: chosen as the victim of a deadlock.
    public static let deadlockDetected = SQLState(rawValue: "40P01")
    /// 42501: the role may not do that.
    public static let insufficientPrivilege = SQLState(rawValue: "42501")
    /// 42601: syntax error.
    public static let syntaxError = SQLState(rawValue: "42601")
    /// 42703: the column does not exist.
    public static let undefinedColumn = SQLState(rawValue: "42703")
    /// 42P01: the table does not exist.
    public static let undefinedTable = SQLState(rawValue: "42P01")
    /// 42P04: the database exists already.
    public static let duplicateDatabase = SQLState(rawValue: "42P04")
    /// 42P07: the table exists already.
    public static let duplicateTable = SQLState(rawValue: "42P07")
    /// 53100: the disk is full.
    public static let diskFull = SQLState(rawValue: "53100")
    /// 53300: the server has no connection left.
    public static let tooManyConnections = SQLState(rawValue: "53300")
    /// 55P03: `NOWAIT` or `lock_timeout`.
    public static let lockNotAvailable = SQLState(rawValue: "55P03")
    /// 57014: the statement was cancelled by `statement_timeout` or by an administrator. A cancellation asked for by
    /// the calling task arrives as ``PostgresError/Kind/cancelled`` instead.
    public static let queryCanceled = SQLState(rawValue: "57014")
    /// 57P01: an administrator ended the connection, or the server shuts down.
    public static let adminShutdown = SQLState(rawValue: "57P01")
    /// 57P02: another process crashed and all connections were ended.
    public static let crashShutdown = SQLState(rawValue: "57P02")
    /// 57P03: the server is starting up, shutting down or recovering.
    public static let cannotConnectNow = SQLState(rawValue: "57P03")
    /// P0001: `RAISE EXCEPTION` without a code of its own.
    public static let raisedException = SQLState(rawValue: "P0001")
}

extension SQLState {
    /// Whether the same work may succeed when it is tried again, on this or on a new connection.
    public var isRetriable: Bool {
        switch self {
        case .serializationFailure, .deadlockDetected, .lockNotAvailable, .tooManyConnections,
            .adminShutdown, .crashShutdown, .cannotConnectNow:
            true
        default:
            conditionClass == "08"
        }
    }
}
