import PostgresDriver

/// Nothing can be taken out of a log, so the demonstration stays away from one that is in use.
enum UsedLog {
    /// A log with more events than this is no demonstration.
    private static let examined = 10_000

    private static let exists: PostgresStatement = "select to_regclass('lockstep.events') is not null"
    private static let holdsOthers = PostgresStatement(
        """
        select exists (select from lockstep.events e where e.position > \(examined))
            or exists (
                select from lockstep.events e join lockstep.kinds k on k.id = e.kind
                where e.position <= \(examined) and e.actor is distinct from '\(DemoImports.actor)' and k.category <> 'log')
        """)

    /// - Throws: ``Failure`` with status 1 when the log holds events of others.
    static func refuse(_ settings: DatabaseSettings) async throws {
        let isUsed = try await OpenLog.connection(settings) { connection in
            guard try await connection.query(exists).bool(0, 0) else { return false }
            return try await connection.query(holdsOthers).bool(0, 0)
        }
        guard isUsed else { return }
        throw Failure(
            .no,
            "the log in \(try settings.postgres()) holds events that are not the demonstration's, and what is appended stays for ever",
            hint: "name an empty database, or say --into-used-log")
    }
}
