import EventModel
import FoundationEssentials
import Reconciliation

// How decisions are told, and what they are about.

extension Receipt {
    /// The decision, what it was made of, and by which rule.
    func sentence(_ disclosure: Disclosure) -> String {
        let by: String =
            switch cause {
            case .comparison:
                ruling.map { "decided by rule \($0.place) (\($0.rule.rawValue)) of policy \($0.policy) \($0.version)" }
                    ?? owner.map { "decided by the \($0.rawValue), which had taken it over" }
                    ?? "passed on, as the other side had not changed it"
            case .person: "decided by a person"
            case .flip(let receipt): "decided by taking back resolution \(receipt.text)"
            }
        let said = Side.allCases.compactMap { side in
            finding.origin(side).map {
                "the \(side.rawValue) at \($0.words) (\(disclosure.text(finding[side])))"
            }
        }
        let origins = said.isEmpty ? "" : ", said by " + said.joined(separator: " and ")
        let before = finding.base.map { ", where both had been at \(disclosure.text($0))" } ?? ""
        let instead = winner == nil ? ", but \(disclosure.text(outcome))" : ""
        return
            "\(by): \(verdict) for \(disclosure.name(finding.path))\(instead)\(origins)\(before) (resolution \(id.text))"
    }

    private var verdict: String {
        winner.map { "the \($0.rawValue)'s word stands" } ?? "neither side's word stands"
    }

    /// What each side that is told will say instead of what it says, and by which rule, in one line.
    func diff(_ disclosure: Disclosure) -> PaintedLine {
        let by = ruling.map { "by \($0.words)" } ?? owner.map { "the \($0.rawValue)'s own" } ?? cause.words
        var line = PaintedLine() + "  " + ("+", .good) + " \(Table.printable(disclosure.name(finding.path))): "
        for (place, side) in told.enumerated() {
            line =
                line + "\(place > 0 ? ", " : "")\(side.rawValue) " + (disclosure.text(finding[side]), .bad) + " → "
                + (disclosure.text(outcome.flatMap(side.words.word) ?? outcome), .good)
        }
        let who = winner.map { "\($0.rawValue)'s word stands" } ?? "neither side's word stands"
        return line + "\(told.isEmpty ? "" : "; ")\(who) " + ("(\(Table.printable(by)), resolution \(id.text))", .faint)
    }

    /// The sides that do not say what stands, in their words.
    private var told: [Side] {
        Side.allCases.filter { side in
            finding[side] != outcome && finding[side] != outcome.flatMap(side.words.word)
        }
    }

    /// Everything that the decision was made of.
    func write(to writer: inout JSONWriter, as disclosure: Disclosure) {
        writer.member("resolution", id)
        writer.member("path", disclosure.name(finding.path))
        writer.member("kind", finding.kind.rawValue)
        writer.member("winner", winner?.rawValue)
        writer.member("loser", loser?.rawValue)
        writer.member("cause", cause.name)
        writer.member("conflict", cause.conflict)
        writer.member("reverses", cause.reversed)
        writer.member("owner", owner?.rawValue)
        writer.members(of: ruling)
        finding.writeSides(to: &writer, as: disclosure)
        writer.key("outcome")
        disclosure.write(outcome, to: &writer)
        writer.member("at", "\(at)")
        writer.member("effects", effects.map(\.text))
    }
}

extension Side {
    /// What it has words for.
    fileprivate var words: Vocabulary {
        switch self {
        case .workflow: .everything
        case .journey: .conversation
        }
    }
}

extension Receipt.Cause {
    fileprivate var name: String {
        switch self {
        case .comparison: "comparison"
        case .person: "person"
        case .flip: "flip"
        }
    }

    fileprivate var words: String {
        switch self {
        case .comparison: "passed on"
        case .person: "by a person"
        case .flip: "taken back"
        }
    }

    fileprivate var conflict: UUID? { if case .person(let conflict) = self { conflict } else { nil } }

    fileprivate var reversed: UUID? { if case .flip(let receipt) = self { receipt } else { nil } }
}

extension Receipt.Compared {
    /// Which versions of the two streams were compared, and by which mapping.
    func write(to writer: inout JSONWriter) {
        writer.key("compared")
        writer.object { compared in
            compared.member("workflow_version", workflow?.rawValue)
            compared.member("journey_version", journey?.rawValue)
            compared.member("mapping", mapping?.mapping)
            compared.member("mapping_version", mapping?.version)
        }
    }
}

extension AcceptedDivergence {
    func write(to writer: inout JSONWriter, as disclosure: Disclosure) {
        writer.member("divergence", id)
        writer.member("path", disclosure.name(finding.path))
        writer.member("kind", finding.kind.rawValue)
        writer.member("conflict", conflict)
        writer.members(of: ruling)
        finding.writeSides(to: &writer, as: disclosure)
        writer.member("at", "\(at)")
    }
}
