import JourneyDomain
import WorkflowDomain

/// A journey as a workflow, and how it became one.
public struct WorkflowConversion: Equatable, Sendable {
    /// The workflow.
    public let workflow: WorkflowDefinition
    /// The workflow's id: the one that the journey came from, else one that is made of the journey's.
    public let workflowID: String
    /// What has no native form.
    public let report: ConversionReport
    let journey: JourneyDefinition
    let correspondence: Correspondence

    init(
        workflow: WorkflowDefinition, journey: JourneyDefinition, correspondence: Correspondence,
        report: ConversionReport
    ) {
        self.workflow = workflow
        workflowID = correspondence.workflowID
        self.journey = journey
        self.correspondence = correspondence
        self.report = report
    }

    /// Which element became which. Computes the digests of both definitions: ask once.
    public var mapping: Mapping { correspondence.mapping(workflow, journey) }
}
