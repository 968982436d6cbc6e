import EventModel
import EventSourcingTesting
import WorkflowDomain

/// One edit at Sim's canvas, and what it concerns.
struct SmallEdit {
    /// What somebody does.
    enum Kind: String, CaseIterable, Sendable {
        case rename, input, newEdge, lostEdge, insertedBlock, lostLeaf
    }

    /// The workflow after it.
    let after: WorkflowDefinition
    /// The blocks that are different, new or gone: their states may be.
    private(set) var blocks: Set<ElementID> = []
    /// The blocks whose ways out may be different.
    private(set) var sources: Set<ElementID> = []
    /// The blocks that are entered otherwise.
    private(set) var targets: Set<ElementID> = []

    /// The blocks from which on the order of visits may be another: those that are new, gone or entered otherwise.
    private(set) var places: Set<ElementID> = []

    /// An edit of that kind at a place chosen by `random`; `nil` where the workflow has no such place.
    init?(_ kind: Kind, of workflow: WorkflowDefinition, using random: inout SplitMix64) {
        var random = random
        let made: SmallEdit? =
            switch kind {
            case .rename: Self.rename(workflow, &random)
            case .input: Self.input(workflow, &random)
            case .newEdge: Self.newEdge(workflow, &random)
            case .lostEdge: Self.lostEdge(workflow, &random)
            case .insertedBlock: Self.insertedBlock(workflow, &random)
            case .lostLeaf: Self.lostLeaf(workflow, &random)
            }
        guard let made else { return nil }
        self = made
    }

    private init(
        _ after: WorkflowDefinition, blocks: Set<ElementID> = [], sources: Set<ElementID> = [],
        targets: Set<ElementID> = [], isStructural: Bool = true
    ) {
        self.after = after
        self.blocks = blocks
        self.sources = sources
        self.targets = targets
        places = isStructural ? blocks.union(targets) : []
    }

    // MARK: Blocks

    private static func rename(_ workflow: WorkflowDefinition, _ random: inout SplitMix64) -> SmallEdit? {
        guard let block = workflow.blocks.randomElement(using: &random) else { return nil }
        let renamed = workflow.changing(block.id) { $0.with(name: $0.name + " anew") }
        // A router of the old kind names its choice by the block that is entered.
        let routers = workflow.edges.filter { $0.target == block.id }.map(\.source)
            .filter { workflow.block($0)?.type == "router" }
        return SmallEdit(renamed, blocks: [block.id], sources: Set(routers + [block.id]), isStructural: false)
    }

    private static func input(_ workflow: WorkflowDefinition, _ random: inout SplitMix64) -> SmallEdit? {
        guard let block = workflow.blocks.filter({ !$0.subBlocks.isEmpty }).randomElement(using: &random),
            let chosen = block.subBlocks.randomElement(using: &random)
        else { return nil }
        let changed = workflow.changing(block.id) { block in
            block.with(
                subBlocks: block.subBlocks.map {
                    $0.id == chosen.id
                        ? SubBlock(id: $0.id, type: $0.type, value: Self.edited($0.value), extra: $0.extra) : $0
                })
        }
        return SmallEdit(changed, blocks: [block.id], sources: [block.id], isStructural: false)
    }

    /// Another value of the same shape: of the rows of a condition the expressions, and not the ids by which edges leave.
    private static func edited(_ value: JSONValue) -> JSONValue {
        if let text = value.string, let rows = (try? JSONValue(text: text))?.array {
            let edited = JSONValue.array(rows.map(row))
            return .string(String(decoding: edited.compactBytes(), as: UTF8.self))
        }
        if let rows = value.array { return .array(rows.map(row)) }
        return .string((value.string ?? "") + " changed")
    }

    private static func row(_ row: JSONValue) -> JSONValue {
        guard var object = row.object, object["id"] != nil, let expression = object["value"]?.string else { return row }
        object["value"] = .string(expression + " && true")
        return .object(object)
    }

    private static func insertedBlock(_ workflow: WorkflowDefinition, _ random: inout SplitMix64) -> SmallEdit? {
        let new: ElementID = "b7new"
        guard let edge = workflow.followedEdges.randomElement(using: &random), let target = workflow.block(edge.target)
        else { return nil }
        let parent = target.parentID
        let data = parent.map { JSONObject([.init(key: "parentId", value: .string($0.text))]) } ?? JSONObject()
        let block = Block(id: new, type: "agent", name: "New", data: data)
        let isNamed = workflow.block(edge.source)?.type == "router" && edge.sourceHandle?.hasPrefix("router-") == true
        let edges = [
            Edge(
                id: "new in", source: edge.source, target: new,
                sourceHandle: isNamed ? "router-b7new" : edge.sourceHandle),
            Edge(id: "new out", source: new, target: edge.target, sourceHandle: "source"),
        ]
        let after = workflow.with(
            blocks: workflow.blocks + [block], edges: workflow.edges.filter { $0.id != edge.id } + edges,
            members: { parent == $0.id ? $0.nodes + [new] : $0.nodes })
        return SmallEdit(
            after, blocks: Set([parent, new].compactMap(\.self)),
            sources: Set([edge.source, new, parent].compactMap(\.self)),
            targets: [edge.target])
    }

