import EventModel
import Reconciler
import Reconciliation

/// What a field of an execution is now: what each side says of it, where that was said, and what both agreed on last.
struct PresentField: Sendable {
    /// How the two sides stand to each other there. The names are stable.
    enum State: String, Sendable, CaseIterable {
        /// Both say the same, as far as they have words for it.
        case agreed
        /// One side alone tells of it.
        case oneSided = "one_sided"
        /// They differ, and what was asked for to end that has not ended.
        case underWay = "under_way"
        /// They differ, and a person has been asked.
        case waiting
        /// They differ, and may.
        case accepted
        /// They differ.
        case apart
    }

    let path: FieldPath
    let state: State
    let workflow: Claim?
    let journey: Claim?
    let base: FieldValue?
    /// Where both were found to agree last.
    let basePosition: GlobalPosition?
    /// Who has taken it over.
    let owner: Side?

    /// The fields of an execution, in order; only one where it is named.
    static func all(
        _ report: ReconcilingDesk<SealedLog>.Report, _ history: [RecordedReconciliation], about path: FieldPath?
    ) -> [PresentField] {
        let sides = report.sides
        let said = [
            sides.workflow.all.map(\.path), sides.journey.all.map(\.path), sides.base.fields.map(\.path),
            report.ledger.queue.keys.map(\.field), report.ledger.accepted.keys.map(\.field),
        ]
        var agreedAt: [FieldPath: GlobalPosition] = [:]
        for entry in history {
            guard case .agreed(let agreed) = entry.event else { continue }
            for field in agreed.fields { agreedAt[field.path.field] = entry.position }
        }
        let standing = Standing(report)
        return Set(said.joined()).filter { path == nil || $0 == path?.field }.sorted().map { field in
            // Of a side that cannot be read for lack of keys it is on record that it says something.
            let hidden = report.ledger.queue.values.first { $0.finding.path.field == field }?.finding
            let workflow = sides.workflow[field] ?? hidden?.hidden(.workflow)
            let journey = sides.journey[field] ?? hidden?.hidden(.journey)
            return PresentField(
                path: field, state: standing.state(of: field, workflow, journey), workflow: workflow,
                journey: journey, base: sides.base[field], basePosition: agreedAt[field],
                owner: report.ledger.handOvers.last { $0.pattern.matches(field) }?.owner)
        }
    }

    /// What is so: where both say the same, or only one says anything. Of two words for one thing that of the side which has more words.
    var value: FieldValue? {
        switch state {
        case .agreed, .oneSided: workflow?.value ?? journey?.value
        case .underWay, .waiting, .accepted, .apart: nil
        }
    }

    /// Who has set it: the first of those that say it.
    var setter: (side: Side, origin: Origin)? {
        guard let value else { return nil }
        let said: [(side: Side, origin: Origin)] = [(Side.workflow, workflow), (.journey, journey)].compactMap {
            side, claim in claim.flatMap { $0.value == value ? (side, $0.origin) : nil }
        }
        return said.min { $0.origin.position < $1.origin.position }
    }

    func withholdsData(_ disclosure: Disclosure) -> Bool {
        disclosure.withholds(base, workflow?.value, journey?.value)
    }

    func line(_ disclosure: Disclosure) {
        Answers.object { answer in
            answer.member("field", disclosure.name(path))
            answer.member("state", state.rawValue)
            answer.key("value")
            disclosure.write(value, setter?.origin, to: &answer)
            answer.member("set_by", setter?.side.rawValue)
            answer.key("workflow")
            disclosure.write(workflow?.value, workflow?.origin, to: &answer)
            answer.key("journey")
            disclosure.write(journey?.value, journey?.origin, to: &answer)
            answer.key("base")
            disclosure.write(base, basePosition.map { Origin($0) }, to: &answer)
            answer.member("owner", owner?.rawValue)
        }
    }

    static func show(_ fields: [PresentField], _ disclosure: Disclosure) {
        guard !fields.isEmpty else { return }
        let style = Style.output
        var table = Table([
            ("FIELD", .left), ("NOW", .left), ("SET BY", .left), ("WORKFLOW", .left), ("JOURNEY", .left),
            ("AGREED", .left), ("OWNER", .left), ("STATE", .left),
        ])
        for field in fields {
            let base = field.base.map { value in
                disclosure.text(value) + (field.basePosition.map { " (position \($0))" } ?? "")
            }
            table.add([
                .init(text: disclosure.name(field.path), paint: style.strong),
                .init(text: field.value.map { disclosure.text($0) } ?? "-"),
                .init(text: field.setter.map { "\($0.side.rawValue), \($0.origin.words)" } ?? "-"),
                .init(text: text(field.workflow, disclosure)), .init(text: text(field.journey, disclosure)),
                .init(text: base ?? "-"), .init(text: field.owner?.rawValue ?? "-"),
                .init(text: field.state.words, paint: field.state.paint(style)),
            ])
        }
        table.print()
    }

    private static func text(_ claim: Claim?, _ disclosure: Disclosure) -> String {
        claim.map { "\(disclosure.text($0.value)) (\($0.origin.words))" } ?? "-"
    }

    /// What is known of the fields that are not simply agreed on.
    private struct Standing {
        private let pending: Set<FieldPath>
        private let queued: Set<FieldPath>
        private let accepted: Set<FieldPath>
        private let differing: Set<FieldPath>
        /// Those that nobody is there to be told of.
        private let untold: Set<FieldPath>

        init(_ report: ReconcilingDesk<SealedLog>.Report) {
            // What has to wait for an effect is brought together by it, or behind it.
            let held = report.examined.holds.filter { $0.value == .effectPending }.keys
            pending = Set(report.ledger.pending.flatMap { $0.effect.fields.map(\.field) } + held.map(\.field))
            untold = Set(report.examined.holds.filter { $0.value == .notYet }.keys.map(\.field))
            queued = Set(report.ledger.queue.keys.map(\.field))
            accepted = Set(report.ledger.accepted.keys.map(\.field))
            differing = Set(report.examined.findings.filter(\.isDivergence).map(\.path.field))
        }

        func state(of field: FieldPath, _ workflow: Claim?, _ journey: Claim?) -> State {
            let isAlone = (workflow == nil) != (journey == nil)
            if isAlone, untold.contains(field) { return .oneSided }
            if queued.contains(field) { return .waiting }
            if differing.contains(field) { return pending.contains(field) ? .underWay : .apart }
            if accepted.contains(field) { return pending.contains(field) ? .underWay : .accepted }
            return isAlone ? .oneSided : .agreed
        }
    }
}

extension Reconciliation.Finding {
    /// What a side was found to say that nobody can read here.
    fileprivate func hidden(_ side: Side) -> Claim? {
        guard self[side] == .hidden, let origin = origin(side) else { return nil }
        return Claim(path.field, .hidden, origin)
    }
}

extension PresentField.State {
    fileprivate var words: String {
        switch self {
        case .agreed: "both say so"
        case .oneSided: "one side says so"
        case .underWay: "being brought together"
        case .waiting: "waits for a person"
        case .accepted: "may differ"
        case .apart: "differs"
        }
    }

    fileprivate func paint(_ style: Style) -> @Sendable (String) -> String {
        switch self {
        case .agreed, .oneSided, .accepted: { style.good($0) }
        case .underWay: { style.warning($0) }
        case .waiting, .apart: { style.bad($0) }
        }
    }
}
