import EventModel
import EventSourcing
import FoundationEssentials
import Reconciliation

/// One step of what has led to the present.
struct Explanation: Sendable {
    let entry: RecordedReconciliation
    let fields: [FieldPath]
    /// The words of the `because` of the rule that has ruled; `nil` where none has, or it gives none.
    let because: String?

    /// What is on record, in order; of one field, also what became of the effects that were to settle it.
    static func steps(
        _ history: [RecordedReconciliation], about path: FieldPath?, _ reasons: inout RuleReasons
    ) async throws -> [Explanation] {
        var effects: [UUID: [FieldPath]] = [:]
        var steps: [Explanation] = []
        for entry in history {
            if case .effectRequested(let effect, _) = entry.event { effects[effect.id] = effect.fields }
            let fields = entry.event.effect.flatMap { effects[$0] } ?? entry.event.fields
            guard isMeant(entry.event, fields, path) else { continue }
            steps.append(
                Explanation(entry: entry, fields: fields, because: try await reasons.reason(of: entry.event.ruling)))
        }
        return steps
    }

    private static func isMeant(_ event: ReconciliationEvent, _ fields: [FieldPath], _ path: FieldPath?) -> Bool {
        guard let path else { return true }
        if case .ownershipTaken(let taken) = event { return taken.pattern.matches(path) }
        return fields.contains { $0.field == path.field }
    }

    func sentence(_ disclosure: Disclosure) -> String {
        let sentence = entry.event.sentence(disclosure)
        return because.map { "\(sentence), because \($0)" } ?? sentence
    }

    /// Whether anything of it is left out that could be shown.
    func withholdsData(_ disclosure: Disclosure) -> Bool {
        switch entry.event {
        case .agreed(let agreed): agreed.fields.contains { disclosure.withholds($0.value) }
        case .resolved(let receipt, _):
            disclosure.withholds(receipt.finding.base, receipt.finding.workflow, receipt.finding.journey)
        default: false
        }
    }

    func line(_ disclosure: Disclosure) {
        Answers.object { answer in
            answer.member("position", entry.position.rawValue)
            answer.member("at", "\(entry.at)")
            answer.member("type", entry.event.type.rawValue)
            answer.member("actor", entry.actor)
            answer.member("fields", fields.map(disclosure.name))
            answer.member("message", sentence(disclosure))
            switch entry.event {
            case .resolved(let receipt, let parties):
                answer.key("decision")
                answer.object { decision in
                    receipt.write(to: &decision, as: disclosure)
                    decision.member("because", because)
                    parties.compared.write(to: &decision)
                }
            case .conflictQueued(let conflict, let parties):
                answer.key("conflict")
                answer.object { asked in
                    conflict.write(to: &asked, as: disclosure)
                    asked.member("because", because)
                    parties.compared.write(to: &asked)
                }
            case .divergenceAccepted(let accepted, let parties):
                answer.key("accepted")
                answer.object { kept in
                    accepted.write(to: &kept, as: disclosure)
                    kept.member("because", because)
                    parties.compared.write(to: &kept)
                }
            default: break
            }
        }
    }

    func show(_ disclosure: Disclosure) {
        let style = Style.output
        let sentence = Table.printable(sentence(disclosure))
        StandardOutput.shared.write("\(style.faint("\(entry.position)  \(entry.at)"))  \(sentence)")
    }
}

extension ReconciliationEvent {
    /// What happened, in one sentence.
    fileprivate func sentence(_ disclosure: Disclosure) -> String {
        switch self {
        case .agreed(let agreed):
            let fields = agreed.fields.map { "\(disclosure.name($0.path)): \(disclosure.text($0.value))" }
            return "both sides agreed on \(fields.joined(separator: ", "))"
        case .resolved(let receipt, _): return receipt.sentence(disclosure)
        case .conflictQueued(let conflict, _): return "handed to a person: \(conflict.sentence(disclosure))"
        case .conflictLapsed(let lapsed): return "the conflict about \(lapsed.field) is none any more"
        case .divergenceAccepted(let accepted, _):
            return
                "accepted as it is\(accepted.ruling.map { " by \($0.words)" } ?? ""): \(accepted.finding.sentence(disclosure))"
        case .effectRequested(let effect, _):
            return
                "the \(effect.side.rawValue) was to \(effect.action.sentence) (effect \(effect.id.text), try \(effect.attempt))"
        case .effectSent(let sent): return "effect \(sent.effect.text) was about to be carried out"
        case .effectUnknown(let unknown):
            return "nobody knew whether effect \(unknown.effect.text) was carried out: \(unknown.because)"
        case .effectConfirmed(let confirmed):
            return "effect \(confirmed.effect.text) was carried out, by its \(confirmed.witness.rawValue)"
        case .effectStale(let stale): return "effect \(stale.effect.text) came to nothing: \(stale.because)"
        case .ownershipTaken(let taken):
            let who = taken.owner.map { "the \($0.rawValue) has taken over" } ?? "nobody in particular owns"
            return "\(who) \(taken.pattern)\(taken.because.map { ": \($0)" } ?? "")"
        case .wentStale(let stale):
            return
                "nothing had been recorded on either side since \(stale.since), for \(Counted.of(stale.patience, "second")) or longer: stale, and left alone until one of them moves"
        }
    }

    /// The fields that it names itself.
    fileprivate var fields: [FieldPath] {
        switch self {
        case .agreed(let agreed): agreed.fields.map(\.path)
        case .resolved(let receipt, _): [receipt.finding.path]
        case .conflictQueued(let conflict, _): [conflict.finding.path]
        case .conflictLapsed(let lapsed): [lapsed.field]
        case .divergenceAccepted(let accepted, _): [accepted.finding.path]
        case .effectRequested(let effect, _): effect.fields
        case .effectSent, .effectUnknown, .effectConfirmed, .effectStale, .ownershipTaken, .wentStale: []
        }
    }

    /// The rule by which it came to be.
    fileprivate var ruling: Receipt.Ruling? {
        switch self {
        case .resolved(let receipt, _): receipt.ruling
        case .conflictQueued(let conflict, _): conflict.ruling
        case .divergenceAccepted(let accepted, _): accepted.ruling
        default: nil
        }
    }

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
