import EventModel
import EventSourcing
import Logging

/// What a consumer works with.
struct InboundPorts<Topic: InboundTopic, Ledger: InboundLedger & InboundCheckpoints>: Sendable {
    let topic: Topic
    let desks: InboundDesks<Ledger>
    let workspaces: InboundWorkspaces
    let ledger: Ledger
    let sealing: RejectionSealing
    let backoff: Backoff
    let time: any Timekeeper
    let random: any RandomSource
    let logger: Logger
    let tally = InboundTally()
}
