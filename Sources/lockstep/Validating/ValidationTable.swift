import Conversion

/// What validation says of all files, for people: a table, then what is to be said about single files.
enum ValidationTable {
    /// Findings of one file that are shown; --json shows all.
    private static let shownFindings = 10

    static func show(_ judgements: [FileJudgement], strictly: Bool) {
        let style = Style.output
        var table = Table([
            ("VERDICT", .left), ("ERRORS", .right), ("WARNINGS", .right), ("REMARKS", .right), ("MODEL", .left),
            ("FORMAT", .left), ("FILE", .left),
        ])
        for judgement in judgements { table.add(row(judgement, strictly, style)) }
        table.print()
        for judgement in judgements { describe(judgement, style) }
        summarise(judgements, strictly)
    }

    private static func row(_ judgement: FileJudgement, _ strictly: Bool, _ style: Style) -> [Table.Cell] {
        let isValid = judgement.isValid(strictly: strictly)
        let texts = ModelFinding.Severity.allCases.reversed().map { "\(judgement.count($0))" }
        let rest = [judgement.model?.rawValue ?? "-", judgement.format ?? "-", judgement.file]
        return [.init(text: isValid ? "valid" : "invalid", paint: isValid ? style.good : style.bad)]
            + (texts + rest).map { .init(text: $0) }
    }

    private static func describe(_ judgement: FileJudgement, _ style: Style) {
        guard !judgement.findings.isEmpty else { return }
        say("\n\(style.strong(Table.printable(judgement.file)))")
        for finding in judgement.findings.prefix(shownFindings) {
            let text = Table.printable("\(finding.place): \(finding.message)")
            say("  \(paint(finding.severity, style)) \(style.faint(finding.code.rawValue)) \(text)")
            if !finding.cure.isEmpty { say("    \(style.faint("cure:")) \(Table.printable(finding.cure))") }
        }
        let more = judgement.findings.count - shownFindings
        if more > 0 { say("  … and \(more) more; --json lists all") }
    }

    private static func paint(_ severity: ModelFinding.Severity, _ style: Style) -> String {
        switch severity {
        case .error: style.bad("error  ")
        case .warning: style.warning("warning")
        case .remark: style.faint("remark ")
        }
    }

    private static func summarise(_ judgements: [FileJudgement], _ strictly: Bool) {
        guard judgements.count > 1 else { return }
        let valid = judgements.count { $0.isValid(strictly: strictly) }
        say("\n\(judgements.count) files: \(valid) valid, \(judgements.count - valid) invalid")
    }

    private static func say(_ line: String) { StandardOutput.shared.write(line) }
}
