import EventModel
import EventSourcing
import Ingest
import Logging
import ParlantConnector
import PostgresEventStore
import ServiceLifecycle

/// Follows the conversations of a Parlant server into the log, over connections of its own.
struct ParlantFollowing: Service {
    let log: SealedLog
    let store: PostgresEventStore
    let parlant: ParlantServerSettings
    let serve: ServeSettings
    let logger: Logger

    func run() async throws {
        try await parlant.connected(ParlantServerSettings.patience) { connector in
            try await ConversationFollower(
                of: ParlantConversations(connector), name: parlant.name,
                for: InboundDesk(into: log, remembering: store), ledger: store, leases: store, holder: serve.holder,
                limits: parlant.limits, timing: serve.leaseTiming, logger: logger
            ).run()
        }
    }
}
