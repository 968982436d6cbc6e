import EventModel
import EventSourcing
import FoundationEssentials
import Reconciliation

/// One step of what has led to the present.
struct Explanation: Sendable {
    let entry: RecordedReconciliation
    let sentence: String
    let fields: [FieldPath]

    /// What is on record, in order; of one field, also what became of the effects that were to settle it.
    static func steps(_ history: [RecordedReconciliation], about path: FieldPath?) -> [Explanation] {
        var effects: [UUID: [FieldPath]] = [:]
        return history.compactMap { entry in
            if case .effectRequested(let effect, _) = entry.event { effects[effect.id] = effect.fields }
            let (sentence, named) = told(entry.event)
            let fields = entry.event.effect.flatMap { effects[$0] } ?? named
            guard isMeant(entry.event, fields, path) else { return nil }
            return Explanation(entry: entry, sentence: sentence, fields: fields)
        }
    }

    private static func isMeant(_ event: ReconciliationEvent, _ fields: [FieldPath], _ path: FieldPath?) -> Bool {
        guard let path else { return true }
        if case .ownershipTaken(let taken) = event { return taken.pattern.matches(path) }
        return fields.contains { $0.field == path.field }
    }

    private static func told(_ event: ReconciliationEvent) -> (String, [FieldPath]) {
        switch event {
        case .agreed(let agreed):
            (
                "both sides agreed on \(agreed.fields.map { "\($0.path)" }.joined(separator: ", "))",
                agreed.fields.map(\.path)
            )
        case .resolved(let receipt, _): (receipt.sentence, [receipt.finding.path])
        case .conflictQueued(let conflict, _): ("handed to a person: \(conflict.sentence)", [conflict.finding.path])
        case .conflictLapsed(let lapsed): ("the conflict about \(lapsed.field) is none any more", [lapsed.field])
        case .divergenceAccepted(let accepted, _): ("accepted as it is: \(accepted.finding)", [accepted.finding.path])
        case .effectRequested(let effect, _):
            (
                "the \(effect.side.rawValue) was to \(effect.action.sentence) (effect \(effect.id.text), try \(effect.attempt))",
                effect.fields
            )
        case .effectSent(let sent): ("effect \(sent.effect.text) was about to be carried out", [])
        case .effectUnknown(let unknown):
            ("nobody knew whether effect \(unknown.effect.text) was carried out: \(unknown.because)", [])
        case .effectConfirmed(let confirmed):
            ("effect \(confirmed.effect.text) was carried out, by its \(confirmed.witness.rawValue)", [])
        case .effectStale(let stale): ("effect \(stale.effect.text) came to nothing: \(stale.because)", [])
        case .ownershipTaken(let taken):
            (
                "\(taken.owner.map { "the \($0.rawValue) has taken over" } ?? "nobody in particular owns") \(taken.pattern)\(taken.because.map { ": \($0)" } ?? "")",
                []
            )
        case .wentStale(let stale):
            (
                "nothing had been recorded on either side since \(stale.since), for \(Counted.of(stale.patience, "second")) or longer: stale, and left alone until one of them moves",
                []
            )
        }
    }

    func line() {
        Answers.object { answer in
            answer.member("position", entry.position.rawValue)
            answer.member("at", "\(entry.at)")
            answer.member("type", entry.event.type.rawValue)
            answer.member("actor", entry.actor)
            answer.member("fields", fields.map { "\($0)" })
            answer.member("message", sentence)
            if case .resolved(let receipt, _) = entry.event {
                answer.key("decision")
                answer.object { receipt.write(to: &$0) }
            }
        }
    }

    func show() {
        let style = Style.output
        StandardOutput.shared.write("\(style.faint("\(entry.position)  \(entry.at)"))  \(Table.printable(sentence))")
    }
}

extension Receipt {
    /// The decision, what it was made of, and by which rule, without data.
    var sentence: String {
        let by: String =
            switch cause {
            case .comparison:
                ruling.map { "decided by rule \($0.place) (\($0.rule.rawValue)) of policy \($0.policy) \($0.version)" }
                    ?? "passed on, as the other side had not changed it"
            case .person: "decided by a person"
            case .flip(let receipt): "decided by taking back resolution \(receipt.text)"
            }
        let said = [(Side.workflow, finding.workflowOrigin), (.journey, finding.journeyOrigin)].compactMap {
            side, origin in
            origin.map { "the \(side.rawValue) at position \($0.position)\($0.actor.map { " by \($0)" } ?? "")" }
        }
        let origins = said.isEmpty ? "" : ", said by " + said.joined(separator: " and ")
        return
            "\(by): \(winner.map { "the \($0.rawValue)'s word stands" } ?? "neither side's word stands") for \(finding.path)\(origins) (resolution \(id.text))"
    }
}

extension ReconciliationEvent {
    /// The effect that this is a later word about.
    fileprivate var effect: UUID? {
        switch self {
        case .effectSent(let sent): sent.effect
        case .effectUnknown(let unknown): unknown.effect
        case .effectConfirmed(let confirmed): confirmed.effect
        case .effectStale(let stale): stale.effect
        case .agreed, .resolved, .conflictQueued, .conflictLapsed, .divergenceAccepted, .effectRequested,
            .ownershipTaken, .wentStale:
            nil
        }
    }
}
