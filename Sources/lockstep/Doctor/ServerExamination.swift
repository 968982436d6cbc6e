import EventModel
import EventSourcing
import PostgresDriver

/// Looks at the PostgreSQL server: version, durability, encoding, clock.
struct ServerExamination: Sendable {
    /// Releases that Lockstep is tested with.
    private static let versions = 140_000..<180_000
    /// A difference between two clocks that somebody should know about, in seconds.
    private static let skewWarning = 1.0
    /// A difference that makes times in the log useless, in seconds.
    private static let skewLimit = 60.0

    private static let statement: PostgresStatement = """
        select current_setting('server_version_num')::int, current_setting('server_version'), current_setting('fsync'),
            current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('server_encoding'),
            pg_is_in_recovery(), extract(epoch from clock_timestamp())::double precision
        """

    let time: any Timekeeper

    func run(on connection: PostgresConnection) async throws -> [Finding] {
        let before = time.now()
        let row = try await connection.query(Self.statement)
        let after = time.now()
        return [
            Self.version(Int(try row.int32(0, 0)), try row.text(0, 1)),
            try row.bool(0, 6)
                ? .wrong("role of the server", "it is a standby, which takes no appends", cure: "name the primary")
                : .ok("role of the server", "primary"),
            Self.durability("fsync", try row.text(0, 2)),
            Self.durability("full_page_writes", try row.text(0, 3)),
            Self.commit(try row.text(0, 4)),
            Self.encoding(try row.text(0, 5)),
            Self.clock(server: try row.double(0, 7), between: before, and: after),
        ]
    }

    private static func version(_ number: Int, _ text: String) -> Finding {
        guard number >= versions.lowerBound else {
            return .wrong("version", "PostgreSQL \(text)", cure: "upgrade to PostgreSQL 14 or later")
        }
        guard number < versions.upperBound else {
            return .warning(
                "version", "PostgreSQL \(text), which is newer than what is tested", cure: "use PostgreSQL 14 to 17")
        }
        return .ok("version", "PostgreSQL \(text)")
    }

    private static func durability(_ setting: String, _ value: String) -> Finding {
        guard value != "on" else { return .ok(setting, "on") }
        return .wrong(
            setting, "\(value): a crash of the server loses or destroys acknowledged events",
            cure: "set \(setting) = on and reload")
    }

    private static func commit(_ value: String) -> Finding {
        guard value == "off" || value == "local" else { return .ok("synchronous_commit", value) }
        return .warning(
            "synchronous_commit", "\(value); appends switch it on for themselves, checkpoints and views do not",
            cure: "set synchronous_commit = on for this role and database")
    }

    private static func encoding(_ value: String) -> Finding {
        guard value != "UTF8" else { return .ok("encoding", value) }
        return .wrong("encoding", value, cure: "create the database with ENCODING 'UTF8'")
    }

    static func clock(server: Double, between before: Timestamp, and after: Timestamp) -> Finding {
        let middle = Double(before.microseconds) / 2e6 + Double(after.microseconds) / 2e6
        let skew = server - middle
        guard abs(skew) >= 0.001 else { return .ok("clock", "the server and this machine agree to the millisecond") }
        let text = "the server is \(milliseconds(abs(skew))) \(skew < 0 ? "behind" : "ahead of") this machine"
        if abs(skew) > skewLimit {
            return .wrong("clock", text, cure: "let both machines follow the same time servers")
        }
        if abs(skew) > skewWarning {
            return .warning("clock", text, cure: "let both machines follow the same time servers")
        }
        return .ok("clock", text)
    }

    private static func milliseconds(_ seconds: Double) -> String {
        seconds < 10 ? "\(Int((seconds * 1_000).rounded())) ms" : "\(Int(seconds.rounded())) s"
    }
}
