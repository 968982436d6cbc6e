import EventModel
import EventSourcing

/// Tries refused messages again: whatever refused them may have been mended since. Trying twice does nothing twice, because a message that was
/// taken in is recognised; one that was accepted is not tried again.
public struct RejectionRetry<Ledger: InboundLedger, Rejections: RejectionLedger>: Sendable {
    /// What became of a message.
    public enum Outcome: Sendable, Hashable {
        /// It was accepted now, and became so many events.
        case accepted(events: Int64)
        /// It is still refused.
        case refused(InboundRejection)
        /// It had been accepted before.
        case acceptedBefore
        /// The key of its workspace was destroyed, and its content with it.
        case destroyed
    }

    private let desks: InboundDesks<Ledger>
    private let workspaces: InboundWorkspaces
    private let ledger: Ledger
    private let rejections: Rejections
    private let sealing: RejectionSealing
    private let time: any Timekeeper

    /// A retry at the desks of all tenants.
    public init(
        at desks: InboundDesks<Ledger>, for workspaces: InboundWorkspaces = .any, remembering ledger: Ledger,
        of rejections: Rejections, sealing: RejectionSealing, time: any Timekeeper = SystemTimekeeper()
    ) {
        self.desks = desks
        self.workspaces = workspaces
        self.ledger = ledger
        self.rejections = rejections
        self.sealing = sealing
        self.time = time
    }

    /// Tries a message again, and records what became of it.
    public func callAsFunction(_ kept: KeptRejection) async throws(StoreError) -> Outcome {
        guard kept.acceptedAt == nil else { return .acceptedBefore }
        guard case .record(let record) = try await sealing.open(kept.message) else { return .destroyed }
        let message = InboundMessage(record, at: kept.message.place, receivedAt: time.now())
        let verdict = try await settle(message)
        let outcome: Outcome
        let attempt: RejectionAttempt
        if let rejection = verdict.rejection {
            (outcome, attempt) = (.refused(rejection), .refused(rejection))
        } else {
            (outcome, attempt) = (.accepted(events: Int64(verdict.events)), .accepted(events: Int64(verdict.events)))
        }
        let isRecorded = try await rejections.record(attempt, of: kept.message.id)
        return isRecorded ? outcome : .acceptedBefore
    }

    /// What the consumer would have done. The name is remembered before the acceptance is recorded: after a death between, it is known.
    private func settle(_ message: InboundMessage) async throws(StoreError) -> InboundVerdict {
        do throws(InboundRejection) {
            if let refusal = message.refusal { throw refusal }
            try workspaces.admit(message.workspace)
        } catch {
            return InboundVerdict(.rejected(error), kind: nil, events: 0)
        }
        let desk = desks.desk(of: message.workspace)
        try await desk.prepare()
        let settlement = try await desk.settle(desk.read([message]))
        try await ledger.remember(settlement.entries, in: message.workspace)
        guard let verdict = settlement.verdicts.first else {
            throw .failed(reason: "a message was settled without a verdict")
        }
        return verdict
    }
}
