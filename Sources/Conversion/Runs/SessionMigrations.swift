import FoundationEssentials

/// What a conversion means for live sessions, or for some of them.
public struct SessionMigrations: Equatable, Sendable {
    /// The conversion.
    public let run: UUID
    /// The journey that it made.
    public let journey: String
    /// One for each session.
    public let sessions: [SessionMigration]
    /// Whether no more are to come.
    public let isLast: Bool

    /// Migrations by their parts.
    public init(run: UUID, journey: String, sessions: [SessionMigration], isLast: Bool) {
        self.run = run
        self.journey = journey
        self.sessions = sessions
        self.isLast = isLast
    }

    /// Parts that fit an event each; one empty part when there are none.
    public static func parts(of sessions: [SessionMigration]) -> [[SessionMigration]] {
        var parts: [[SessionMigration]] = [[]]
        var bytes = 0
        for session in sessions {
            let size = session.canonicalValue.compactBytes().count
            let last = parts[parts.count - 1]
            let isFull =
                last.count == ConversionRunLimits.migrationsInPart
                || bytes + size > ConversionRunLimits.migrationPartBytes
            if isFull, !last.isEmpty {
                parts.append([])
                bytes = 0
            }
            parts[parts.count - 1].append(session)
            bytes += size
        }
        return parts
    }
}

/// What the result of a conversion means for live sessions of its journey was worked out.
public struct ConversionPathsMigrated: Equatable, Sendable {
    /// Which of the events of the conversion this is, from 1.
    public let part: Int
    /// The sessions that it tells of.
    public let migrations: SessionMigrations

    /// The event.
    public init(part: Int, _ migrations: SessionMigrations) {
        self.part = part
        self.migrations = migrations
    }
}
