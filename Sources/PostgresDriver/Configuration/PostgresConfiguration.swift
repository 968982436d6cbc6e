/// How to reach one database, parsed once from a libpq URL or `key=value` string.
///
/// Everything that libpq understands passes through the string (`sslmode`, `sslrootcert`, several hosts,
/// `target_session_attrs`, …). No description, mirror or error of this type shows a password.
public struct PostgresConfiguration: Sendable {
    /// The name under which the connection appears in `pg_stat_activity`. Default `lockstep`, or what the string says.
    public var applicationName: String?
    /// How long opening a connection may take, for each host of the string. Default ``defaultConnectTimeout``, or what
    /// the string says.
    public var connectTimeout: Duration
    /// How long a statement may run before the server cancels it; nil leaves the server's own setting.
    public var statementTimeout: Duration?
    /// Whether statements are prepared on first use and kept. Set it to false behind a pooler in transaction mode.
    public var preparesStatements: Bool
    /// Run-time parameters, set for the session with `set_config` once it is open. Unlike the `options` of the string
    /// they also work behind a pooler that knows only a few startup parameters.
    public var settings: [(name: String, value: String)]
    /// The prepared statements that a connection keeps; past it the least recently used is closed.
    public var preparedStatementLimit: Int

    /// libpq's keywords with the values of the string.
    private(set) var options: [String: String]

    /// Ten seconds.
    public static let defaultConnectTimeout = Duration.seconds(10)
    /// 256 statements.
    public static let defaultPreparedStatementLimit = 256
    /// Seconds of silence before the kernel probes whether the server is still there.
    public static let keepaliveIdleSeconds = 30
    /// Seconds between two probes.
    public static let keepaliveIntervalSeconds = 10
    /// Unanswered probes after which the connection is lost.
    public static let keepaliveCount = 3
    /// Milliseconds that sent data may stay unacknowledged before the connection is lost.
    public static let tcpUserTimeoutMilliseconds = 30_000

    /// Parses a libpq connection string. Nothing is looked up or opened.
    ///
    /// - Throws: ``PostgresError/Kind/invalidConfiguration``, whose text never quotes the string: a mistyped one may
    ///   show its password anywhere.
    public init(_ connectionString: String) throws(PostgresError) {
        options = try ConnectionString.parse(connectionString)
        applicationName = options["application_name"] ?? "lockstep"
        connectTimeout = Self.defaultConnectTimeout
        statementTimeout = nil
        preparesStatements = true
        settings = []
        preparedStatementLimit = Self.defaultPreparedStatementLimit
        if let text = options["connect_timeout"] {
            guard let seconds = Int(text), seconds > 0 else {
                throw PostgresError(.invalidConfiguration, "connect_timeout is not a positive number of seconds")
            }
            connectTimeout = .seconds(seconds)
        }
    }

    /// The same server and role, another database.
    public func with(database: String) -> PostgresConfiguration {
        var copy = self
        copy.options["dbname"] = database
        return copy
    }

    /// The name of the database, when the string names one.
    public var database: String? { options["dbname"] }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private static let shownOptions = ["host", "hostaddr", "port", "dbname", "user", "sslmode"]

    /// Host, port, database, role and TLS mode; nothing else.
    public var description: String {
        let shown = Self.shownOptions.compactMap { key in options[key].map { "\(key)=\($0)" } }
        return "PostgreSQL(\(shown.joined(separator: " ")))"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror without the options, so that `dump` shows no password either.
    public var customMirror: Mirror {
        Mirror(self, children: ["configuration": description])
    }
}

extension PostgresConfiguration {
    private static let secretOptions = ["password", "sslpassword"]

    /// `text` with every password replaced, for what libpq says about a failed connection.
    func redacting(_ text: String) -> String {
        Self.secretOptions.compactMap { options[$0] }.filter { !$0.isEmpty }
            .reduce(text) { $0.replacing($1, with: "…") }
    }

    /// The keywords for one attempt: the string's, over our defaults, under what must hold for every session.
    func connectOptions(for endpoint: Endpoint) -> [String: String] {
        var all: [String: String] = [
            "keepalives": "1", "keepalives_idle": "\(Self.keepaliveIdleSeconds)",
            "keepalives_interval": "\(Self.keepaliveIntervalSeconds)", "keepalives_count": "\(Self.keepaliveCount)",
            "tcp_user_timeout": "\(Self.tcpUserTimeoutMilliseconds)",
        ]
        all.merge(options) { _, given in given }
        all.merge(endpoint.options) { _, own in own }
        all["client_encoding"] = "UTF8"
        all["application_name"] = applicationName
        return all
    }

    /// What to set once the session is open.
    var sessionSettings: [(name: String, value: String)] {
        guard let statementTimeout else { return settings }
        let milliseconds = max(1, statementTimeout.wholeMilliseconds)
        return [(name: "statement_timeout", value: "\(milliseconds)")] + settings
    }
}

extension Duration {
    /// The duration in milliseconds, rounded down, saturating.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds > 0 ? .max : .min) : product + attoseconds / 1_000_000_000_000_000
    }
}
