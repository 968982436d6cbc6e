import EventModel
import FoundationEssentials

/// What follows when a person decides about a field: the decision, and what brings both sides to it.
struct PersonsWord {
    typealias Rejection = ReconciliationDecider.Rejection

    private let look: Examination
    private var ledger: Ledger
    private var withdrawn: [ReconciliationEvent] = []

    init(_ look: Examination, _ ledger: Ledger) {
        var look = look
        look.sides.base = ledger.base
        (self.look, self.ledger) = (look, ledger)
    }

    /// Settles a conflict that waits.
    func settle(
        _ id: UUID, _ choice: ReconciliationDecider.Choice
    ) throws(Rejection) -> [ReconciliationEvent] {
        guard let conflict = ledger.queue.values.first(where: { $0.id == id }) else { throw .unknownConflict(id) }
        let path = conflict.finding.path
        guard let finding = ledger.differences(look).first(where: { $0.path == path }),
            finding.saysTheSame(as: conflict.finding)
        else { throw .movedOn(path) }
        switch choice {
        case .accept: return [accepted(finding, settling: id)]
        case .take(let side): return try decide(finding, finding[side], winner: side, cause: .person(conflict: id))
        case .value(let value): return try decide(finding, value, winner: nil, cause: .person(conflict: id))
        }
    }

    /// The decision against what is so now, with winner and loser exchanged. Whoever has moved on since the decision said something new, which is not
    /// undone by undoing the old. What was only asked for, and nobody has tried, is asked for no more.
    ///
    /// - Parameter apart: whether a side that cannot be told keeps what it says, and the difference is accepted.
    mutating func flip(_ receipt: Receipt, apart: Bool) throws(Rejection) -> [ReconciliationEvent] {
        let path = receipt.finding.path
        guard let loser = receipt.loser else { throw .nothingToFlip(receipt.id) }
        let value = receipt.lost
        guard value != receipt.outcome else { throw .nothingToFlip(receipt.id) }
        guard value?.holdsHidden != true, receipt.outcome?.holdsHidden != true else { throw .unreadable(path) }
        try withdraw(receipt)
        for side in Side.allCases where !isWhereItWas(side, by: receipt) { throw .movedOn(path) }
        return withdrawn
            + (try decide(
                Finding(as: look.sides, at: path), value, winner: loser, cause: .flip(of: receipt.id), apart: apart))
    }

    /// Whether a side says what was decided, or still what it said before.
    private func isWhereItWas(_ side: Side, by receipt: Receipt) -> Bool {
        let said = look.sides.claims(of: side).value(at: receipt.finding.path)
        return said == receipt.outcome || said == receipt.outcome.flatMap(look.sides.words(of: side).word)
            || said == receipt.finding[side]
    }

    /// Takes back what carries a decision out, as long as nobody has tried. Other decisions that it would have carried out as well are taken anew by the
    /// next look.
    private mutating func withdraw(_ receipt: Receipt) throws(Rejection) {
        for pending in ledger.pending where pending.effect.resolutions.contains(receipt.id) {
            guard !pending.isTried else { throw .busy(pending.effect.side) }
            let event = ReconciliationEvent.effectStale(
                EffectStale(
                    effect: pending.effect.id, reason: .movedOn,
                    because: "decision \(receipt.id.uuidString.lowercased()) was taken back before anybody had tried",
                    at: look.at))
            ledger.receive(event)
            withdrawn.append(event)
        }
    }

    /// Somebody's word, and what brings both sides to it.
    private func decide(
        _ finding: Finding, _ value: FieldValue?, winner: Side?, cause: Receipt.Cause, apart: Bool = false
    ) throws(Rejection) -> [ReconciliationEvent] {
        let path = finding.path
        guard value?.holdsHidden != true else { throw .unreadable(path) }
        var (effects, kept): ([Effect], Side?) = ([], nil)
        for side in Side.allCases
        where finding[side] != value && finding[side] != value.flatMap(look.sides.words(of: side).word) {
            guard !ledger.isPending(side) else { throw .busy(side) }
            let steps = steps(for: side, finding, value)
            guard let steps else {
                guard apart, side != winner, kept == nil else { throw .unsettable(path, side) }
                kept = side
                continue
            }
            effects += steps.map { effect($0, of: path) }
        }
        let receipt = Receipt(
            id: look.id("resolution \(path)"), finding: finding, outcome: value, winner: winner, ruling: nil,
            cause: cause, at: look.at, effects: effects.map(\.id))
        var events = overtaken(path, by: cause) + [.resolved(receipt, look.parties)]
        if let kept { events.append(accepted(finding.once(kept.other, says: value), settling: nil)) }
        return events + effects.map { .effectRequested($0, subject: look.parties.subject(of: [(path, winner)])) }
    }

    /// A conflict that waits where a decision is taken back is none any more; the one that a person settles ends with their word.
    private func overtaken(_ path: FieldPath, by cause: Receipt.Cause) -> [ReconciliationEvent] {
        guard case .flip = cause, let conflict = ledger.queue[path] else { return [] }
        return [.conflictLapsed(ConflictLapsed(conflict: conflict.id, field: path.field))]
    }

    /// What brings a side to a value; `nil` where nothing does as it stands.
    private func steps(for side: Side, _ finding: Finding, _ value: FieldValue?) -> [EffectPlanning.Step]? {
        let planning = EffectPlanning(sides: look.sides, circumstances: look.circumstances, names: look.names)
        let order = EffectPlanning.Order(finding: finding, value: value, isPersons: true)
        let outcome = planning.plan([order], for: side)
        return outcome.never.isEmpty && outcome.later.isEmpty ? outcome.steps : nil
    }

    private func effect(_ step: EffectPlanning.Step, of path: FieldPath) -> Effect {
        Effect(
            id: look.id("effect \(step.action.name) \(step.action.side.rawValue) \(path)"), action: step.action,
            fields: [path], resolutions: [look.id("resolution \(path)")], attempt: 1,
            deadline: look.at.advanced(by: look.limits.patience),
            premise: look.circumstances.premise(of: step.action))
    }

    private func accepted(_ finding: Finding, settling conflict: UUID?) -> ReconciliationEvent {
        .divergenceAccepted(
            AcceptedDivergence(
                id: look.id("accepted \(finding.path)"), finding: finding, ruling: nil, conflict: conflict, at: look.at),
            look.parties)
    }
}

extension Finding {
    /// The same difference once a side says something else.
    fileprivate func once(_ side: Side, says value: FieldValue?) -> Finding {
        Finding(
            path: path, kind: kind, side: self.side, base: base, workflow: side == .workflow ? value : workflow,
            journey: side == .journey ? value : journey, workflowOrigin: workflowOrigin, journeyOrigin: journeyOrigin)
    }
}
