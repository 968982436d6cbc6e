import EventSourcing
import Ingest
import ParlantConnector
import PostgresDriver
import PostgresEventStore

/// A Parlant server as it is found, beside what the log knows of it. Judged from outside: nobody who follows is asked.
struct ParlantStanding: Sendable {
    let module: ParlantModule
    /// Versions of the journeys there.
    let journeys: [String: JourneyVersion]
    /// How far its conversations have been taken in; `nil` when the log cannot be asked.
    let conversations: FollowingProgress?
    /// Who follows them.
    let leader: String?

    private static let leaderStatement: PostgresStatement =
        "select holder from lockstep.leases where name = $1 and expires_at > clock_timestamp()"

    static func read(_ settings: ParlantServerSettings, _ database: DatabaseSettings?) async throws -> ParlantStanding {
        let (module, journeys, survey) = try await settings.connected { connector in
            let module = try await connector.module()
            guard module.version >= ParlantModule.leastVersion else {
                return (module, [String: JourneyVersion](), ConversationSurvey?.none)
            }
            return (module, try await connector.versions(), try await connector.survey())
        }
        guard let database, let survey else {
            return ParlantStanding(module: module, journeys: journeys, conversations: nil, leader: nil)
        }
        let progress = try await OpenLog.forReading(database) { store in
            FollowingProgress(survey, try await store.bookmarks(ofServer: settings.name))
        }
        return ParlantStanding(
            module: module, journeys: journeys, conversations: progress,
            leader: try await leader(of: settings.name, database))
    }

    private static func leader(of server: String, _ database: DatabaseSettings) async throws -> String? {
        try await OpenLog.connection(database) { connection in
            var parameters = PostgresParameters()
            parameters.append(FollowingProgress.leaseName(of: server))
            let rows = try await connection.query(leaderStatement, parameters)
            return rows.rowCount == 0 ? nil : try rows.text(0, 0)
        }
    }
}
