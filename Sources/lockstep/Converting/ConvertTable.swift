import Conversion
import Converting
import EventModel

/// What became of one conversion, for people.
struct ConvertTable: Sendable {
    /// Findings and remarks that are shown; --json shows all.
    private static let shown = 8

    private let answer: ConvertAnswer
    private let style = Style.output

    init(_ answer: ConvertAnswer) { self.answer = answer }

    func show() {
        say(headline)
        if case .success(let plan) = answer.plan {
            counts(plan.report.counts)
            steps(plan)
            remarks(plan.report)
        }
        LiveSessionsAnswer(answer.migrations, in: answer.journeyID).show()
        findings()
        if let failure = answer.failure {
            say("\(style.bad("✗")) \(Table.printable(failure.error))")
            say("  \(style.faint("next:")) \(Table.printable(failure.hint))")
        } else if answer.stored == nil {
            say(style.faint("Nothing was stored: \(answer.reasonForNotStoring)."))
        }
        if let out = answer.out { say("written to \(Table.printable(out))") }
    }

    private var headline: String {
        let names = answer.direction == .toJourney ? ("workflow", "journey") : ("journey", "workflow")
        let paint = answer.isYes ? (answer.outcome == "unchanged" ? style.faint : style.good) : style.bad
        var line = "\(paint(answer.outcome))  \(names.0) \(Table.printable(answer.id))"
        if let completed = answer.completed {
            line += " → \(names.1) \(Table.printable(completed.resultID)), mapping \(completed.mappingVersion)"
        }
        if let position = (try? answer.stored?.get())?.position { line += ", position \(position)" }
        return line
    }

    private func counts(_ counts: ConversionCounts) {
        say(
            "  \(Counted.of(counts.blocks, "block")) ⇄ \(Counted.of(counts.states, "state")), \(Counted.of(counts.edges, "edge")) ⇄ \(Counted.of(counts.transitions, "transition")), \(Counted.of(counts.variables, "variable"))"
        )
    }

    private func steps(_ plan: ConversionPlan) {
        var done = plan.steps.map(\.step.rawValue)
        if answer.completed != nil { done.append(ConversionStep.storeMapping.rawValue) }
        say("  \(style.faint("steps:")) \(done.map { "\(style.good("✓")) \($0)" }.joined(separator: "  "))")
    }

    private func remarks(_ report: ConversionReport) {
        guard report.remarkCount > 0 else { return }
        say("\n\(style.warning("!")) \(report.remarkCount) without a native form; nothing of it is lost")
        var table = Table([("CODE", .left), ("ELEMENT", .left), ("WHAT WAS DONE", .left)])
        for remark in report.remarks.prefix(Self.shown) {
            let element = [remark.element?.rawValue, remark.id?.text].compactMap(\.self).joined(separator: " ")
            table.add([remark.code.rawValue, element.isEmpty ? "-" : element, remark.instead])
        }
        table.print()
        let hidden = report.remarkCount - min(Self.shown, report.remarks.count)
        if hidden > 0 { say("… and \(hidden) more; --json lists all") }
    }

    private func findings() {
        let findings = answer.findings
        guard !findings.isEmpty else { return }
        say("\n\(Counted.of(findings.count, "finding")) of the validation")
        for finding in findings.prefix(Self.shown) {
            let paint = finding.severity == .error ? style.bad : style.warning
            say(
                "  \(paint(finding.severity.rawValue)) \(Table.printable("\(finding.place): \(finding.message); \(finding.cure)"))"
            )
        }
        if findings.count > Self.shown { say("  … and \(findings.count - Self.shown) more; --json lists all") }
    }

    private func say(_ line: String) { StandardOutput.shared.write(line) }
}

extension ConvertAnswer {
    fileprivate var reasonForNotStoring: String { "no database is named, or --dry-run asked for it" }
}

/// The conversions of one workflow or journey.
struct ConversionHistory: Sendable {
    let id: String
    let runs: [ConversionRun]

    func show(asJSON: Bool) {
        guard !asJSON else {
            for run in runs { StandardOutput.shared.write(json(run)) }
            return
        }
        guard !runs.isEmpty else {
            StandardOutput.shared.write("\(Table.printable(id)) has not been converted")
            return
        }
        var table = Table([
            ("RUN", .left), ("DIRECTION", .left), ("OUTCOME", .left), ("SOURCE", .left), ("RESULT", .left),
            ("MAPPING", .right), ("WHAT", .left),
        ])
        let style = Style.output
        for run in runs {
            let paint = run.failed == nil ? (run.completed == nil ? style.warning : style.good) : style.bad
            table.add([
                .init(text: String(run.started.run.text.suffix(8))), .init(text: run.started.direction.rawValue),
                .init(text: run.outcome, paint: paint),
                .init(text: String(run.started.sourceDigest.hexadecimal.prefix(12))),
                .init(text: run.completed.map { String($0.resultDigest.hexadecimal.prefix(12)) } ?? "-"),
                .init(text: run.completed.map { "\($0.mappingVersion)" } ?? "-"),
                .init(text: run.failed.map { "\($0.step.rawValue): \($0.message)" } ?? run.completed?.resultID ?? ""),
            ])
        }
        table.print()
    }

    private func json(_ run: ConversionRun) -> [UInt8] {
        Answers.line { object in
            object.member("run", run.started.run)
            object.member("direction", run.started.direction.rawValue)
            object.member("outcome", run.outcome)
            object.member("source_digest", run.started.sourceDigest.hexadecimal)
            object.member("rules", run.started.rules)
            object.key("steps")
            object.array { list in for step in run.steps { list.string(step.step.rawValue) } }
            object.member("result_id", run.completed?.resultID)
            object.member("result_digest", run.completed?.resultDigest.hexadecimal)
            object.member("mapping_version", run.completed?.mappingVersion)
            object.member("failed_step", run.failed?.step.rawValue)
            object.member("failure", run.failed?.message)
        }
    }
}

extension ConversionRun {
    /// `completed`, `failed`, or `started` when it was interrupted and waits for the next call.
    fileprivate var outcome: String {
        if completed != nil { return "completed" }
        return failed == nil ? "started" : "failed"
    }
}
