import EventModel

extension SessionState {
    /// Whether a fact says anything that is not known here.
    func isNews(_ fact: SessionFact) -> Bool {
        switch fact {
        case .described(let new):
            description.map { $0.observedAt <= new.observedAt && !$0.agrees(with: new) } ?? true
        case .bound(let binding): !bindings.contains { $0.execution == binding.execution }
        case .reported(let event): journal.entries[ElementID(event.envelope.id)] == nil
        case .amended(let amendment): !journal.hasSeen(amendment.metadata, of: ElementID(amendment.event))
        case .pathsReported(let report): paths.observedAt.map { $0 < report.observedAt } ?? true
        case .renumbered(let numbering): numberings[ElementID(numbering.journey)]?.contains(numbering) != true
        case .turnCompleted(let turn): turns[ElementID(turn.turn)] != TurnOutcome.completed(turn).correcting(nil)
        case .turnFailed(let turn): turns[ElementID(turn.turn)] != TurnOutcome.failed(turn).correcting(nil)
        case .turnCancelled(let turn): turns[ElementID(turn.turn)] != TurnOutcome.cancelled(turn).correcting(nil)
        case .stateEntered(let move): positions[ElementID(move.journey)] != move.state
        case .stateLeft(let move): positions[ElementID(move.journey)] == move.state
        case .rewound(let rewind):
            !journal.deleted.contains(rewind.from..<max(rewind.from, rewind.before))
                || rewind.turns.contains { turns[ElementID($0)] != nil }
        case .modeChanged(let change): mode != change.mode && (modeAt.map { $0 <= change.at } ?? true)
        case .closed: closing == nil
        }
    }
}
