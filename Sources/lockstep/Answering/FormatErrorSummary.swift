import JourneyDomain
import WorkflowDomain

/// Why a file is not what it was taken for.
protocol FormatFlaw: Error {
    /// One sentence, then what to do.
    var summary: String { get }
}

extension Failure {
    /// A file could not be read.
    /// - Parameter path: the file, when the flaw does not name it.
    init(unread flaw: some FormatFlaw, in path: String? = nil) {
        let place = path.map { "\($0): " } ?? ""
        self.init(.no, describing: place + flaw.summary, otherwise: "run `lockstep validate` for every finding")
    }
}

extension WorkflowFormatError: FormatFlaw {
    /// One sentence, then what to do.
    var summary: String {
        guard case .problems(let problems, let format) = self else { return description }
        return FormatSummary.of(problems.map { "\($0.path): \($0.statement)" }, format.rawValue)
    }
}

extension JourneyFormatError: FormatFlaw {
    /// One sentence, then what to do.
    var summary: String {
        guard case .problems(let problems, let format) = self else { return description }
        return FormatSummary.of(problems.map { "\($0.path): \($0.statement)" }, format.rawValue)
    }
}

/// Many problems in one sentence.
private enum FormatSummary {
    static func of(_ problems: [String], _ format: String) -> String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        let first = problems.first.map { ", the first at \($0)" } ?? ""
        return "the file is \(format) with \(count)\(first); run `lockstep validate` for every finding"
    }
}
