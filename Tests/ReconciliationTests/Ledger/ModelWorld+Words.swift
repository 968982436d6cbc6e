import EventModel

@testable import Reconciliation

/// What the sides say of their data, and what is on record of it.
extension ModelWorld {
    /// The data that an engine holds.
    func values(of side: Side) -> [FieldPath: FieldValue] {
        let (variables, inputs) =
            side == .workflow ? (workflow.variables, workflow.inputs) : (journey.values, journey.inputs)
        var values: [FieldPath: FieldValue] = [:]
        for (name, value) in variables {
            values[FieldPath(.variables, [ElementID(name)])] = .content(.number(JSONNumber(value)))
        }
        for (step, input) in inputs { values[FieldPath(.inputs, [Self.blocks[step]])] = .content(input) }
        return values
    }

    /// Whether something that was recorded says that a side had this word.
    func isOnRecord(_ word: FieldValue, of side: Side, about path: FieldPath) -> Bool {
        log.contains { event in
            let finding: Finding? =
                switch event {
                case .resolved(let receipt, _): receipt.finding
                case .conflictQueued(let conflict, _): conflict.finding
                case .divergenceAccepted(let accepted, _): accepted.finding
                default: nil
                }
            guard let finding, finding.path.field == path, let said = finding[side] else { return false }
            return finding.path == path ? said == word : said == word.member(finding.path.members)
        }
    }
}

extension FieldValue {
    /// What is inside of data, by the names on the way.
    fileprivate func member(_ names: [ElementID]) -> FieldValue? {
        guard case .content(var value) = self else { return nil }
        for name in names {
            guard let next = value[name.text] else { return nil }
            value = next
        }
        return .content(value)
    }
}
