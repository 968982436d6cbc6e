import EventModel
import Reconciliation

/// How much would come out otherwise, by rule and field: numbers only, however long the history is.
struct WhatIfTally {
    /// What changes alike.
    struct Row: Hashable {
        /// The field; not which member of its data.
        let field: FieldPath
        let was: Receipt.Ruling?
        let wouldBe: Receipt.Ruling?
    }

    /// What was tried.
    private(set) var tried = 0
    /// What would come out otherwise.
    private(set) var changed = 0
    private(set) var untried: [WhatIf.Untried: Int] = [:]
    private(set) var rows: [Row: Int] = [:]
    /// What changes beside ``rows``.
    private(set) var others = 0

    /// More kinds of change than this are counted together.
    static let limit = 200

    /// Counts one more.
    mutating func count(_ answer: WhatIf.Answer) {
        switch answer {
        case .untried(_, _, let reason): untried[reason, default: 0] += 1
        case .tried(let retrial):
            tried += 1
            guard retrial.isChanged else { return }
            changed += 1
            let row = Row(field: retrial.path.field, was: retrial.was.ruling, wouldBe: retrial.wouldBe.ruling)
            if rows[row] != nil || rows.count < Self.limit { rows[row, default: 0] += 1 } else { others += 1 }
        }
    }

    /// The rows, those with most changes first.
    var sorted: [(row: Row, count: Int)] {
        rows.map { ($0.key, $0.value) }.sorted { left, right in
            left.count != right.count ? left.count > right.count : left.row.order < right.row.order
        }
    }
}

extension WhatIfTally.Row {
    fileprivate var order: (FieldPath, String, String) { (field, was.words, wouldBe.words) }
}

extension Receipt.Ruling? {
    /// Which rule it is, for people: `rule 2 (latest) of house 1`.
    var words: String {
        map { "rule \($0.place) (\($0.rule.rawValue)) of \($0.policy) \($0.version)" } ?? "no rule"
    }
}

// MARK: As it is told

extension WhatIfTally {
    /// - Parameter policy: what was tried.
    func write(to answer: inout JSONWriter, _ policy: Policy) {
        answer.member("decisions", tried)
        answer.member("changed", changed)
        answer.member("policy", policy.name)
        answer.member("version", policy.version)
        answer.key("by")
        answer.array { list in
            for (row, count) in sorted {
                list.object { object in
                    object.member("field", "\(row.field)")
                    object.member("was_rule", row.was)
                    object.member("would_be_rule", row.wouldBe)
                    object.member("changed", count)
                }
            }
        }
        answer.member("others", others)
        for reason in WhatIf.Untried.allCases {
            answer.key(reason.rawValue)
            answer.int(untried[reason] ?? 0)
        }
    }

    /// The changes by rule and field, and the sum.
    func lines(_ policy: Policy, _ style: Style) -> [String] {
        var lines: [String] = []
        if changed > 0 {
            var table = Table([("changed", .right), ("field", .left), ("was by", .left), ("would be by", .left)])
            for (row, count) in sorted { table.add(["\(count)", "\(row.field)", row.was.words, row.wouldBe.words]) }
            if others > 0 { table.add(["\(others)", "other fields and rules", "", ""]) }
            lines += [""] + table.lines(style) + [""]
        }
        lines.append(
            "\(changed) of \(Counted.of(tried, "decision")) would come out otherwise under \(Table.printable(policy.name)) \(policy.version)"
        )
        for reason in WhatIf.Untried.allCases {
            if let count = untried[reason] {
                lines.append("\(Counted.of(count, "decision")) not tried: \(reason.words)")
            }
        }
        return lines
    }
}

extension WhatIf.Untried {
    fileprivate var words: String {
        switch self {
        case .outside: "the policy is not for their executions"
        case .hidden: "what was said is sealed or erased"
        case .unknown: "what is on record of the sides does not show them any more"
        }
    }
}

extension JSONWriter {
    mutating func member(_ name: StaticString, _ ruling: Receipt.Ruling?) {
        key(name)
        guard let ruling else { return null() }
        object { object in
            object.member("place", ruling.place)
            object.member("name", ruling.rule.rawValue)
            object.member("policy", ruling.policy)
            object.member("version", ruling.version)
        }
    }
}
