import EventModel
import JourneyDomain
import WorkflowDomain

/// The workflow that a journey came from, as far as what is left of the journey still carries it: a state that was removed has taken its
/// block with it, a transition its edges.
struct Restoration {
    /// The workflow's id.
    let workflowID: String
    /// The blocks of states that carry another id than the one that the conversion gives them.
    private(set) var renamed: [ElementID: ElementID] = [:]
    private(set) var remarks: [ConversionRemark] = []

    private let names: JourneyNames
    private let kept: JSONObject
    private var blocks: [Block] = []
    private var blockIDs: Set<ElementID> = []
    private var edges: [Edge] = []
    private var edgeIDs: Set<ElementID> = []
    private var loops: [Container] = []
    private var parallels: [Container] = []
    private var absent: [ElementID: Set<ElementID>] = [:]
    private var orphans: Set<ElementID> = []

    /// - Returns: `nil` when the journey does not come from a workflow.
    init?(_ journey: JourneyDefinition) {
        guard let kept = journey.metadata[Complement.key]?.object, let id = kept["workflow"]?.string,
            (1...ConversionLimits.idBytes).contains(id.utf8.count)
        else { return nil }
        workflowID = id
        self.kept = kept
        names = JourneyNames(
            workflow: id, isBornInParlant: Overrides(kept["metadata"]?.object).isBornInParlant)
        blocks.reserveCapacity(journey.states.count)
        blockIDs.reserveCapacity(journey.states.count)
        edges.reserveCapacity(journey.transitions.count)
        edgeIDs.reserveCapacity(journey.transitions.count)
        restoreBlocks(journey)
        restoreEdges(journey)
        loops += (kept["loops"]?.array ?? []).compactMap(WorkflowElementReader.container)
        parallels += (kept["parallels"]?.array ?? []).compactMap(WorkflowElementReader.container)
        leaveContainers()
    }

    /// The workflow.
    var workflow: WorkflowDefinition {
        WorkflowDefinition(
            blocks: blocks, edges: edges, loops: loops, parallels: parallels,
            variables: (kept["variables"]?.array ?? []).compactMap(WorkflowElementReader.variable),
            metadata: kept["metadata"]?.object ?? JSONObject(), extra: kept["extra"]?.object ?? JSONObject())
    }

    private mutating func restoreBlocks(_ journey: JourneyDefinition) {
        for value in kept["blocks"]?.array ?? [] { restore(value.object ?? JSONObject()) }
        // A state under its own id goes before a copy of it.
        var others: [(state: ElementID, block: Block, kept: JSONObject)] = []
        for index in journey.states.indices {
            let state = journey.states[index].id
            guard let kept = journey.states[index].metadata[Complement.key]?.object, kept["made"] == nil else {
                continue
            }
            guard let block = kept["block"].flatMap(WorkflowElementReader.block) else {
                unreadable(.state, state)
                continue
            }
            let own = Overrides(block.data).id ?? names.element(block.id)
            if own != state || !restore(block, kept) { others.append((state, block, kept)) }
        }
        for (state, block, kept) in others {
            if restore(block, kept) { renamed[state] = block.id }
        }
    }

    private mutating func restore(_ kept: JSONObject) {
        if let block = kept["block"].flatMap(WorkflowElementReader.block) { _ = restore(block, kept) }
    }

    /// Takes up a block with what was kept beside it.
    /// - Returns: whether it was not there yet.
    private mutating func restore(_ block: Block, _ kept: JSONObject) -> Bool {
        guard blockIDs.insert(block.id).inserted else { return false }
        blocks.append(block)
        // Most blocks are kept alone.
        guard kept.count > 1 else { return true }
        if let loop = kept["loop"].flatMap(WorkflowElementReader.container) { loops.append(loop) }
        if let parallel = kept["parallel"].flatMap(WorkflowElementReader.container) { parallels.append(parallel) }
        if let ids = kept["absent"]?.array { absent[block.id] = Set(ids.compactMap(\.string).map { ElementID($0) }) }
        if kept["orphan"]?.bool == true { orphans.insert(block.id) }
        if let split = kept["split"]?.object { restore(split) }
        return true
    }

    private mutating func restoreEdges(_ journey: JourneyDefinition) {
        for value in kept["edges"]?.array ?? [] {
            let gone = Set((value["absent"]?.array ?? []).compactMap(\.string).map { ElementID($0) })
            if let edge = value["edge"].flatMap(WorkflowElementReader.edge) { restore(edge, gone: gone) }
        }
        for index in journey.states.indices {
            if let link = journey.states[index].metadata[Complement.key]?["link"].flatMap(WorkflowElementReader.edge) {
                restore(link, gone: [])
            }
        }
        for index in journey.transitions.indices {
            guard let kept = journey.transitions[index].metadata[Complement.key] else { continue }
            for value in kept["edges"]?.array ?? [] {
                if let edge = WorkflowElementReader.edge(value) {
                    restore(edge, gone: [])
                } else {
                    unreadable(.transition, journey.transitions[index].id)
                }
            }
        }
    }

    private mutating func restore(_ edge: Edge, gone: Set<ElementID>) {
        guard blockIDs.contains(edge.source) || gone.contains(edge.source),
            blockIDs.contains(edge.target) || gone.contains(edge.target), edgeIDs.insert(edge.id).inserted
        else { return }
        edges.append(edge)
    }

    /// Takes blocks that went with their states out of their containers, and members out of containers that went.
    private mutating func leaveContainers() {
        func remaining(_ container: Container) -> Container {
            let nodes = container.nodes.filter {
                blockIDs.contains($0) || absent[container.id]?.contains($0) == true
            }
            guard nodes.count != container.nodes.count, blockIDs.contains(container.id) else { return container }
            return Container(id: container.id, nodes: nodes, settings: container.settings)
        }
        loops = loops.map(remaining)
        parallels = parallels.map(remaining)
        for index in blocks.indices where !blocks[index].data.isEmpty {
            let block = blocks[index]
            guard let parent = block.parentID, !blockIDs.contains(parent), !orphans.contains(block.id) else { continue }
            blocks[index] = block.replacing(data: block.data.removing(["parentId", "extent"]))
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
