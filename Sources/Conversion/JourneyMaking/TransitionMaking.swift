import EventModel
import JourneyDomain
import WorkflowDomain

extension JourneyMaker {
    /// The transitions by the blocks that they leave, each block's in the order of its ports.
    mutating func makeTransitions() {
        if rootBlock == nil { begin() }
        for block in graph.blocks.indices where !isStateless(block) {
            if let split = folded[block] {
                leave(split, from: stateIDs[block])
            } else {
                leave(block, from: stateIDs[block])
            }
        }
        makeGates()
    }

    /// From the root to wherever the workflow can begin.
    private mutating func begin() {
        let starts = routing.flow.starts
        for start in starts {
            let condition = starts.count > 1 ? "the conversation begins with \(graph.blocks[start].title)" : nil
            add(
                JourneyTransition(
                    id: names.made("begin", graph.blocks[start].id.text), source: names.root,
                    target: target(.block(start)), condition: condition,
                    metadata: marked(JSONObject([.init(key: "made", value: "begin")]))))
        }
    }

    private mutating func leave(_ block: Int, from source: ElementID) {
        let ports = graph.ports[block]
        var ways = 0
        for index in ports.indices where isFollowed(index, of: block) { ways += 1 }
        for index in ports.indices where isFollowed(index, of: block) {
            let destination = routing.destination(of: index, of: block)
            let condition = PortWording.condition(
                of: ports[index].kind, ports[index].branch, of: graph.blocks[block], isOnly: ways == 1,
                target: ports[index].targets.first.map { graph.blocks[$0].title })
            add(transition(from: source, to: target(destination), condition, carrying: index, of: block))
        }
    }

    /// Whether a way out of a block has a transition.
    private func isFollowed(_ port: Int, of block: Int) -> Bool {
        let kind = graph.ports[block][port].kind
        if kind.isStart { return !graph.ports[block][port].targets.isEmpty }
        return !(graph.ports[block][port].edges.isEmpty && graph.overrides[block].isOpen)
    }

    private func transitionID(of port: Int, of block: Int, claimed: ElementID?) -> ElementID {
        guard let first = graph.ports[block][port].edges.first else {
            return names.made("next", graph.blocks[block].id.text, graph.ports[block][port].key)
        }
        if let claimed, !claimed.text.isEmpty, !takenTransitions.contains(claimed) { return claimed }
        let edge = graph.workflow.edges[first].id
        let own = names.element(edge)
        return takenTransitions.contains(own) ? names.made("edge", edge.text) : own
    }

    /// The transition by a port, with what its edges say about it, and with the edges themselves for the way back.
    private mutating func transition(
        from source: ElementID, to target: ElementID, _ condition: String?, carrying port: Int, of block: Int
    ) -> JourneyTransition {
        let edges = graph.ports[block][port].edges
        let said = edges.first.map { Overrides(ofEdge: graph.workflow.edges[$0].extra) } ?? Overrides(nil)
        let id = transitionID(of: port, of: block, claimed: said.id)
        // It is the next one to be added.
        for edge in edges { links[edge] = transitions.count }
        sources.append((transitions.count, block, port))
        let native = JourneyTransition(
            id: id, source: source, target: target, condition: condition,
            metadata: said.object.isEmpty ? marked(complement(of: port, of: block)) : JSONObject())
        guard !said.object.isEmpty else { return native }
        let transition = TransitionOverrides.apply(said.object, to: native)
        guard keepsComplement else { return transition }
        var metadata = transition.metadata
        metadata[Complement.key] = .object(complement(of: port, of: block))
        return transition.replacing(metadata: metadata)
    }

    /// What a transition keeps of its edges, and where it belongs. Members are set in canonical order.
    private func complement(of port: Int, of block: Int) -> JSONObject {
        guard keepsComplement else { return JSONObject() }
        let edges = graph.ports[block][port].edges
        var kept = JSONObject()
        kept.reserveCapacity(4)
        kept["block"] = .string(graph.blocks[block].id.text)
        if !edges.isEmpty { kept["edges"] = .array(edges.map { graph.workflow.edges[$0].canonicalValue }) }
        if graph.ports[block][port].targets.count > 1 { kept["group"] = .array(visits(of: port, of: block)) }
        if edges.isEmpty { kept["made"] = "next" }
        kept["port"] = .string(graph.ports[block][port].key)
        return kept
    }

    /// The blocks that run side by side behind a port, in the order in which they are visited.
    private func visits(of port: Int, of block: Int) -> [JSONValue] {
        let elements =
            routing.plan.elements[routing.flow.portBase[block] + port]
            ?? Array(graph.ports[block][port].targets)
        return elements.map { .string(graph.blocks[$0].id.text) }
    }

    mutating func add(_ transition: JourneyTransition) {
        if edgesClaimIDs { takenTransitions.insert(transition.id) }
        transitions.append(transition)
    }
}

extension JourneyTransition {
    /// This transition with other metadata.
    func replacing(metadata: JSONObject) -> JourneyTransition {
        JourneyTransition(
            id: id, source: source, target: target, condition: condition, metadata: metadata, extra: extra)
    }
}
