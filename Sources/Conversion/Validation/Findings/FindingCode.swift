/// The stable names of everything that validation can find.
public enum FindingCode: String, Sendable, CaseIterable {
    // What keeps a file from being read.

    /// The file cannot be read at all.
    case fileUnreadable = "file.unreadable"
    /// It is neither JSON nor YAML.
    case fileSyntax = "file.syntax"
    /// It has none of the shapes that we know, or the marks of several.
    case fileUnrecognised = "file.unrecognised"
    /// A field is missing.
    case fileMissingField = "file.missing_field"
    /// A value has the wrong type.
    case fileWrongType = "file.wrong_type"
    /// An element is filed under one id and says another.
    case fileIDMismatch = "file.id_mismatch"
    /// Something in the file is kept but not understood.
    case fileUnknownPart = "file.unknown_part"

    // Workflows: elements.

    /// There are no blocks.
    case workflowNoBlocks = "workflow.no_blocks"
    /// Two elements have the same id.
    case workflowDuplicateID = "workflow.duplicate_id"
    /// An id that the executor uses for something else, or that cannot be one.
    case workflowReservedID = "workflow.reserved_id"
    /// A name that references use for something else.
    case workflowReservedName = "workflow.reserved_name"
    /// A block without a name.
    case workflowMissingName = "workflow.missing_name"
    /// Blocks whose names are the same in references.
    case workflowDuplicateName = "workflow.duplicate_name"
    /// A block type that Sim did not know at v0.8.9.
    case workflowUnknownType = "workflow.unknown_type"
    /// Something that cannot be a block type.
    case workflowMalformedType = "workflow.malformed_type"
    /// More than the limit.
    case workflowLimitExceeded = "workflow.limit_exceeded"

    // Workflows: edges.

    /// An edge leaves or enters a block that is not there.
    case workflowDanglingEdge = "workflow.dangling_edge"
    /// An edge from a block to itself.
    case workflowSelfEdge = "workflow.self_edge"
    /// An edge with the same ends and handles as another.
    case workflowDuplicateEdge = "workflow.duplicate_edge"
    /// A handle that the block does not have.
    case workflowUnknownHandle = "workflow.unknown_handle"
    /// A handle that names a row or route that is not there.
    case workflowUnknownBranch = "workflow.unknown_branch"
    /// An edge that crosses the border of a container other than through its ports.
    case workflowCrossesContainer = "workflow.crosses_container"
    /// Edges lead in a circle outside of a loop.
    case workflowCycle = "workflow.cycle"
    /// Edges lead in a circle inside of a loop.
    case workflowCycleInsideLoop = "workflow.cycle_inside_loop"
    /// An edge enters a block that starts executions.
    case workflowEdgeIntoStart = "workflow.edge_into_start"
    /// An edge leaves or enters a note.
    case workflowConnectedNote = "workflow.connected_note"

    // Workflows: containers.

    /// A block is in a container that is not there.
    case workflowMissingParent = "workflow.missing_parent"
    /// A block is in something that is no container.
    case workflowParentIsNoContainer = "workflow.parent_is_no_container"
    /// Containers contain each other.
    case workflowContainerCycle = "workflow.container_cycle"
    /// A loop or parallel has no block of its own.
    case workflowContainerWithoutBlock = "workflow.container_without_block"
    /// A container lists other members than the blocks that are in it.
    case workflowMembersDisagree = "workflow.members_disagree"
    /// Nothing leads from a container to its first block.
    case workflowContainerWithoutStart = "workflow.container_without_start"
    /// A container has no members.
    case workflowEmptyContainer = "workflow.empty_container"
    /// A block that starts executions is in a container.
    case workflowStartInsideContainer = "workflow.start_inside_container"

    // Workflows: starts and ways.

    /// Nothing starts the workflow.
    case workflowMissingStart = "workflow.missing_start"
    /// More than one block starts the workflow.
    case workflowSeveralStarts = "workflow.several_starts"
    /// No way leads to a block.
    case workflowUnreachableBlock = "workflow.unreachable_block"

