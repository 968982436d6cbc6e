import EventModel

extension WorkflowDifference {
    /// The difference for people, one line for each element: `block «Refund» added`.
    ///
    /// - Parameters:
    ///   - old: the definition before, which names what is gone; ids stand in where it is not at hand.
    ///   - new: the definition after.
    public func lines(from old: WorkflowDefinition?, to new: WorkflowDefinition) -> [String] {
        let (before, after) = (old.map(ElementNames.init), ElementNames(new))
        func lines(_ kind: String, _ elements: Elements, _ names: KeyPath<ElementNames, [ElementID: String]>)
            -> [String]
        {
            func line(_ id: ElementID, _ verb: String) -> String {
                let name = after[keyPath: names][id] ?? before?[keyPath: names][id] ?? id.text
                return "\(kind) «\(name)» \(verb)"
            }
            return elements.added.map { line($0, "added") } + elements.removed.map { line($0, "removed") }
                + elements.changed.map { line($0, "changed") }
        }
        var all = lines("block", blocks, \.blocks) + lines("edge", edges, \.edges)
        // A loop is added and removed with its block; what is worth a line is that it repeats differently.
        all += lines("loop or parallel", Elements(changed: containers.changed), \.blocks)
        all += lines("variable", variables, \.variables)
        if metadata { all.append("name, description or other metadata changed") }
        if isTruncated { all.append("and more, which the event has no room for") }
        return all
    }
}

extension WorkflowChange {
    /// The change for people, one line for each element: `block «Refund» moved`.
    ///
    /// - Parameter definition: the definition before it, which names the elements; ids stand in for what it does not have.
    public func lines(before definition: WorkflowDefinition) -> [String] {
        let names = ElementNames(definition)
        func block(_ id: ElementID) -> String { names.blocks[id] ?? id.text }
        func blocks(_ ids: [ElementID], _ verb: String) -> [String] { ids.map { "block «\(block($0))» \(verb)" } }
        func gone(_ ids: [ElementID]) -> [String] { ids.map { "edge «\(names.edges[$0] ?? $0.text)» removed" } }
        func added(_ edges: [Edge], _ part: [Block] = []) -> [String] {
            let names = ElementNames(WorkflowDefinition(blocks: definition.blocks + part, edges: edges))
            return edges.map { "edge «\(names.edges[$0.id] ?? $0.id.text)» added" }
        }
        switch self {
        case .renamed(let name): return ["workflow renamed to «\(name)»"]
        case .blocksAdded(let part):
            return part.blocks.map { "block «\($0.name)» added" } + added(part.edges, part.blocks)
        case .blocksRemoved(let ids, let edges): return blocks(ids, "removed") + gone(edges)
        case .blocksMoved(let places): return blocks(places.map(\.block), "moved")
        case .blockRenamed(let id, let name): return blocks([id], "renamed to «\(name)»")
        case .blocksEnabled(let ids, let isEnabled): return blocks(ids, isEnabled ? "enabled" : "disabled")
        case .blocksLocked(let ids, let isLocked): return blocks(ids, isLocked ? "locked" : "unlocked")
        case .blocksReparented(let moves, let edges):
            return moves.map { move in
                "block «\(block(move.block))» " + (move.parent.map { "put into «\(block($0))»" } ?? "taken out")
            } + gone(edges)
        case .blocksConfigured(let configurations): return blocks(configurations.map(\.block), "configured")
        case .subBlocksChanged(let changes):
            return changes.map { "input «\($0.subBlock)» of block «\(block($0.block))» changed" }
        case .edgesAdded(let edges): return added(edges)
        case .edgesRemoved(let ids): return gone(ids)
        case .subflowChanged(let id, _, _): return ["loop or parallel «\(block(id))» changed"]
        case .variableSet(let variable): return ["variable «\(variable.name)» set"]
        case .variableRemoved(let id): return ["variable «\(names.variables[id] ?? id.text)» removed"]
        }
    }
}

/// What people call the elements of a definition.
private struct ElementNames {
    let blocks: [ElementID: String]
    let edges: [ElementID: String]
    let variables: [ElementID: String]

    init(_ definition: WorkflowDefinition) {
        let names = Self.keyed(definition.blocks.map { ($0.id, $0.name) })
        blocks = names
        edges = Self.keyed(
            definition.edges.map { edge in
                (edge.id, "\(names[edge.source] ?? edge.source.text) → \(names[edge.target] ?? edge.target.text)")
            })
        variables = Self.keyed(definition.variables.map { ($0.id, $0.name) })
    }

    private static func keyed(_ pairs: [(ElementID, String)]) -> [ElementID: String] {
        Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
}
