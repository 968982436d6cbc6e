import EventModel
import JourneyDomain
import WorkflowDomain

/// Repeats on a workflow what was edited on its journey, where the workflow has a word for it. ``Settlement`` does the rest.
struct JourneyEdits {
    private(set) var draft: WorkflowDraft
    private let maker: JourneyMaker
    private let origins: [ElementID: (block: Int, port: Int)]
    private let before: JourneyDefinition
    private let after: JourneyDefinition
    /// The block of every state, for states that existed and, as they are added, for new ones.
    private var blocks: [ElementID: ElementID] = [:]

    /// - Parameters:
    ///   - workflow: what is left of the workflow.
    ///   - maker: the maker of `before`, its journey.
    ///   - after: the journey as it is now.
    init(
        _ workflow: WorkflowDefinition, maker: JourneyMaker, before: JourneyDefinition, after: JourneyDefinition,
        renamed: [ElementID: ElementID]
    ) {
        draft = WorkflowDraft(workflow, names: maker.names)
        self.maker = maker
        origins = maker.origins
        self.before = before
        self.after = after
        for block in maker.graph.blocks.indices where !maker.isStateless(block) {
            blocks[maker.stateID(block)] = maker.graph.blocks[block].id
        }
        for (state, block) in renamed {
            blocks[state] = block
            draft.override(block: block, with: JSONObject([.init(key: "id", value: .string(state.text))]))
        }
        editJourney()
        editStates()
        addStates()
        editTransitions()
        removeRows()
    }

    private mutating func editJourney() {
        if before.title != after.title, !after.title.isEmpty { draft.metadata["name"] = .string(after.title) }
        if before.summary != after.summary {
            draft.metadata["description"] = after.summary.isEmpty ? nil : .string(after.summary)
        }
    }

