import Ingest
import WorkflowDomain

/// What became of all files, for people: a table, then what is to be said about single files.
enum ImportTable {
    /// Findings of one file that are shown; --json shows all.
    private static let shownFindings = 5

    static func show(_ answers: [ImportAnswer]) {
        let style = Style.output
        var table = Table([
            ("OUTCOME", .left), ("WORKFLOW", .left), ("VERSION", .right), ("POSITION", .right), ("BLOCKS", .right),
            ("EDGES", .right),
            ("FORMAT", .left), ("FILE", .left),
        ])
        for answer in answers { table.add(row(answer, style)) }
        table.print()
        for answer in answers { describe(answer, style) }
        summarise(answers)
    }

    private static func row(_ answer: ImportAnswer, _ style: Style) -> [Table.Cell] {
        guard case .success(let done) = answer.result else {
            return [.init(text: "refused", paint: style.bad)] + Array(repeating: .init(text: "-"), count: 6) + [
                .init(text: answer.file)
            ]
        }
        let counts = done.reading.definition.counts
        let paint = done.outcome == .unchanged ? style.faint : style.good
        let texts = [
            done.reading.id.text, "\(done.version)", "\(done.position)", "\(counts.blocks)", "\(counts.edges)",
            done.reading.format.rawValue, answer.file,
        ]
        return [.init(text: done.outcome.rawValue, paint: paint)] + texts.map { .init(text: $0) }
    }

    private static func describe(_ answer: ImportAnswer, _ style: Style) {
        let file = Table.printable(answer.file)
        if let remark = answer.archiveRemark { say("\n\(style.warning("!")) \(Table.printable(remark))") }
        switch answer.result {
        case .success(let done):
            if let remark = done.original.remark { say("\n\(style.warning("!")) \(file): \(remark)") }
            let warnings = done.reading.warnings
            guard !warnings.isEmpty else { return }
            say("\n\(style.warning("!")) \(file): \(warnings.count == 1 ? "1 remark" : "\(warnings.count) remarks")")
            list(warnings.map { "\($0.path): \($0.statement)" })
        case .failure(let error):
            let failure = Failure(.no, describing: error.summary, otherwise: "correct the file and import it again")
            say("\n\(style.bad("✗")) \(file): \(Table.printable(failure.error))")
            list(error.problems.map { "\($0.path): \($0.statement); \($0.cure)" })
            if error.problems.isEmpty { say("  \(style.faint("next:")) \(Table.printable(failure.hint))") }
        }
    }

    private static func list(_ findings: [String]) {
        for finding in findings.prefix(shownFindings) { say("  \(Table.printable(finding))") }
        if findings.count > shownFindings { say("  … and \(findings.count - shownFindings) more; --json lists all") }
    }

    private static func summarise(_ answers: [ImportAnswer]) {
        guard answers.count > 1 else { return }
        let outcomes = answers.map { (try? $0.result.get())?.outcome.rawValue ?? "refused" }
        let counts = ["imported", "revised", "unchanged", "refused"].compactMap { outcome -> String? in
            let count = outcomes.count { $0 == outcome }
            return count == 0 ? nil : "\(count) \(outcome)"
        }
        say("\n\(answers.count) files: \(counts.joined(separator: ", "))")
    }

    private static func say(_ line: String) { StandardOutput.shared.write(line) }
}
