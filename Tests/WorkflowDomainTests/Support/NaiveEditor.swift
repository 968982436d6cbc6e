import EventModel
import WorkflowDomain

/// Edits applied straight to the JSON of a state, without events: what a definition must come to. It trusts that the edit is allowed.
struct NaiveEditor {
    private(set) var state: JSONValue

    init(_ definition: WorkflowDefinition) { state = definition.canonicalValue }

    private subscript(_ field: String) -> JSONObject {
        get { state[field]?.object ?? JSONObject() }
        set {
            var object = state.object ?? JSONObject()
            object[field] = .object(newValue)
            state = .object(object)
        }
    }

    private var edges: [JSONValue] {
        get { state["edges"]?.array ?? [] }
        set {
            var object = state.object ?? JSONObject()
            object["edges"] = .array(newValue.sorted { ElementID($0.id) < ElementID($1.id) })
            state = .object(object)
        }
    }

    mutating func apply(_ edit: WorkflowEdit) {
        switch edit {
        case .addBlocks(let part): add(part)
        case .removeBlocks(let ids): remove(Set(ids.flatMap { inside($0.text) + [$0.text] }))
        case .moveBlocks(let places):
            for place in places where !isProtected(place.block.text) {
                block(place.block) {
                    $0["position"] = ["x": .number(place.position.x), "y": .number(place.position.y)]
                }
            }
        case .renameBlock(let id, let name): block(id) { $0["name"] = .string(name) }
        case .enableBlocks(let ids, let isEnabled):
            let ids = ids.map(\.text).filter { !isProtected($0) }
            for id in ids { enable(id, isEnabled) }
            for id in ids.flatMap({ inside($0) }) where self["blocks"][id]?["locked"] != true {
                enable(id, isEnabled)
            }
        case .lockBlocks(let ids, let isLocked):
            for id in ids.flatMap({ inside($0.text) + [$0.text] }) {
                block(ElementID(id)) { $0["locked"] = isLocked ? true : nil }
            }
        case .reparentBlocks(let moves): reparent(moves)
        case .configureBlocks(let configurations):
            for configuration in configurations {
                block(configuration.block) { block in
                    for field in configuration.fields.members {
                        block[field.key] = field.value.isNull ? nil : field.value
                    }
                }
            }
        case .setSubBlocks(let edits): for edit in edits { set(edit.change) }
        case .addEdges(let added): connect(added)
        case .removeEdges(let ids): edges = edges.filter { edge in !ids.contains { $0.text == edge.id } }
        case .configureSubflow(let id, let settings): configure(id, settings)
        case .setVariable(let variable):
            var variables = self["variables"]
            variables[variable.id.text] = variable.canonicalValue
            self["variables"] = variables
        case .changeVariable(let id, let field, let value):
            var variable = self["variables"][id.text]?.object ?? JSONObject()
            variable[field] = value
            var variables = self["variables"]
            variables[id.text] = .object(variable)
            self["variables"] = variables
        case .removeVariable(let id):
            var variables = self["variables"]
            variables[id.text] = nil
            self["variables"] = variables
        }
        refreshNodes()
    }

    private mutating func block(_ id: ElementID, _ body: (inout JSONObject) -> Void) {
        var blocks = self["blocks"]
        guard case .object(var object)? = blocks[id.text] else { return }
        body(&object)
        blocks[id.text] = .object(object)
        self["blocks"] = blocks
    }

    /// Whether a lock on the block or around it leaves it out of a batch.
    private func isProtected(_ id: String) -> Bool {
        var next: String? = id
        while let id = next {
            if self["blocks"][id]?["locked"] == true { return true }
            next = self["blocks"][id]?["data"]?["parentId"]?.string
        }
        return false
    }

    private func inside(_ id: String) -> [String] {
        let children = self["blocks"].members.filter { $0.value["data"]?["parentId"]?.string == id }.map(\.key)
        return children + children.flatMap(inside)
    }

