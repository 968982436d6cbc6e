import EventModel
import JourneyDomain
import WorkflowDomain

/// What a journey has that its workflow can only say aside.
struct WorkflowRemarks {
    private(set) var remarks: [ConversionRemark] = []

    init(_ workflow: WorkflowDefinition) {
        let said = Overrides(of: workflow).object
        for field in ["conditions", "labels", "tags", "priority", "composition_mode", "metadata", "extra"]
        where said[field] != nil {
            remarks.append(
                ConversionRemark(
                    .journeyField, explanation: "Workflows have no place for a journey's \(field).",
                    instead: "It is kept in the workflow's metadata."))
        }
        if said[JourneyPatch.key] != nil {
            remarks.append(
                ConversionRemark(
                    .journeyPatch, explanation: "Some of the journey's structure is nothing that blocks and edges say.",
                    instead: "It is kept in the workflow's metadata."))
        }
        for block in workflow.blocks where Overrides(of: block).isInline {
            remarks.append(
                ConversionRemark(
                    .decisionBlock, element: .block, id: block.id,
                    explanation: "A state that is no fork has several ways out.",
                    instead: "A condition behind its block splits them."))
        }
    }
}
