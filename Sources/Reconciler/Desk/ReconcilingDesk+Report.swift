import EventModel
import EventSourcing
import Reconciliation

extension ReconcilingDesk {
    /// What a look has come to.
    public struct Report: Sendable {
        /// The execution.
        public let key: ExecutionKey
        /// What was found and held: when an execution was examined, before that was recorded; after a person's word, with it.
        public let examined: Examined
        /// What was recorded; of a preview, what would be.
        public let events: [ReconciliationEvent]
        /// What is known afterwards.
        public let ledger: Ledger
        /// What the two sides say, and behind the events what both agreed on last.
        public let sides: Comparison.Sides
        /// What is wrong beside single fields.
        public let structure: [StructuralFinding]
        /// The workflow that the execution runs, if anybody has said.
        public let workflow: String?
        /// The session that talks for it, if one does.
        public let session: String?
        /// Where the events are; `nil` when nothing was to be recorded.
        public let positions: ClosedRange<GlobalPosition>?
        /// What is to be remembered of the look: with it nobody has to look again until something happens.
        public let note: ComparisonNote
        /// Whether another look would record nothing more, as long as nothing happens and no appointment is due.
        var isSettled = true
    }
}

extension ReconcilingDesk.Report {
    /// What a look at these streams has come to.
    ///
    /// - Parameters:
    ///   - ledger: what is known behind the events.
    ///   - positions: where the events are; `nil` where none were recorded.
    ///   - policy: the digest of the policy that was applied.
    init(
        _ key: ExecutionKey, _ readings: Readings, _ look: Examination, _ examined: Examined,
        events: [ReconciliationEvent], behind ledger: Ledger, at positions: ClosedRange<GlobalPosition>?,
        policy: ContentDigest
    ) {
        var sides = look.sides
        sides.base = ledger.base
        self.init(
            key: key, examined: examined, events: events, ledger: ledger, sides: sides,
            structure: Structure.findings(
                workflow: readings.workflow, journey: readings.journey, names: look.names),
            workflow: readings.workflow.workflow?.text, session: readings.journey.session, positions: positions,
            note: ComparisonNote(
                key, workflow: readings.workflow.workflow?.text,
                ends: readings.ends.recording(events.count, at: positions), policy: policy,
                counts: ComparisonNote.Counts(
                    differing: examined.apart.count, notYet: examined.differences.count - examined.apart.count,
                    queued: ledger.queue.count, pending: ledger.pending.count),
                movement: readings.movement(behind: ledger), lookedAt: look.at))
    }
}

extension ComparisonNote.Ends {
    /// With what was recorded behind the end of the ledger.
    fileprivate func recording(_ events: Int, at positions: ClosedRange<GlobalPosition>?) -> ComparisonNote.Ends {
        guard let positions, events > 0 else { return self }
        var ends = self
        ends.ledger = StreamEnd(
            version: StreamVersion((ledger?.version.rawValue ?? 0) + Int64(events)), position: positions.upperBound)
        return ends
    }
}
