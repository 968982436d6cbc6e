import EventModel
import JourneyDomain
import WorkflowDomain

extension Finding {
    /// What keeps a file from being read as a workflow.
    public init(_ problem: WorkflowProblem) {
        self.init(problem.kind.code, .error, at: problem.path, problem.statement, cure: problem.cure)
    }

    /// What is conspicuous in the file of a workflow.
    public init(_ warning: WorkflowWarning) {
        self.init(warning.kind.code, warning.kind.severity, at: warning.path, warning.statement, cure: "")
    }

    /// What keeps a file from being read as a journey.
    public init(_ problem: JourneyProblem) {
        self.init(problem.kind.code, .error, at: problem.path, problem.statement, cure: problem.cure)
    }

    /// What is conspicuous in the file of a journey.
    public init(_ warning: JourneyWarning) {
        self.init(warning.kind.code, .warning, at: warning.path, warning.statement, cure: "")
    }
}

extension WorkflowWarning {
    /// Whether only the file shows it, so that ``WorkflowValidation`` cannot find it in the definition.
    public var isOfFileOnly: Bool {
        switch kind {
        case .missingName, .subBlockIDMismatch, .unknownConnection: true
        case .missingSource, .missingTarget, .unknownHandle, .unknownBranch, .unknownType, .missingParent,
            .parentIsNoContainer, .containerWithoutBlock, .membersDisagree, .containerWithoutStart, .crossesContainer,
            .selfEdge, .duplicateEdge, .cycle:
            false
        }
    }
}

extension JourneyWarning {
    /// Whether only the file shows it, so that ``JourneyValidation`` cannot find it in the definition.
    public var isOfFileOnly: Bool {
        switch kind {
        case .kindsDisagree: true
        case .unknownKind, .conditionWithoutText: false
        }
    }
}

extension WorkflowProblem.Kind {
    fileprivate var code: FindingCode {
        switch self {
        case .missing, .emptyText, .missingMetadata: .fileMissingField
        case .wrongType: .fileWrongType
        case .idMismatch: .fileIDMismatch
        case .duplicateID: .workflowDuplicateID
        case .containerCycle: .workflowContainerCycle
        case .containersTooDeep, .tooMany, .idTooLong: .workflowLimitExceeded
        case .illegalWorkflowID: .workflowReservedID
        case .noBlocks: .workflowNoBlocks
        case .unknownType: .workflowUnknownType
        case .malformedType: .workflowMalformedType
        }
    }
}

extension WorkflowWarning.Kind {
    fileprivate var code: FindingCode {
        switch self {
        case .missingSource, .missingTarget: .workflowDanglingEdge
        case .unknownHandle: .workflowUnknownHandle
        case .unknownBranch: .workflowUnknownBranch
        case .unknownType: .workflowUnknownType
        case .missingName: .workflowMissingName
        case .missingParent: .workflowMissingParent
        case .parentIsNoContainer: .workflowParentIsNoContainer
        case .containerWithoutBlock: .workflowContainerWithoutBlock
        case .membersDisagree: .workflowMembersDisagree
        case .containerWithoutStart: .workflowContainerWithoutStart
        case .crossesContainer: .workflowCrossesContainer
        case .selfEdge: .workflowSelfEdge
        case .duplicateEdge: .workflowDuplicateEdge
        case .cycle: .workflowCycle
        case .subBlockIDMismatch: .fileIDMismatch
        case .unknownConnection: .fileUnknownPart
        }
    }

    fileprivate var severity: Finding.Severity {
        switch self {
        case .missingSource, .missingTarget, .unknownHandle, .unknownBranch, .missingParent, .parentIsNoContainer,
            .crossesContainer, .selfEdge, .cycle:
            .error
        case .missingName, .containerWithoutBlock, .membersDisagree, .containerWithoutStart, .duplicateEdge,
            .subBlockIDMismatch, .unknownConnection:
            .warning
        case .unknownType: .remark
        }
    }
}

extension JourneyProblem.Kind {
    fileprivate var code: FindingCode {
        switch self {
        case .missing: .fileMissingField
        case .wrongType: .fileWrongType
        case .idMismatch: .fileIDMismatch
        case .duplicateID: .journeyDuplicateID
        case .unknownRoot: .journeyMissingStart
        case .tooMany, .idTooLong: .journeyLimitExceeded
        case .emptyID, .illegalJourneyID: .journeyReservedID
        }
    }
}

extension JourneyWarning.Kind {
    fileprivate var code: FindingCode {
        switch self {
        case .unknownKind, .kindsDisagree: .journeyUnknownKind
        case .conditionWithoutText: .journeyConditionWithoutText
        }
    }
}
