import EventModel
import JourneyDomain
import WorkflowDomain

extension WorkflowDraft {
    /// Adds a block for a state that no block stands for yet; the state's ways out are attached by ``attach(_:to:ends:)``.
    mutating func add(_ state: JourneyState, as id: ElementID, isRoot: Bool, isLeaf: Bool, at position: Position) {
        let name = Self.name(for: state)
        var said = JSONObject()
        if isLeaf { said["open"] = true }
        let data = said.isEmpty ? JSONObject() : JSONObject.overrides(said.members)
        switch isRoot ? nil : state.kind {
        case nil where isRoot:
            blocks[id] = Block(id: id, type: "start_trigger", name: name, position: position, data: data)
        case .chat?, nil:
            blocks[id] = Block(
                id: id, type: "agent", name: name, position: position, subBlocks: Self.prompt(state), data: data)
        case .tool?: blocks[id] = Block(id: id, type: "api", name: name, position: position, data: data)
        case .fork?:
            said["complete"] = true
            blocks[id] = Block(
                id: id, type: "condition", name: name, position: position, data: .overrides(said.members))
        }
    }

    /// What people should know of the state, else the beginning of what is done in it, else its id.
    private static func name(for state: JourneyState) -> String {
        for text in [state.summary, state.action] {
            if let text, !text.isEmpty { return text == state.summary ? text : String(text.prefix(60)) }
        }
        return state.id.text
    }

    private static func prompt(_ state: JourneyState) -> [SubBlock] {
        guard let action = state.action, !action.isEmpty else { return [] }
        let message: JSONValue = ["content": .string(action), "role": "system"]
        return [SubBlock(id: "messages", type: "messages-input", value: [message])]
    }

    /// Adds the edges of all ways out of a new block. A block that is no condition and has several gets a condition behind it
    /// that splits them.
    mutating func attach(_ ways: [JourneyTransition], to id: ElementID, ends: (JourneyTransition) -> ElementID) {
        guard let block = blocks[id], let first = ways.first else { return }
        if block.type == "condition" {
            for way in ways { addRow(for: way, to: id, target: ends(way)) }
        } else if ways.count == 1 {
            addEdge(for: first.id, from: id, to: ends(first), handle: "source")
        } else {
            let split = freeBlockID(id.text + "-decision")
            let position = block.position.map { Self.shifted($0, by: 200) }
            var data = JSONObject.overrides([.init(key: "complete", value: true), .init(key: "inline", value: true)])
            for key in ["parentId", "extent"] { data[key] = block.data[key] }
            blocks[split] = Block(
                id: split, type: "condition", name: block.name + " decision", position: position, data: data)
            let link = freeEdgeID(split)
            edges[link] = Edge(id: link, source: id, target: split, sourceHandle: "source")
            for way in ways { addRow(for: way, to: split, target: ends(way)) }
        }
    }

    /// Adds an edge for the transition `id`.
    mutating func addEdge(for id: ElementID, from source: ElementID, to target: ElementID, handle: String?) {
        let edge = freeEdgeID(names.element(of: id) ?? id)
        edges[edge] = Edge(id: edge, source: source, target: target, sourceHandle: handle)
        if names.element(edge) != id { override(edge: edge, with: ["id": .string(id.text)]) }
    }

    /// Adds a row to a condition, or a route to a router, and the edge that leaves by it.
    mutating func addRow(for way: JourneyTransition, to id: ElementID, target: ElementID) {
        guard let block = blocks[id] else { return }
        let isRouter = block.type == "router_v2"
        let row = id.text + "-" + (names.element(of: way.id) ?? way.id).text
        let isElse = way.condition == PortWording.otherwise && !isRouter
        var rows = BranchRows(of: block)
        rows.append(
            id: row, title: isElse ? "else" : isRouter ? "" : rows.isEmpty ? "if" : "else if",
            expression: isElse ? "" : way.condition ?? "")
        blocks[id] = rows.written(to: block)
        addEdge(for: way.id, from: id, to: target, handle: (isRouter ? "router-" : "condition-") + row)
    }

    private static func shifted(_ position: Position, by distance: Int) -> Position {
        Position(x: JSONNumber((position.x.int ?? 0) + distance), y: position.y)
    }
}

/// The rows of a condition, or the routes of a router, as they are written in the block.
struct BranchRows {
    private let input: String
    private var rows: [JSONValue]
    private let isEncoded: Bool

    init(of block: Block) {
        input = block.type == "router_v2" ? "routes" : "conditions"
        let value = block.value(input)
        isEncoded = value?.array == nil
        rows = value?.array ?? value?.string.flatMap { try? JSONValue(text: $0) }?.array ?? []
    }

    var isEmpty: Bool { rows.isEmpty }

    mutating func append(id: String, title: String, expression: String) {
        rows.append(["id": .string(id), "title": .string(title), "value": .string(expression)])
    }

    /// Sets the expression of the row `id`, in the field in which it has one.
    mutating func set(_ expression: String, of id: String) {
        for (index, row) in rows.enumerated() where row["id"]?.string.map({ ElementID($0) }) == ElementID(id) {
            guard var object = row.object else { continue }
            object[object["value"] == nil && object["condition"] != nil ? "condition" : "value"] = .string(expression)
            rows[index] = .object(object)
        }
    }

    mutating func remove(_ id: String) {
        rows.removeAll { $0["id"]?.string.map { ElementID($0) } == ElementID(id) }
    }

    /// `block` with these rows.
    func written(to block: Block) -> Block {
        let list = JSONValue.array(rows)
        let value = isEncoded ? JSONValue.string(String(decoding: list.compactBytes(), as: UTF8.self)) : list
        guard block.value(input) != nil else {
            let added = SubBlock(
                id: ElementID(input), type: input == "routes" ? "router-input" : "condition-input", value: value)
            return block.replacing(subBlocks: block.subBlocks + [added])
        }
        return block.replacing(input: ElementID(input)) { _ in value }
    }
}
