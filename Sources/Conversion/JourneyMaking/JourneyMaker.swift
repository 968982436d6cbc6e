import EventModel
import JourneyDomain
import WorkflowDomain

/// Makes the journey of a workflow, element by element.
struct JourneyMaker {
    let graph: WorkflowGraph
    let workflowID: String
    let names: JourneyNames
    /// Whether the journey keeps what it cannot say natively; see ``Complement``.
    let keepsComplement: Bool
    let overrides: Overrides
    let containers: ContainerIndex
    let rootBlock: Int?
    var routing: Routing
    /// The condition that only splits the ways out of the block before it, by that block.
    let folded: [Int: Int]
    let isFolded: [Bool]

    private(set) var stateIDs: [ElementID]
    var states: [JourneyState] = []
    var transitions: [JourneyTransition] = []
    /// The ids of transitions so far; kept only where edges claim ids, since others cannot collide.
    var takenTransitions: Set<ElementID> = []
    let edgesClaimIDs: Bool
    /// Whether a state stands for a block.
    private(set) var standings: [Standing]
    /// The further states of blocks: those that ask whether they are due.
    var gateNodes: [Int: [ElementID]] = [:]
    /// The transition of every edge, by its place among ``transitions``; -1 for none.
    var links: [Int]
    /// The block and port that a transition, by its place, stands for.
    var sources: [(transition: Int, block: Int, port: Int)] = []
    var gates: [Routing.Destination] = []
    var seenGates: Set<Routing.Destination> = []

    init(_ graph: WorkflowGraph, id: String, keepsComplement: Bool) {
        self.graph = graph
        self.keepsComplement = keepsComplement
        overrides = Overrides(of: graph.workflow)
        workflowID = id
        names = JourneyNames(
            workflow: overrides.journeyID ?? id, isBornInParlant: overrides.isBornInParlant)
        containers = ContainerIndex(graph)
        let starts = Starts(graph, overrides)
        rootBlock = starts.root
        routing = Routing(FlowAnalysis(graph, starts: starts.blocks))
        folded = Self.folded(graph)
        var isFolded = [Bool](repeating: false, count: graph.blocks.count)
        for block in folded.values { isFolded[block] = true }
        self.isFolded = isFolded
        stateIDs = Self.stateIDs(graph, names, isFolded: isFolded)
        links = Array(repeating: -1, count: graph.workflow.edges.count)
        standings = Array(repeating: .state, count: graph.blocks.count)
        edgesClaimIDs =
            overrides.isBornInParlant || graph.workflow.edges.contains { Overrides(ofEdge: $0.extra).id != nil }
        states.reserveCapacity(graph.blocks.count + 1)
        transitions.reserveCapacity(graph.workflow.edges.count + graph.blocks.count / 2)
        sources.reserveCapacity(transitions.capacity)
        for block in graph.blocks.indices where isStateless(block) {
            standings[block] = graph.overrides[block].isEnd ? .end : .nothing
        }
    }

    /// The block and port that every transition stands for.
    var origins: [ElementID: (block: Int, port: Int)] {
        Dictionary(
            sources.map { (transitions[$0.transition].id, ($0.block, $0.port)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Whether the journey may differ from what the blocks and edges say.
    var isPatched: Bool { !(overrides.object[JourneyPatch.key]?.object?.isEmpty ?? true) }

    /// A block that is no state: an annotation, the end, or folded into the block before it.
    func isStateless(_ block: Int) -> Bool {
        graph.traits[block].isNote || graph.overrides[block].isEnd || isFolded[block]
    }

    /// The states' ids by block. An id that a block claims and another has already is not granted: a copy of a block claims its
    /// original's.
    private static func stateIDs(_ graph: WorkflowGraph, _ names: JourneyNames, isFolded: [Bool]) -> [ElementID] {
        let isBorn = Overrides(of: graph.workflow).isBornInParlant
        guard isBorn || graph.overrides.contains(where: { $0.id != nil }) else {
            return graph.blocks.indices.map { names.element(graph.blocks[$0].id) }
        }
        var claims: Set<ElementID> = [JourneyState.end]
        return graph.blocks.indices.map { block in
            if let claimed = graph.overrides[block].id, !claimed.text.isEmpty, claims.insert(claimed).inserted {
                return claimed
            }
            let own = names.element(graph.blocks[block].id)
            return claims.insert(own).inserted ? own : names.made("block", graph.blocks[block].id.text)
        }
    }

    /// Conditions that are marked as mere splits and still are: entered once, by the only way out of a block that is a state.
    private static func folded(_ graph: WorkflowGraph) -> [Int: Int] {
        var entered: [Int: (count: Int, from: Int)] = [:]
        let inline = graph.blocks.indices.filter { graph.overrides[$0].isInline && !graph.ports[$0].isEmpty }
        guard !inline.isEmpty else { return [:] }
        for block in graph.blocks.indices {
            for port in graph.ports[block] {
                for target in port.targets where graph.overrides[target].isInline {
                    entered[target] = ((entered[target]?.count ?? 0) + 1, block)
                }
            }
        }
        var folded: [Int: Int] = [:]
        for block in inline {
            guard let (count, source) = entered[block], count == 1, !graph.overrides[source].isInline,
                graph.ports[source].count == 1, let port = graph.ports[source].first, port.kind == .success,
                port.targets.elementsEqual([block]), port.edges.count == 1
            else { continue }
            folded[source] = block
        }
        return folded
    }

    func stateID(_ block: Int) -> ElementID { graph.overrides[block].isEnd ? JourneyState.end : stateIDs[block] }
}

/// Where a workflow begins: the blocks in which its executions start, and the one that is the journey's root itself.
private struct Starts {
    let blocks: [Int]
    let root: Int?

    init(_ graph: WorkflowGraph, _ overrides: Overrides) {
        if let id = overrides.object["root"]?.string, let block = graph.numbers[ElementID(id)] {
            blocks = [block]
            root = block
            return
        }
        let top = graph.blocks.indices.filter { graph.parents[$0] == nil && !graph.traits[$0].isNote }
        let triggers = top.filter { graph.traits[$0].isTrigger && graph.traits[$0].isEnabled }
        if let only = triggers.first, triggers.count == 1, !graph.isEntered[only] {
            blocks = [only]
            root = only
        } else {
            blocks = triggers.isEmpty ? Self.roots(of: graph, among: top) : triggers
            root = nil
        }
    }

    /// Where executions begin when nothing starts them: at blocks that nothing leads to, not even what is switched off.
    private static func roots(of graph: WorkflowGraph, among top: [Int]) -> [Int] {
        let behindDisabled = Set(
            graph.aside.filter { $0.reason == .disabled }.compactMap {
                graph.numbers[graph.workflow.edges[$0.edge].target]
            })
        let roots = top.filter { !graph.isEntered[$0] && !graph.overrides[$0].isEnd }
        let enabled = roots.filter { graph.blocks[$0].isEnabled && !behindDisabled.contains($0) }
        return enabled.isEmpty ? roots : enabled
    }
}