    private static func lostLeaf(_ workflow: WorkflowDefinition, _ random: inout SplitMix64) -> SmallEdit? {
        let left = Set(workflow.edges.map(\.source))
        let parents = Set(workflow.blocks.compactMap(\.parentID))
        let leaves = workflow.blocks.filter { !left.contains($0.id) && !parents.contains($0.id) && !$0.isTrigger }
        guard let leaf = leaves.randomElement(using: &random) else { return nil }
        let entering = workflow.edges.filter { $0.target == leaf.id }.map(\.source)
        let after = workflow.with(
            blocks: workflow.blocks.filter { $0.id != leaf.id }, edges: workflow.edges.filter { $0.target != leaf.id },
            members: { $0.nodes.filter { $0 != leaf.id } })
        let parent = [leaf.parentID].compactMap(\.self)
        return SmallEdit(after, blocks: Set(parent + [leaf.id]), sources: Set(entering + parent + [leaf.id]))
    }

    // MARK: Edges

    private static func newEdge(_ workflow: WorkflowDefinition, _ random: inout SplitMix64) -> SmallEdit? {
        let able = workflow.blocks.filter { !$0.isNote && $0.isEnabled }
        guard let source = able.randomElement(using: &random) else { return nil }
        let behind = WorkflowPorts(workflow).reachers(of: source.id)
        let targets = able.filter { target in
            !target.isTrigger && !behind.contains(target.id)
                && (target.parentID == source.id || target.parentID == source.parentID)
                && !workflow.edges.contains { $0.source == source.id && $0.target == target.id }
        }
        guard let target = targets.randomElement(using: &random) else { return nil }
        let handle = handle(of: source, to: target, &random)
        let edge = Edge(id: "new", source: source.id, target: target.id, sourceHandle: handle)
        return SmallEdit(
            workflow.with(edges: workflow.edges + [edge]),
            sources: Set([source.id, target.parentID].compactMap(\.self)),
            targets: [target.id])
    }

    private static func handle(of source: Block, to target: Block, _ random: inout SplitMix64) -> String {
        if source.isContainer {
            return target.parentID == source.id ? "\(source.type)-start-source" : "\(source.type)-end-source"
        }
        let rows = source.branches.map(\.sourceHandle)
        if !rows.isEmpty { return random.pick(rows) }
        return source.type == "router" ? "router-" + target.id.text : random.pick(["source", "error"])
    }

    private static func lostEdge(_ workflow: WorkflowDefinition, _ random: inout SplitMix64) -> SmallEdit? {
        guard let edge = workflow.edges.randomElement(using: &random) else { return nil }
        let parent = workflow.block(edge.target)?.parentID
        return SmallEdit(
            workflow.with(edges: workflow.edges.filter { $0.id != edge.id }),
            sources: Set([edge.source, parent].compactMap(\.self)), targets: [edge.target])
    }
}

extension WorkflowDefinition {
    /// The edges that executions can follow: between blocks that are there and switched on, in one container or into one.
    fileprivate var followedEdges: [Edge] {
        edges.filter { edge in
            guard let source = block(edge.source), let target = block(edge.target), !source.isNote, !target.isNote,
                source.isEnabled, target.isEnabled
            else { return false }
            return target.parentID == source.parentID || target.parentID == source.id
        }
    }

    /// The workflow with some parts exchanged.
    fileprivate func with(
        blocks: [Block]? = nil, edges: [Edge]? = nil, members: (Container) -> [ElementID] = { $0.nodes }
    ) -> WorkflowDefinition {
        func holding(_ container: Container) -> Container {
            Container(id: container.id, nodes: members(container), settings: container.settings)
        }
        return WorkflowDefinition(
            blocks: blocks ?? self.blocks, edges: edges ?? self.edges, loops: loops.map(holding),
            parallels: parallels.map(holding), variables: variables, metadata: metadata, extra: extra)
    }

    /// The workflow with one block changed.
    fileprivate func changing(_ id: ElementID, _ change: (Block) -> Block) -> WorkflowDefinition {
        with(blocks: blocks.map { $0.id == id ? change($0) : $0 })
    }
}

extension Block {
    fileprivate func with(name: String? = nil, subBlocks: [SubBlock]? = nil) -> Block {
        Block(
            id: id, type: type, name: name ?? self.name, position: position, subBlocks: subBlocks ?? self.subBlocks,
            outputs: outputs, isEnabled: isEnabled, data: data, extra: extra)
    }
}
