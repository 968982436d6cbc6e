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
        let followed = ports.indices.filter { index in
            let isEmptyContainer = ports[index].kind == .start && ports[index].targets.isEmpty
            let staysOpen = ports[index].edges.isEmpty && ports[index].kind != .start && graph.overrides[block].isOpen
            return !isEmptyContainer && !staysOpen
        }
        for index in followed {
            let port = ports[index]
            let destination = routing.destination(of: index, of: block)
            let target = port.targets.first.map { graph.blocks[$0] }
            let condition = PortWording.condition(
                of: port, of: graph.blocks[block], isOnly: followed.count == 1, target: target)
            let native = JourneyTransition(
                id: transitionID(of: port, of: block), source: source, target: self.target(destination),
                condition: condition)
            add(transition(native, carrying: index, of: block))
        }
    }

    private func transitionID(of port: Port, of block: Int) -> ElementID {
        guard let first = port.edges.first else {
            return names.made("next", graph.blocks[block].id.text, port.key)
        }
        let edge = graph.workflow.edges[first]
        if let claimed = Overrides(of: edge).id, !claimed.text.isEmpty, !takenTransitions.contains(claimed) {
            return claimed
        }
        let own = names.element(edge.id)
        return takenTransitions.contains(own) ? names.made("edge", edge.id.text) : own
    }

    /// `native` with what its edges say about it, and with the edges themselves for the way back.
    private mutating func transition(
        _ native: JourneyTransition, carrying index: Int, of block: Int
    ) -> JourneyTransition {
        let port = graph.ports[block][index]
        for edge in port.edges { links[edge] = native.id }
        sources.append((native.id, block, index))
        let said = port.edges.first.map { Overrides(of: graph.workflow.edges[$0]).object } ?? JSONObject()
        let transition = TransitionOverrides.apply(said, to: native)
        guard keepsComplement else { return transition }
        var kept = JSONObject()
        if port.edges.isEmpty { kept["made"] = "next" }
        if !port.edges.isEmpty { kept["edges"] = .array(port.edges.map { graph.workflow.edges[$0].canonicalValue }) }
        kept["block"] = .string(graph.blocks[block].id.text)
        kept["port"] = .string(port.key)
        if port.targets.count > 1 { kept["group"] = .array(visits(of: index, of: block)) }
        var metadata = transition.metadata
        metadata[Complement.key] = .object(kept)
        return transition.replacing(metadata: metadata)
    }

    /// The blocks that run side by side behind a port, in the order in which they are visited.
    private func visits(of port: Int, of block: Int) -> [JSONValue] {
        let elements = routing.plan.elements[routing.flow.portBase[block] + port] ?? graph.ports[block][port].targets
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
