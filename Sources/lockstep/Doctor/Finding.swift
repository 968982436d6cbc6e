/// What one examination found.
struct Finding: Sendable, Equatable {
    enum Verdict: String, Sendable {
        /// As it must be.
        case ok
        /// It works, and somebody should know.
        case warning
        /// It does not work, or data are at risk.
        case wrong
        /// It cannot be reached.
        case unreachable
    }

    var verdict: Verdict
    /// What was examined.
    var check: String
    /// What was found, in one sentence.
    var found: String
    /// What to do; `nil` when there is nothing to do.
    var cure: String?

    static func ok(_ check: String, _ found: String) -> Finding { Finding(verdict: .ok, check: check, found: found) }

    static func warning(_ check: String, _ found: String, cure: String) -> Finding {
        Finding(verdict: .warning, check: check, found: found, cure: cure)
    }

    static func wrong(_ check: String, _ found: String, cure: String) -> Finding {
        Finding(verdict: .wrong, check: check, found: found, cure: cure)
    }

    static func unreachable(_ check: String, _ found: String, cure: String) -> Finding {
        Finding(verdict: .unreachable, check: check, found: found, cure: cure)
    }

    /// What an error amounts to.
    static func failed(_ check: String, _ error: any Error) -> Finding {
        let failure = Failure(error)
        return Finding(
            verdict: failure.status == .environment ? .unreachable : .wrong, check: check, found: failure.error,
            cure: failure.hint)
    }
}

/// How findings are shown.
enum FindingAnswer {
    static func line(_ finding: Finding) {
        Answers.object { object in
            object.member("check", finding.check)
            object.member("verdict", finding.verdict.rawValue)
            object.member("found", finding.found)
            object.member("cure", finding.cure)
        }
    }

    static func table(_ findings: [Finding]) {
        let style = Style.output
        var table = Table([("", .left), ("CHECK", .left), ("FOUND", .left)])
        for finding in findings {
            table.add([
                .init(text: mark(finding.verdict), paint: paint(finding.verdict, style)), .init(text: finding.check),
                .init(text: finding.found),
            ])
        }
        table.print()
        let cures = findings.filter { $0.cure != nil }
        guard !cures.isEmpty else { return StandardOutput.shared.write("\nEverything is as it must be.") }
        StandardOutput.shared.write("\nWhat to do")
        for finding in cures {
            let mark = paint(finding.verdict, style)(mark(finding.verdict))
            StandardOutput.shared.write("  \(mark) \(finding.check): \(Table.printable(finding.cure ?? ""))")
        }
    }

    private static func mark(_ verdict: Finding.Verdict) -> String {
        switch verdict {
        case .ok: "✓"
        case .warning: "!"
        case .wrong, .unreachable: "✗"
        }
    }

    private static func paint(_ verdict: Finding.Verdict, _ style: Style) -> @Sendable (String) -> String {
        switch verdict {
        case .ok: { style.good($0) }
        case .warning: { style.warning($0) }
        case .wrong, .unreachable: { style.bad($0) }
        }
    }
}
