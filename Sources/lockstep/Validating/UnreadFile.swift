import Conversion
import EventModel
import JourneyDomain
import WorkflowDomain

extension ModelFinding {
    /// What keeps a file from being read, from a sentence of ours: what is wrong, and what to do.
    init(_ code: FindingCode, sentence: String) {
        let failure = Failure(.no, describing: sentence, otherwise: "correct the file")
        self.init(code, .error, at: .root, failure.error, cure: failure.hint)
    }
}

extension WorkflowInspection {
    /// Everything that is wrong at once: what keeps the file from being read, and what is wrong with the workflow as far as it is read. What both
    /// say is said once.
    var findings: [ModelFinding] {
        let ofFile = problems.map { ModelFinding($0) } + warnings.filter(\.isOfFileOnly).map { ModelFinding($0) }
        let known = Set(ofFile.map(\.code))
        let scope: WorkflowValidation.Scope = !isWhole ? .readable : format == .yamlFragment ? .fragment : .whole
        let ofModel = WorkflowValidation.findings(of: definition, scope: scope).filter { finding in
            !(Self.saidTwice.contains(finding.code) && known.contains(finding.code))
        }
        return ofFile + ofModel
    }

    /// What the reader and the rules both look at.
    private static let saidTwice: Set<FindingCode> = [
        .workflowDuplicateID, .workflowContainerCycle, .workflowLimitExceeded, .workflowReservedID, .workflowNoBlocks,
        .workflowMalformedType,
    ]
}

extension WorkflowFormatError {
    /// The format, where it was recognised before something was wrong.
    var format: String? {
        switch self {
        case .problems(_, let format), .unsupportedVersion(_, let format): format.rawValue
        case .empty, .fileTooLarge, .definitionTooLarge, .json, .yaml, .archive, .unrecognised, .ambiguous: nil
        }
    }

    /// The error as findings: one for each problem.
    var findings: [ModelFinding] {
        switch self {
        case .problems(let problems, _): problems.map { ModelFinding($0) }
        case .empty, .fileTooLarge: [ModelFinding(.fileUnreadable, sentence: description)]
        case .definitionTooLarge: [ModelFinding(.workflowLimitExceeded, sentence: description)]
        case .json, .yaml: [ModelFinding(.fileSyntax, sentence: description)]
        case .archive, .unrecognised, .ambiguous, .unsupportedVersion:
            [ModelFinding(.fileUnrecognised, sentence: description)]
        }
    }
}

extension JourneyFormatError {
    /// The form, where it was recognised before something was wrong.
    var format: String? {
        switch self {
        case .problems(_, let format): format.rawValue
        case .fileTooLarge, .definitionTooLarge, .incomplete, .notJSON, .json, .unrecognised, .ambiguous: nil
        }
    }

    /// The error as findings: one for each problem.
    var findings: [ModelFinding] {
        switch self {
        case .problems(let problems, _): problems.map { ModelFinding($0) }
        case .fileTooLarge, .incomplete: [ModelFinding(.fileUnreadable, sentence: description)]
        case .definitionTooLarge: [ModelFinding(.journeyLimitExceeded, sentence: description)]
        case .notJSON, .json: [ModelFinding(.fileSyntax, sentence: description)]
        case .unrecognised, .ambiguous: [ModelFinding(.fileUnrecognised, sentence: description)]
        }
    }
}
