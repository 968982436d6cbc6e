import EventModel
import JourneyDomain
import WorkflowDomain

/// The workflow that a journey came from, as far as what is left of the journey still carries it: a state that was removed has taken its
/// block with it, a transition its edges.
struct Restoration {
    /// The workflow's id.
    let workflowID: String
    /// The states that no block could be read back for: new ones, and copies.
    private(set) var newStates: Set<ElementID> = []
    /// The blocks of states that carry another id than the one that the conversion gives them.
    private(set) var renamed: [ElementID: ElementID] = [:]
    private(set) var draft: WorkflowDraft
    private(set) var remarks: [ConversionRemark] = []

    private var absent: [ElementID: Set<ElementID>] = [:]
    private var orphans: Set<ElementID> = []

    /// - Returns: `nil` when the journey does not come from a workflow.
    init?(_ journey: JourneyDefinition) {
        guard let kept = journey.metadata[Complement.key]?.object, let id = kept["workflow"]?.string,
            (1...ConversionLimits.idBytes).contains(id.utf8.count)
        else { return nil }
        workflowID = id
        let metadata = kept["metadata"]?.object ?? JSONObject()
        draft = WorkflowDraft(
            names: JourneyNames(workflow: id, isBornInParlant: Overrides(metadata).isBornInParlant))
        draft.metadata = metadata
        draft.extra = kept["extra"]?.object ?? JSONObject()
        for value in kept["variables"]?.array ?? [] {
            if let variable = WorkflowElementReader.variable(value) { draft.variables.append(variable) }
        }
        restoreBlocks(journey, kept)
        restoreEdges(journey, kept)
        draft.loops += (kept["loops"]?.array ?? []).compactMap(WorkflowElementReader.container)
        draft.parallels += (kept["parallels"]?.array ?? []).compactMap(WorkflowElementReader.container)
        leaveContainers()
    }

    private mutating func restoreBlocks(_ journey: JourneyDefinition, _ kept: JSONObject) {
        for value in kept["blocks"]?.array ?? [] { restore(value.object ?? JSONObject()) }
        // A state under its own id goes before a copy of it.
        var others: [(JourneyState, JSONObject)] = []
        for state in journey.states {
            guard let kept = state.metadata[Complement.key]?.object, kept["made"] == nil else {
                newStates.insert(state.id)
                continue
            }
            guard let block = kept["block"].flatMap(WorkflowElementReader.block) else {
                unreadable(.state, state.id)
                newStates.insert(state.id)
                continue
            }
            let own = Overrides(of: block).id ?? draft.names.element(block.id)
            if own == state.id && draft.blocks[block.id] == nil { restore(kept) } else { others.append((state, kept)) }
        }
        for (state, kept) in others {
            guard let block = kept["block"].flatMap(WorkflowElementReader.block), draft.blocks[block.id] == nil else {
                newStates.insert(state.id)
                continue
            }
            restore(kept)
            renamed[state.id] = block.id
        }
    }

    private mutating func restore(_ kept: JSONObject) {
        guard let block = kept["block"].flatMap(WorkflowElementReader.block), draft.blocks[block.id] == nil else {
            return
        }
        draft.blocks[block.id] = block
        if let loop = kept["loop"].flatMap(WorkflowElementReader.container) { draft.loops.append(loop) }
        if let parallel = kept["parallel"].flatMap(WorkflowElementReader.container) { draft.parallels.append(parallel) }
        if let ids = kept["absent"]?.array { absent[block.id] = Set(ids.compactMap(\.string).map { ElementID($0) }) }
        if kept["orphan"]?.bool == true { orphans.insert(block.id) }
        if let split = kept["split"]?.object { restore(split) }
    }

    private mutating func restoreEdges(_ journey: JourneyDefinition, _ kept: JSONObject) {
        for value in kept["edges"]?.array ?? [] {
            let gone = Set((value["absent"]?.array ?? []).compactMap(\.string).map { ElementID($0) })
            restore(edge: value["edge"], gone: gone)
        }
        for state in journey.states {
            if let link = state.metadata[Complement.key]?["link"] { restore(edge: link, gone: []) }
        }
        for transition in journey.transitions {
            guard let kept = transition.metadata[Complement.key] else { continue }
            for edge in kept["edges"]?.array ?? [] {
                if WorkflowElementReader.edge(edge) == nil { unreadable(.transition, transition.id) }
                restore(edge: edge, gone: [])
            }
        }
    }

    private mutating func restore(edge value: JSONValue?, gone: Set<ElementID>) {
        guard let edge = value.flatMap(WorkflowElementReader.edge), draft.edges[edge.id] == nil else { return }
        guard draft.blocks[edge.source] != nil || gone.contains(edge.source),
            draft.blocks[edge.target] != nil || gone.contains(edge.target)
        else { return }
        draft.edges[edge.id] = edge
    }

    /// Takes blocks that went with their states out of their containers, and members out of containers that went.
    private mutating func leaveContainers() {
        func remaining(_ container: Container) -> Container {
            let nodes = container.nodes.filter {
                draft.blocks[$0] != nil || absent[container.id]?.contains($0) == true
            }
            guard nodes.count != container.nodes.count, draft.blocks[container.id] != nil else { return container }
            return Container(id: container.id, nodes: nodes, settings: container.settings)
        }
        draft.loops = draft.loops.map(remaining)
        draft.parallels = draft.parallels.map(remaining)
        for (id, block) in draft.blocks {
            guard let parent = block.parentID, draft.blocks[parent] == nil, !orphans.contains(id) else { continue }
            draft.blocks[id] = block.replacing(data: block.data.removing(["parentId", "extent"]))
        }
    }

    private mutating func unreadable(_ element: ConversionElement, _ id: ElementID) {
        remarks.append(
            ConversionRemark(
                .unreadableComplement, element: element, id: id,
                explanation: "What was kept for the way back cannot be read any more.",
                instead: "It is taken for a new one."))
    }
}
