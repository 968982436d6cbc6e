/// One SQL statement with `$1`, `$2`, … for its parameters.
///
/// Keep statements in `static let`s: the hash by which a connection finds the prepared form is computed once, here.
public struct PostgresStatement: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The text.
    public let sql: String
    private let fingerprint: Int

    /// Wraps one statement.
    public init(_ sql: String) {
        self.sql = sql
        fingerprint = sql.hashValue
    }

    /// Wraps one statement.
    public init(stringLiteral sql: String) {
        self.init(sql)
    }

    /// Feeds the precomputed hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(fingerprint)
    }

    /// Whether the texts are equal.
    public static func == (one: PostgresStatement, other: PostgresStatement) -> Bool {
        one.fingerprint == other.fingerprint && one.sql == other.sql
    }
}

extension PostgresStatement {
    /// Whether the statement may commit the transaction that it runs in.
    var mayCommit: Bool {
        ["COMMIT", "END", "PREPARE"].contains(firstWord.uppercased())
    }

    /// What cannot be read counts as a commit, the careful answer.
    private var firstWord: Substring {
        var rest = sql[...]
        while let first = rest.first {
            if first.isWhitespace || first == ";" {
                rest = rest.dropFirst()
            } else if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*") {
                guard let end = rest.firstRange(of: "*/") else { return "COMMIT" }
                rest = rest[end.upperBound...]
            } else {
                break
            }
        }
        let word = rest.prefix { $0.isLetter }
        return word.isEmpty ? "COMMIT" : word
    }
}

/// A statement with its parameters, for a pipeline.
public struct PostgresRequest: Sendable {
    /// What to run.
    public var statement: PostgresStatement
    /// The values for `$1`, `$2`, ….
    public var parameters: PostgresParameters

    /// Pairs a statement with its parameters.
    public init(_ statement: PostgresStatement, _ parameters: PostgresParameters = PostgresParameters()) {
        self.statement = statement
        self.parameters = parameters
    }
}

/// How much a transaction sees of others.
public enum IsolationLevel: String, Sendable {
    /// Each statement sees what was committed before it began.
    case readCommitted = "READ COMMITTED"
    /// The transaction sees what was committed before its first statement.
    case repeatableRead = "REPEATABLE READ"
    /// As if transactions ran one after the other; be ready to run again after 40001.
    case serializable = "SERIALIZABLE"
}