    // Workflows: branches.

    /// A condition has no rows.
    case workflowEmptyCondition = "workflow.empty_condition"
    /// A router has no routes.
    case workflowEmptyRouter = "workflow.empty_router"
    /// Two rows or routes have the same id.
    case workflowDuplicateBranch = "workflow.duplicate_branch"
    /// A condition has no row for everything else.
    case workflowConditionWithoutElse = "workflow.condition_without_else"
    /// An edge leaves a condition or router whatever it decides.
    case workflowUnconditionedBranching = "workflow.unconditioned_branching"
    /// Nothing leads from a row or route.
    case workflowBranchWithoutEdge = "workflow.branch_without_edge"

    // Workflows: references.

    /// A reference to a block that is not there.
    case workflowUnknownReference = "workflow.unknown_reference"
    /// A reference to a variable that is not there.
    case workflowUnknownVariable = "workflow.unknown_variable"
    /// A reference to the loop or parallel around a block that is in none.
    case workflowReferenceOutsideContainer = "workflow.reference_outside_container"

    // Journeys: attributes.

    /// The title is empty or too long for Parlant.
    case journeyTitleLength = "journey.title_length"
    /// Nothing activates the journey.
    case journeyNoConditions = "journey.no_conditions"
    /// A condition of activation says nothing.
    case journeyEmptyCondition = "journey.empty_condition"
    /// A condition of activation is given twice.
    case journeyDuplicateCondition = "journey.duplicate_condition"
    /// A condition of activation is known by the id of its guideline only.
    case journeyConditionWithoutText = "journey.condition_without_text"
    /// More than the limit.
    case journeyLimitExceeded = "journey.limit_exceeded"

    // Journeys: elements.

    /// Two elements have the same id.
    case journeyDuplicateID = "journey.duplicate_id"
    /// Another journey has a state of the same id.
    case journeySharedStateID = "journey.shared_state_id"
    /// An id that Parlant uses for something else, or that cannot be one.
    case journeyReservedID = "journey.reserved_id"
    /// The place of our id in an element's metadata is taken.
    case journeyReservedMetadata = "journey.reserved_metadata"
    /// A state of no kind that we know.
    case journeyUnknownKind = "journey.unknown_kind"
    /// A fork says nothing: stepping on it can end the journey silently.
    case journeyForkWithoutAction = "journey.fork_without_action"
    /// A chat state says nothing.
    case journeyChatWithoutAction = "journey.chat_without_action"
    /// A tool state has no tool.
    case journeyToolWithoutTools = "journey.tool_without_tools"
    /// A tool is not named `service:tool`.
    case journeyMalformedTool = "journey.malformed_tool"
    /// The root has something to do, which Parlant's roots have not.
    case journeyRootWithAction = "journey.root_with_action"

    // Journeys: the graph.

    /// The root is none of the states.
    case journeyMissingStart = "journey.missing_start"
    /// Nothing leads from the root.
    case journeyEmpty = "journey.empty"
    /// A transition leaves or enters a state that is not there.
    case journeyDanglingTransition = "journey.dangling_transition"
    /// A transition leaves the end.
    case journeyLeavesEnd = "journey.leaves_end"
    /// A state has several ways out, and one is unconditioned.
    case journeyUnconditionedBranching = "journey.unconditioned_branching"
    /// Two ways out of a state have the same condition.
    case journeyAmbiguousBranching = "journey.ambiguous_branching"
    /// A transition with the same ends and condition as another.
    case journeyDuplicateTransition = "journey.duplicate_transition"
    /// No way leads to a state.
    case journeyUnreachableState = "journey.unreachable_state"
    /// No way leads from a state to an end.
    case journeyNoWayToEnd = "journey.no_way_to_end"
    /// A state is left by no transition, so the journey stops there without being ended.
    case journeyOpenEnd = "journey.open_end"
}
