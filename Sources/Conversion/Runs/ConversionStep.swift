/// Which way a conversion goes.
public enum ConversionDirection: String, Sendable, CaseIterable {
    /// From a workflow to a journey.
    case toJourney = "workflow_to_journey"
    /// From a journey to a workflow.
    case toWorkflow = "journey_to_workflow"
}

/// The steps of a conversion, in their order. On the way to a workflow, states stand for blocks and transitions for edges.
public enum ConversionStep: String, Sendable, CaseIterable {
    /// The source is judged; errors end the conversion.
    case validateSource = "validate"
    /// What the source consists of is counted, and what has no native form on the other side is found.
    case analyse
    /// The states are made.
    case generateStates = "generate_states"
    /// The transitions between them are made.
    case createTransitions = "create_transitions"
    /// The result is judged by the rules of the side that will run it; errors end the conversion.
    case validateResult = "validate_journey"
    /// Result, mapping and report become facts of the log, all or nothing.
    case storeMapping = "store_mapping"
}
