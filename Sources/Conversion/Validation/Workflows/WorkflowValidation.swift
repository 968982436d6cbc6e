import EventModel
import WorkflowDomain

/// Judges a workflow's definition: everything that is wrong or conspicuous, at once. Linear in blocks, edges and texts.
///
/// An error is something that cannot run, or that Sim's editor refuses; a warning runs, but probably not as it was meant; a remark is
/// worth knowing. It is total: whatever a definition holds, it is judged and never trapped on.
public enum WorkflowValidation {
    /// What a definition is taken for.
    public enum Scope: Sendable {
        /// A whole workflow.
        case whole
        /// A part of one: what it connects with and refers to may lie outside, so that is only remarked.
        case fragment
        /// What could be read of a workflow: what it seems to lack may be there, so of that nothing is said.
        case readable
    }

    /// What there is to say, in the order of the rules and, within a rule, of the elements.
    public static func findings(of workflow: WorkflowDefinition, scope: Scope = .whole) -> [Finding] {
        let graph = JudgedWorkflow(workflow)
        let rules: [(JudgedWorkflow, inout [Finding]) -> Void] = [
            ElementRules.check, EdgeRules.check, CircleRules.check, ContainerRules.check, StartRules.check,
            BranchRules.check, ReferenceRules.check,
        ]
        let findings = rules.reduce(into: []) { findings, rule in rule(graph, &findings) }
        switch scope {
        case .whole: return findings
        case .fragment: return findings.map(\.ofFragment)
        case .readable:
            return findings.filter { !Finding.outside.contains($0.code) && $0.code != .workflowNoBlocks }
        }
    }
}

extension Finding {
    /// What of a whole workflow would be wrong, and is only to be expected of a part.
    fileprivate static let outside: Set<FindingCode> = [
        .workflowDanglingEdge, .workflowMissingStart, .workflowUnreachableBlock, .workflowMissingParent,
        .workflowUnknownReference, .workflowUnknownVariable, .workflowReferenceOutsideContainer,
    ]

    fileprivate var ofFragment: Finding {
        guard Self.outside.contains(code) else { return self }
        return Finding(code, .remark, at: place, message, cure: cure)
    }
}
