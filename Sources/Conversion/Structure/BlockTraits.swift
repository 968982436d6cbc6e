import EventModel
import WorkflowDomain

/// What is asked of a block at every turn, asked once: blocks are large, and asking means taking hold of all that is in one.
struct BlockTraits {
    /// Whether it is a loop or a parallel.
    let isContainer: Bool
    /// Whether it only annotates the canvas.
    let isNote: Bool
    /// Whether it starts executions.
    let isTrigger: Bool
    /// Whether it takes part in executions.
    let isEnabled: Bool
    /// Whether it is a condition.
    let isCondition: Bool
    /// Whether it is a router of the old kind, which names its choice by the block that is entered.
    let isRouter: Bool
    /// Whether it is a router with routes.
    let hasRoutes: Bool
    /// The container that it says it is in.
    let parent: ElementID?

    /// Whether it has ways out whether or not an edge leaves by them.
    var hasOwnPorts: Bool { isContainer || isCondition || hasRoutes }

    // Not of a block alone: handing one over would take hold of it.
    init(of blocks: [Block], at place: Int) {
        let type = blocks[place].type
        isContainer = blocks[place].isContainer
        isNote = blocks[place].isNote
        isTrigger = blocks[place].isTrigger
        isEnabled = blocks[place].isEnabled
        isCondition = type == "condition"
        isRouter = type == "router"
        hasRoutes = type == "router_v2"
        parent = blocks[place].parentID
    }
}
