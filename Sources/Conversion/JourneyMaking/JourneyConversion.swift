import JourneyDomain
import WorkflowDomain

/// A workflow as a journey, and how it became one.
public struct JourneyConversion: Equatable, Sendable {
    /// The journey.
    public let journey: JourneyDefinition
    /// What has no native form.
    public let report: ConversionReport
    let workflow: WorkflowDefinition
    let correspondence: Correspondence

    init(
        journey: JourneyDefinition, workflow: WorkflowDefinition, correspondence: Correspondence,
        report: ConversionReport
    ) {
        self.journey = journey
        self.workflow = workflow
        self.correspondence = correspondence
        self.report = report
    }

    /// Which element became which. Computes the digests of both definitions, which takes longer than the conversion did: ask once.
    public var mapping: Mapping { correspondence.mapping(workflow, journey) }
}
