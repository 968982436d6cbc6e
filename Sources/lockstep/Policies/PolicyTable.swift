import EventModel
import Reconciliation

/// What is to be said of policies, for people: a table, what is wrong with each, and what each would do.
enum PolicyTable {
    /// Remarks on one file that are shown; --json shows all.
    private static let shownRemarks = 20
    /// Characters of a value that are shown.
    private static let shownCharacters = 24

    static func show(_ judgements: [PolicyJudgement]) {
        let style = Style.output
        var table = Table([
            ("VERDICT", .left), ("ERRORS", .right), ("WARNINGS", .right), ("POLICY", .left), ("VERSION", .right),
            ("RULES", .right), ("FOR", .left), ("FILE", .left),
        ])
        for judgement in judgements { table.add(row(judgement, style)) }
        table.print()
        for judgement in judgements { describe(judgement, style) }
        for judgement in judgements { rehearse(judgement, style) }
        guard judgements.contains(where: \.isValid) else { return }
        say(
            style.faint(
                "RULE: its place in the file, from 0; - where one side alone has changed, and the other can be told."))
    }

    private static func row(_ judgement: PolicyJudgement, _ style: Style) -> [Table.Cell] {
        let errors = judgement.remarks.count(where: \.isError)
        let policy = judgement.policy
        return [
            .init(
                text: judgement.isValid ? "valid" : "invalid", paint: judgement.isValid ? style.good : style.bad)
        ]
            + [
                "\(errors)", "\(judgement.remarks.count - errors)", policy?.name ?? "-",
                policy.map { "\($0.version)" } ?? "-", policy.map { "\($0.rules.count)" } ?? "-",
                policy.map { "\($0.scope)" } ?? "-", judgement.file,
            ].map { .init(text: $0) }
    }

    private static func describe(_ judgement: PolicyJudgement, _ style: Style) {
        guard !judgement.remarks.isEmpty else { return }
        say("\n\(style.strong(Table.printable(judgement.file)))")
        for remark in judgement.remarks.prefix(shownRemarks) {
            let severity = remark.isError ? style.bad("error  ") : style.warning("warning")
            let line = remark.line.map { "line \($0)" }
            let place = [line, remark.place.isEmpty ? nil : remark.place].compactMap(\.self).joined(separator: ", ")
            let text = place.isEmpty ? remark.message : "\(place): \(remark.message)"
            say("  \(severity) \(Table.printable(text))")
        }
        let more = judgement.remarks.count - shownRemarks
        if more > 0 { say("  … and \(more) more; --json lists all") }
    }

    private static func rehearse(_ judgement: PolicyJudgement, _ style: Style) {
        guard let policy = judgement.policy, judgement.isValid else { return }
        say("\n\(style.strong("What \(policy.name) \(policy.version) would do, with Sim and Parlant"))")
        var table = Table([
            ("SITUATION", .left), ("FIELD", .left), ("AGREED", .left), ("WORKFLOW", .left), ("JOURNEY", .left),
            ("RULE", .left), ("WHAT FOLLOWS", .left),
        ])
        for example in judgement.examples {
            let finding = example.settlement.finding
            let cells =
                [example.situation, "\(finding.path)"]
                + [finding.base, finding.workflow, finding.journey].map(text) + [rule(of: example)]
            table.add(cells.map { .init(text: $0) } + [outcome(of: example, style)])
        }
        table.print()
    }

    private static func rule(of example: PolicyExample) -> String {
        guard let place = example.settlement.rule, let rule = example.rule else { return "-" }
        return "\(place) " + (rule.owner.map { "owner: \($0.rawValue)" } ?? rule.rule.rawValue)
    }

    private static func outcome(of example: PolicyExample, _ style: Style) -> Table.Cell {
        switch example.settlement.outcome {
        case .stands:
            let told = example.told.map { "\($0.side.rawValue) is told \(text($0.value))" }
            return .init(text: told.isEmpty ? "agreed" : told.joined(separator: ", "), paint: style.good)
        case .waits(let reason): return .init(text: "a person decides: \(words(for: reason))", paint: style.warning)
        case .accepted: return .init(text: "both may differ: the other cannot be told", paint: style.faint)
        }
    }

    private static func words(for reason: Settlement.Waiting) -> String {
        switch reason {
        case .manual: "the rule says so"
        case .noRule: "no rule is about it"
        case .undecided: "the rule has no answer"
        case .unreadable: "it cannot be read"
        case .unsettable: "the other cannot be told"
        }
    }

    private static func text(_ value: FieldValue?) -> String {
        guard let value else { return "-" }
        let text = value.json.string ?? String(decoding: value.json.compactBytes(), as: UTF8.self)
        return Table.printable(text, cutAt: shownCharacters)
    }

    private static func say(_ line: String) { StandardOutput.shared.write(line) }
}