    private mutating func add(_ part: WorkflowPart) {
        for added in part.blocks where self["blocks"][added.id.text] == nil {
            var blocks = self["blocks"]
            blocks[added.id.text] = added.canonicalValue
            self["blocks"] = blocks
            guard added.isContainer else { continue }
            var container = JSONObject([.init(key: "id", value: .string(added.id.text))])
            container["enabled"] = .bool(added.isEnabled)
            if added.type == "loop" { container["loopType"] = "for" } else { container["parallelType"] = "count" }
            container[added.type == "loop" ? "iterations" : "count"] = added.data["count"]
            var containers = self["\(added.type)s"]
            containers[added.id.text] = .object(container)
            self["\(added.type)s"] = containers
        }
        connect(part.edges)
    }

    private mutating func connect(_ added: [Edge]) {
        for edge in added where !edges.contains(where: { $0.id == edge.id.text }) { edges += [edge.canonicalValue] }
    }

    private mutating func remove(_ ids: Set<String>) {
        edges = edges.filter { !ids.contains($0["source"]?.string ?? "") && !ids.contains($0["target"]?.string ?? "") }
        for field in ["blocks", "loops", "parallels"] { self[field] = self[field].removing(ids) }
    }

    private mutating func enable(_ id: String, _ isEnabled: Bool) {
        block(ElementID(id)) { $0["enabled"] = .bool(isEnabled) }
        for field in ["loops", "parallels"] {
            var containers = self[field]
            guard case .object(var container)? = containers[id] else { continue }
            container["enabled"] = .bool(isEnabled)
            containers[id] = .object(container)
            self[field] = containers
        }
    }

    private mutating func reparent(_ moves: [BlockReparenting]) {
        for move in moves {
            let before = self["blocks"]
            let stays = before[move.block.text]?["data"]?["parentId"]?.string == move.parent?.text
            block(move.block) { block in
                if let place = move.position { block["position"] = ["x": .number(place.x), "y": .number(place.y)] }
                guard !stays else { return }
                var data = block["data"]?.object ?? JSONObject()
                data["parentId"] = move.parent.map { .string($0.text) }
                data["extent"] = move.parent == nil ? nil : "parent"
                block["data"] = data.isEmpty ? nil : .object(data)
            }
            guard !stays else { continue }
            let blocks = self["blocks"]
            func parent(_ id: String?) -> String? { id.flatMap { blocks[$0]?["data"]?["parentId"]?.string } }
            edges = edges.filter { edge in
                let (source, target) = (edge["source"]?.string, edge["target"]?.string)
                guard source == move.block.text || target == move.block.text else { return true }
                let startsInside = edge["sourceHandle"]?.string?.hasSuffix("-start-source") == true
                return parent(target) == (startsInside ? source : parent(source))
            }
        }
    }

    private mutating func set(_ change: SubBlockChange) {
        block(change.block) { block in
            var subBlocks = block["subBlocks"]?.object ?? JSONObject()
            var subBlock =
                subBlocks[change.subBlock.text]?.object
                ?? JSONObject([
                    .init(key: "id", value: .string(change.subBlock.text)), .init(key: "type", value: "unknown"),
                ])
            subBlock["value"] = change.value
            subBlocks[change.subBlock.text] = .object(subBlock)
            block["subBlocks"] = .object(subBlocks)
        }
    }

    private mutating func configure(_ id: ElementID, _ settings: JSONObject) {
        for (field, word) in [("loops", "iterations"), ("parallels", "count")] {
            var containers = self[field]
            guard let present = containers[id.text] else { continue }
            var container = settings
            container["enabled"] = settings["enabled"] ?? present["enabled"]
            container["id"] = .string(id.text)
            containers[id.text] = .object(container)
            self[field] = containers
            block(id) { block in
                var data = block["data"]?.object ?? JSONObject()
                data["count"] = settings[word] ?? data["count"]
                block["data"] = data.isEmpty ? nil : .object(data)
            }
        }
    }

    private mutating func refreshNodes() {
        for field in ["loops", "parallels"] {
            let members = self[field].members.map { member -> JSONObject.Member in
                var container = member.value.object ?? JSONObject()
                let children = self["blocks"].members.filter { $0.value["data"]?["parentId"]?.string == member.key }
                container["nodes"] = .array(
                    children.map { ElementID($0.key) }.sorted().map { .string($0.text) })
                return .init(key: member.key, value: .object(container))
            }
            self[field] = JSONObject(members)
        }
    }
}

extension JSONValue {
    fileprivate var id: String { self["id"]?.string ?? "" }
}
