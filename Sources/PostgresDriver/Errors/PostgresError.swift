/// Everything that can go wrong between this process and PostgreSQL.
///
/// ``description`` may go to a log: it never holds parameters, row data or passwords. ``debugDescription`` adds what
/// the server said in full, which can quote rows.
public struct PostgresError: Error, Sendable {
    /// What happened, for a program to act on.
    public enum Kind: Hashable, Sendable {
        /// The connection string or a setting cannot be used. Nothing was tried.
        case invalidConfiguration
        /// No connection could be opened.
        case connectionFailed
        /// The connection is gone and the statement certainly took no effect.
        case connectionLost
        /// The connection is gone while a commit was under way: it may have happened or not. A statement that only
        /// reads may simply be run again (see ``PostgresError/isConnectionGone``).
        case unknownOutcome
        /// The server refused the statement; it took no effect.
        case server(SQLState)
        /// The calling task was cancelled; the statement took no effect.
        case cancelled
        /// No connection became free in time.
        case poolExhausted(waited: Duration, limit: Duration)
        /// A column does not hold the type that was asked for.
        case unexpectedType
        /// A column is NULL where a value was asked for.
        case unexpectedNull
        /// A named limit was passed.
        case limitExceeded(value: Int, limit: Int)
        /// The connection or pool was closed by its owner.
        case closed
        /// A call that does not fit the state of the connection: a nested transaction, a statement during a COPY, …
        case invalidUse
        /// `COMMIT` was answered by a rollback, because a statement of the transaction had failed.
        case transactionRolledBack
        /// An earlier statement of the same pipeline failed, so this one was not run.
        case pipelineAborted
    }

    // One reference, so that throwing an error costs no more than returning a pointer.
    private let storage: Storage

    private final class Storage: Sendable {
        let kind: Kind
        let message: String
        let report: ServerReport?

        init(kind: Kind, message: String, report: ServerReport?) {
            self.kind = kind
            self.message = message
            self.report = report
        }
    }

    init(_ kind: Kind, _ message: String, report: ServerReport? = nil) {
        storage = Storage(kind: kind, message: message, report: report)
    }

    /// What happened.
    public var kind: Kind { storage.kind }
    /// The server's primary message, or the driver's own sentence. The server's can quote a value: see ``description``.
    public var message: String { storage.message }
    /// The server's code, also where the kind is about the connection.
    public var sqlState: SQLState? { storage.report?.sqlState }
    /// `ERROR`, `FATAL` or `PANIC`, never translated.
    public var severity: String? { storage.report?.severity }
    /// The server's detail; it can quote rows.
    public var detail: String? { storage.report?.detail }
    /// The server's hint.
    public var hint: String? { storage.report?.hint }
    /// Where in functions the error arose; it can quote statements.
    public var context: String? { storage.report?.context }
    /// The table concerned.
    public var table: String? { storage.report?.table }
    /// The column concerned.
    public var column: String? { storage.report?.column }
    /// The constraint that was violated.
    public var constraint: String? { storage.report?.constraint }
}

extension PostgresError {
    /// Whether the same work may succeed when tried again. Never true for ``Kind/unknownOutcome``: the work may have
    /// been done already.
    public var isRetriable: Bool {
        switch kind {
        case .connectionLost, .poolExhausted: true
        case .connectionFailed: sqlState?.isRetriable ?? true
        case .server(let state): state.isRetriable
        case .invalidConfiguration, .unknownOutcome, .cancelled, .unexpectedType, .unexpectedNull, .limitExceeded,
            .closed, .invalidUse, .transactionRolledBack, .pipelineAborted:
            false
        }
    }

    /// Whether there was no connection or it is gone: work that changes nothing may be run again on a new one.
    public var isConnectionGone: Bool {
        switch kind {
        case .connectionFailed, .connectionLost, .unknownOutcome: true
        default: false
        }
    }

    func with(kind: Kind) -> PostgresError {
        PostgresError(kind, message, report: storage.report)
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One line, safe to log. Messages of class 22 are left out because they quote the offending value.
    public var description: String {
        var text = "\(kind.title)"
        if let sqlState, !kind.carries(sqlState) { text += " (\(sqlState))" }
        if sqlState?.conditionClass != "22" { text += ": \(message)" }
        let place = [("table", table), ("column", column), ("constraint", constraint)].compactMap { label, name in
            name.map { "\(label) \($0)" }
        }
        return place.isEmpty ? text : text + " [" + place.joined(separator: ", ") + "]"
    }

    /// Everything the server said; it can quote rows and statements.
    public var debugDescription: String {
        var lines = ["PostgresError \(kind.title): \(message)"]
        for (label, value) in [("severity", severity), ("detail", detail), ("hint", hint), ("context", context)] {
            if let value { lines.append("\(label): \(value)") }
        }
        for (label, value) in [("table", table), ("column", column), ("constraint", constraint)] {
            if let value { lines.append("\(label): \(value)") }
        }
        return lines.joined(separator: "\n")
    }
}

extension PostgresError.Kind {
    fileprivate var title: String {
        switch self {
        case .invalidConfiguration: "invalid configuration"
        case .connectionFailed: "connection failed"
        case .connectionLost: "connection lost"
        case .unknownOutcome: "outcome unknown"
        case .server(let state): "server error \(state)"
        case .cancelled: "cancelled"
        case .poolExhausted(let waited, let limit): "no connection free after \(waited) (limit \(limit))"
        case .unexpectedType: "unexpected type"
        case .unexpectedNull: "unexpected null"
        case .limitExceeded(let value, let limit): "limit exceeded (\(value) > \(limit))"
        case .closed: "closed"
        case .invalidUse: "invalid use"
        case .transactionRolledBack: "transaction rolled back"
        case .pipelineAborted: "pipeline aborted"
        }
    }

    fileprivate func carries(_ state: SQLState) -> Bool {
        if case .server(let own) = self { own == state } else { false }
    }
}
