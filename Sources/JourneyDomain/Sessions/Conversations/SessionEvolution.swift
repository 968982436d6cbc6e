import EventModel

extension SessionState {
    /// Takes one more fact up, in place. A fact that says nothing new changes nothing.
    public mutating func apply(_ fact: SessionFact) {
        switch fact {
        case .described(let description): take(description)
        case .bound(let binding):
            if !bindings.contains(where: { $0.execution == binding.execution }) { bindings.append(binding) }
        case .reported(let event): take(event)
        case .amended(let amendment): journal.attach(amendment.metadata, to: ElementID(amendment.event))
        case .pathsReported(let report): paths.apply(report)
        case .renumbered(let numbering): take(numbering)
        case .turnCompleted(let turn): settle(turn.turn, .completed(turn))
        case .turnFailed(let turn): settle(turn.turn, .failed(turn))
        case .turnCancelled(let turn): settle(turn.turn, .cancelled(turn))
        case .stateEntered(let move): positions[ElementID(move.journey)] = move.state
        case .stateLeft(let move):
            if positions[ElementID(move.journey)] == move.state { positions[ElementID(move.journey)] = nil }
        case .rewound(let rewind): take(rewind)
        case .modeChanged(let change): take(change.mode, at: change.at)
        case .closed(let closing): self.closing = self.closing ?? closing
        }
    }

    private mutating func take(_ description: SessionDescription) {
        if let mode = description.mode { take(mode, at: description.observedAt) }
        if let known = self.description, known.observedAt > description.observedAt { return }
        self.description = description
    }

    private mutating func take(_ mode: SessionMode, at moment: Timestamp) {
        if let modeAt, modeAt > moment { return }
        self.mode = mode
        modeAt = moment
    }

    private mutating func take(_ event: ReportedEvent) {
        journal.insert(event)
        guard let trace = event.envelope.trace.map({ ElementID($0) }) else { return }
        if turns[trace] == nil, hasEmptyEnd(trace) { undecided.insert(trace) }
    }

    private func hasEmptyEnd(_ trace: ElementID) -> Bool {
        journal.events(of: trace).contains { entry in
            guard case .end(let matches) = entry.role else { return false }
            return matches.isEmpty
        }
    }

    private mutating func take(_ numbering: JourneyNumbering) {
        var known = numberings[ElementID(numbering.journey)] ?? []
        guard !known.contains(numbering) else { return }
        let place = known.firstIndex { $0.since > numbering.since } ?? known.endIndex
        known.insert(numbering, at: place)
        numberings[ElementID(numbering.journey)] = known
    }

    private mutating func settle(_ turn: String, _ outcome: TurnOutcome) {
        turns[ElementID(turn)] = outcome.correcting(nil)
        undecided.remove(ElementID(turn))
    }

    /// Forgets the turns that the deletion names, and all whose end does not stand any more.
    private mutating func take(_ rewind: SessionRewind) {
        journal.delete(rewind)
        let named = Set(rewind.turns.map { ElementID($0) })
        let gone = turns.filter { named.contains($0.key) || isDeleted($0.value) }
        for trace in gone.keys {
            turns[trace] = nil
            if hasEmptyEnd(trace) { undecided.insert(trace) }
        }
    }

    /// Whether the event that ended a turn was reported here and is deleted. In the stream of an execution the events that end turns are not
    /// reported; there a rewind names the turns, or their ends lie in it.
    private func isDeleted(_ outcome: TurnOutcome) -> Bool {
        guard journal.entries[outcome.event] != nil else { return journal.deleted.contains(outcome.offset) }
        return !journal.stands(outcome.event)
    }
}

extension TurnOutcome {
    /// The offset of the event that ended the turn.
    public var offset: Int {
        switch self {
        case .completed(let turn): turn.offset
        case .failed(let turn): turn.offset
        case .cancelled(let turn): turn.offset
        }
    }
}
