import FoundationEssentials
import Reconciliation

/// What persons have decided last about the fields of an execution, as whoever only reads the log knows it. A value that is told every event in order.
struct PersonsWordsAudit {
    /// A decision behind which nothing was recorded about its field.
    private struct Word {
        let receipt: Receipt
        var told: Set<Side> = []
        /// Whether anything that carries it out is known to have been carried out.
        var isCarriedOut = false
    }

    private var words: [FieldPath: Word] = [:]
    private var effects: [UUID: Effect] = [:]

    mutating func take(_ event: ReconciliationEvent) {
        switch event {
        case .resolved(let receipt, _):
            words[receipt.finding.path] =
                receipt.cause == .comparison || receipt.effects.isEmpty ? nil : Word(receipt: receipt)
        case .agreed(let agreed):
            for field in agreed.fields { words = words.filter { $0.key.field != field.path.field } }
        case .conflictQueued(let conflict, _): words[conflict.finding.path] = nil
        case .divergenceAccepted(let accepted, _):
            // One that is a part of the decision was recorded with it.
            let path = accepted.finding.path
            if words[path]?.receipt.at != accepted.at { words[path] = nil }
        case .effectRequested(let effect, _):
            effects[effect.id] = effect
            for path in effect.fields where isCarried(path, by: effect) { words[path]?.told.insert(effect.side) }
        case .effectConfirmed(let confirmed):
            guard let effect = effects[confirmed.effect] else { return }
            for path in effect.fields where isCarried(path, by: effect) { words[path]?.isCarriedOut = true }
        case .effectSent, .effectUnknown, .effectStale, .conflictLapsed, .ownershipTaken, .wentStale: break
        }
    }

    private func isCarried(_ path: FieldPath, by effect: Effect) -> Bool {
        words[path].map { effect.resolutions.contains($0.receipt.id) } ?? false
    }

    /// The fields whose sides still say what they said when a person decided otherwise, although nothing of it was ever carried out.
    func forgotten(_ sides: Comparison.Sides) -> [FieldPath] {
        words.filter { path, word in
            func said(_ side: Side) -> FieldValue? {
                var value = (side == .workflow ? sides.workflow : sides.journey)[path.field]?.value
                for name in path.members {
                    guard case .content(let data)? = value else { return value }
                    value = data[name.text].map { FieldValue($0) }
                }
                return value
            }
            let finding = word.receipt.finding
            return !word.isCarriedOut && word.told.contains { said($0) == finding[$0] }
                && Side.allCases.allSatisfy { said($0) == finding[$0] || said($0) == word.receipt.outcome }
        }.keys.sorted()
    }
}
