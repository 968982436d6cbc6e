import EventModel
import JourneyDomain
import WorkflowDomain

extension JourneyMaker {
    /// The states that stand for blocks, and the root.
    mutating func makeStates() {
        if rootBlock == nil {
            let note: JSONObject = JSONObject([.init(key: "made", value: "root")])
            states.append(JourneyState(id: names.root, kind: nil, metadata: marked(note)))
        }
        for block in graph.blocks.indices where !isStateless(block) { states.append(state(of: block)) }
    }

    private func state(of number: Int) -> JourneyState {
        let wording = BlockWording(of: graph.blocks[number])
        let isRoot = number == rootBlock
        let name = graph.blocks[number].name
        let said = graph.overrides[number].object
        let native = JourneyState(
            id: stateIDs[number], kind: isRoot ? nil : wording.kind, action: isRoot ? nil : wording.action,
            summary: name.isEmpty ? nil : name, tools: isRoot ? [] : wording.tools,
            metadata: said.isEmpty ? marked(complement(of: number)) : JSONObject())
        guard !said.isEmpty else { return native }
        let state = StateOverrides.apply(said, to: native)
        guard keepsComplement else { return state }
        var metadata = state.metadata
        metadata[Complement.key] = .object(complement(of: number))
        return state.replacing(metadata: metadata)
    }

    /// What a state keeps of its block, and of the condition that is folded into it.
    private func complement(of block: Int) -> JSONObject {
        guard keepsComplement else { return JSONObject() }
        var kept = Complement.of(block, in: graph, containers: containers)
        if let folded = folded[block] {
            kept["split"] = .object(Complement.of(folded, in: graph, containers: containers))
            kept["link"] = graph.ports[block].first?.edges.first.map { graph.workflow.edges[$0].canonicalValue }
        }
        return kept
    }

    /// `note` as metadata, where the journey keeps such.
    func marked(_ note: JSONObject) -> JSONObject {
        guard keepsComplement else { return JSONObject() }
        return JSONObject([.init(key: Complement.key, value: .object(note))])
    }

    /// The states that ask whether something is due, for all gates that transitions lead to.
    mutating func makeGates() {
        var next = 0
        while next < gates.count {
            makeGate(gates[next])
            next += 1
        }
    }

    private mutating func makeGate(_ gate: Routing.Destination) {
        let due = routing.destination(behindGate: gate)
        let past = routing.destination(pastGate: gate)
        let id = self.id(of: gate)
        let title = if case .block(let block) = due { graph.blocks[block].title } else { "what follows" }
        let note = JSONObject([.init(key: "made", value: "gate")])
        states.append(
            JourneyState(
                id: id, kind: .fork,
                action: "Find out whether \(title) is due, which depends on what was decided before",
                metadata: marked(note)))
        if case .elementGate(let block) = gate { gateNodes[block, default: []].append(id) }
        for (answer, condition, destination) in [
            ("yes", "\(title) is due", due), ("no", PortWording.otherwise, past),
        ] {
            let way = ElementID(id.text + "~" + answer)
            add(
                JourneyTransition(
                    id: way, source: id, target: target(destination), condition: condition, metadata: marked(note)))
        }
    }

    /// The id of the state that a way leads to.
    mutating func target(_ destination: Routing.Destination) -> ElementID {
        switch destination {
        case .block(let block): return stateID(block)
        case .end: return JourneyState.end
        case .elementGate, .exitGate:
            if seenGates.insert(destination).inserted { gates.append(destination) }
            return id(of: destination)
        }
    }

    private func id(of gate: Routing.Destination) -> ElementID {
        switch gate {
        case .elementGate(let block): return names.made("due", graph.blocks[block].id.text)
        case .exitGate(let node):
            let block = routing.flow.portBlocks[node - graph.blocks.count]
            let key = routing.flow.port(node)?.key ?? ""
            return names.made("after", graph.blocks[block].id.text, key)
        case .block(let block): return stateID(block)
        case .end: return JourneyState.end
        }
    }
}

extension JourneyState {
    /// This state with other metadata.
    func replacing(metadata: JSONObject) -> JourneyState {
        JourneyState(
            id: id, kind: kind, action: action, summary: summary, tools: tools, labels: labels,
            compositionMode: compositionMode, metadata: metadata, extra: extra)
    }
}