    private mutating func editStates() {
        let old = Dictionary(before.states.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for state in after.states {
            guard let id = blocks[state.id], let block = draft.blocks[id] else { continue }
            var edited = block
            let known = old[state.id]
            if known?.summary != state.summary, let name = state.summary, !name.isEmpty {
                edited = edited.replacing(name: name)
            }
            if let action = state.action, known?.action != action, let source = BlockWording(of: block).source {
                edited = source.replacing(action: action, in: edited) ?? edited
            }
            draft.blocks[id] = edited
        }
    }

    private mutating func addStates() {
        let added = after.states.filter { blocks[$0.id] == nil && !isMade($0) }
        guard !added.isEmpty else { return }
        let new = Set(added.map(\.id))
        var ways: [ElementID: [JourneyTransition]] = [:]
        var enteredFrom: [ElementID: ElementID] = [:]
        for way in after.transitions {
            if new.contains(way.source) { ways[way.source, default: []].append(way) }
            if enteredFrom[way.target] == nil { enteredFrom[way.target] = blocks[way.source] }
        }
        let layout = Layout(after)
        for state in added {
            let wanted = maker.names.element(of: state.id) ?? state.id
            let id = draft.freeBlockID(wanted.text)
            blocks[state.id] = id
            draft.add(
                state, as: id, isRoot: false, isLeaf: ways[state.id] == nil, at: layout.position(of: state.id))
            if maker.names.element(id) != state.id {
                draft.override(block: id, with: JSONObject([.init(key: "id", value: .string(state.id.text))]))
            }
            if let neighbour = enteredFrom[state.id] { draft.move(id, beside: neighbour) }
        }
        for state in added {
            guard let id = blocks[state.id] else { continue }
            let known = (ways[state.id] ?? []).filter { $0.target == JourneyState.end || blocks[$0.target] != nil }
            let end = known.contains { $0.target == JourneyState.end } ? draft.end() : JourneyState.end
            let targets = blocks
            draft.attach(known, to: id) { targets[$0.target] ?? end }
        }
    }

    /// Whether the conversion had made the state up.
    private func isMade(_ state: JourneyState) -> Bool { state.metadata[Complement.key]?["made"] != nil }

    private mutating func editTransitions() {
        let old = Dictionary(before.transitions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var new: [ElementID: [JourneyTransition]] = [:]
        for way in after.transitions {
            if let known = old[way.id] { edit(known, to: way) } else { new[way.source, default: []].append(way) }
        }
        let oldStates = Set(before.states.map(\.id))
        for state in after.states where oldStates.contains(state.id) {
            if let ways = new[state.id] { add(ways, to: state.id) }
        }
    }

    private mutating func edit(_ known: JourneyTransition, to way: JourneyTransition) {
        guard known != way, let origin = origins[way.id] else { return }
        let port = maker.graph.ports[origin.block][origin.port]
        let blockID = maker.graph.blocks[origin.block].id
        if known.condition != way.condition, let text = way.condition, let branch = port.branch, !branch.isElse,
            let block = draft.blocks[blockID]
        {
            var rows = BranchRows(of: block)
            rows.set(text, of: branch.id)
            draft.blocks[blockID] = rows.written(to: block)
        }
        guard known.target != way.target, port.edges.count == 1 else { return }
        let edge = maker.graph.workflow.edges[port.edges[0]]
        guard let target = way.target == JourneyState.end ? draft.end() : blocks[way.target] else { return }
        draft.edges[edge.id] = Edge(
            id: edge.id, source: edge.source, target: target, sourceHandle: edge.sourceHandle,
            targetHandle: edge.targetHandle, extra: edge.extra)
    }

    /// New ways out of a block that was there: rows of a condition, routes of a router, or the only way on.
    private mutating func add(_ ways: [JourneyTransition], to state: ElementID) {
        guard let id = blocks[state], let block = draft.blocks[id] else { return }
        let split = maker.graph.numbers[id].flatMap { maker.folded[$0] }.map { maker.graph.blocks[$0].id }
        let rowed = block.type == "condition" || block.type == "router_v2" ? id : split
        if let rowed {
            for way in ways {
                guard let target = target(of: way) else { continue }
                draft.addRow(for: way, to: rowed, target: target)
            }
            return
        }
        let leaves = maker.graph.numbers[id].map { maker.graph.ports[$0].contains { !$0.edges.isEmpty } } ?? false
        guard ways.count == 1, let way = ways.first, !leaves, let target = target(of: way) else { return }
        let handle = block.isContainer ? "\(block.type)-end-source" : "source"
        draft.addEdge(for: way.id, from: id, to: target, handle: handle)
    }

    private mutating func target(of way: JourneyTransition) -> ElementID? {
        way.target == JourneyState.end ? draft.end() : blocks[way.target]
    }

    /// A row whose way is gone goes, too; a row that never had an edge had a way nevertheless.
    private mutating func removeRows() {
        let present = Set(after.transitions.map(\.id))
        for way in before.transitions where !present.contains(way.id) {
            guard let origin = origins[way.id], blocks[way.source] != nil else { continue }
            let port = maker.graph.ports[origin.block][origin.port]
            let id = maker.graph.blocks[origin.block].id
            guard let branch = port.branch, port.edges.isEmpty, let block = draft.blocks[id] else { continue }
            var rows = BranchRows(of: block)
            rows.remove(branch.id)
            draft.blocks[id] = rows.written(to: block)
        }
    }
}

extension WorkflowDraft {
    /// Puts a block into the container that another is in.
    fileprivate mutating func move(_ id: ElementID, beside neighbour: ElementID) {
        guard let parent = blocks[neighbour]?.parentID, let block = blocks[id] else { return }
        var data = block.data
        data["parentId"] = .string(parent.text)
        data["extent"] = "parent"
        blocks[id] = block.replacing(data: data)
        func joined(_ container: Container) -> Container {
            guard container.id == parent else { return container }
            return Container(id: container.id, nodes: container.nodes + [id], settings: container.settings)
        }
        loops = loops.map(joined)
        parallels = parallels.map(joined)
    }
}
