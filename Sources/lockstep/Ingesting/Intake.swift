import EventModel
import EventSourcing
import Ingest
import PostgresEventStore

/// Where messages of a log are taken in, for every tenant, and how what is refused is sealed.
struct Intake: Sendable {
    let desks: InboundDesks<PostgresEventStore>
    let sealing: RejectionSealing
    let snapshots: Snapshots?

    init(into store: PostgresEventStore, _ settings: SealingSettings) throws(Failure) {
        let log = try SealedLog(store, settings)
        desks = InboundDesks { InboundDesk(into: log, workspace: $0, remembering: store) }
        sealing = RejectionSealing(log)
        snapshots = log.snapshots
    }
}
