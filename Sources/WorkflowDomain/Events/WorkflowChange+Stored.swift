import EventModel

extension WorkflowChange {
    /// The members of the event's data that are this change's own.
    var members: JSONObject {
        ownMembers.object ?? JSONObject()
    }

    private var ownMembers: JSONValue {
        switch self {
        case .renamed(let name): ["name": .string(name)]
        case .blocksAdded(let part): .object(part.members)
        case .blocksRemoved(let ids, let edges): ["blocks": .list(ids), "edges": .list(edges)]
        case .blocksMoved(let places):
            [
                "blocks": .array(
                    places.map { ["id": .string($0.block.text), "position": $0.position.value] })
            ]
        case .blockRenamed(let id, let name): ["id": .string(id.text), "name": .string(name)]
        case .blocksEnabled(let ids, _), .blocksLocked(let ids, _): ["blocks": .list(ids)]
        case .blocksReparented(let moves, let edges):
            ["blocks": .array(moves.map(\.value)), "edges": .list(edges)]
        case .blocksConfigured(let configurations): ["blocks": .array(configurations.map(\.value))]
        case .subBlocksChanged(let changes): ["changes": .array(changes.map { $0.row(with: $0.value) })]
        case .edgesAdded(let edges): ["edges": .array(edges.map(\.canonicalValue))]
        case .edgesRemoved(let ids): ["edges": .list(ids)]
        case .subflowChanged(let id, let settings, let data):
            ["data": .object(data), "id": .string(id.text), "settings": .object(settings)]
        case .variableSet(let variable): ["variable": variable.canonicalValue]
        case .variableRemoved(let id): ["id": .string(id.text)]
        }
    }

    /// Reads back what ``members`` answered for an event of this type.
    init(_ payload: PayloadReader, _ type: WorkflowEventType) throws(EventFlaw) {
        switch type {
        case .renamed: self = .renamed(try payload.text("name"))
        case .blockAdded: self = .blocksAdded(try WorkflowPart(payload))
        case .blockRemoved: self = .blocksRemoved(try payload.ids("blocks"), edges: try payload.ids("edges"))
        case .blockMoved:
            var places: [BlockPlace] = []
            for row in try payload.elements("blocks") {
                places.append(BlockPlace(try row.id("id"), at: try Position(row.nested("position"))))
            }
            self = .blocksMoved(places)
        case .blockRenamed: self = .blockRenamed(try payload.id("id"), name: try payload.text("name"))
        case .blockEnabled, .blockDisabled: self = .blocksEnabled(try payload.ids("blocks"), type == .blockEnabled)
        case .blockLocked, .blockUnlocked: self = .blocksLocked(try payload.ids("blocks"), type == .blockLocked)
        case .blockReparented:
            var moves: [BlockReparenting] = []
            for row in try payload.elements("blocks") { moves.append(try BlockReparenting(row)) }
            self = .blocksReparented(moves, removedEdges: try payload.ids("edges"))
        case .blockConfigured:
            var configurations: [BlockConfiguration] = []
            for row in try payload.elements("blocks") { configurations.append(try BlockConfiguration(row)) }
            self = .blocksConfigured(configurations)
        case .subBlockChanged:
            var changes: [SubBlockChange] = []
            for row in try payload.elements("changes") { changes.append(try SubBlockChange(row)) }
            self = .subBlocksChanged(changes)
        case .edgeAdded:
            self = .edgesAdded(try WorkflowPart(edges: payload.value("edges"), at: payload.path["edges"]).edges)
        case .edgeRemoved: self = .edgesRemoved(try payload.ids("edges"))
        case .subflowChanged:
            self = .subflowChanged(
                try payload.id("id"), settings: try payload.object("settings").canonicalized,
                data: try payload.object("data").canonicalized)
        case .variableSet: self = .variableSet(try Variable(payload.nested("variable")))
        case .variableRemoved: self = .variableRemoved(try payload.id("id"))
        case .imported, .revised, .originalKept, .replaced, .published, .unpublished, .archived, .restored:
            throw .unknown(type: EventType(trusting: type.rawValue), schemaVersion: type.schemaVersion)
        }
    }

    /// Bytes of the event's data when it is stored, at most: each value under a seal of its own where it has one.
    var storedBytes: Int {
        switch self {
        case .subBlocksChanged(let changes):
            changes.reduce(0) { bytes, change in
                let value = change.value.compactBytes().count
                return bytes + change.row(with: .null).compactBytes().count + SealedValue.storedBytes(sealing: value)
            }
        case .blocksAdded(let part): PersonalTree.workflow.storedBytes(of: part.value)
        case .renamed, .blocksRemoved, .blocksMoved, .blockRenamed, .blocksEnabled, .blocksLocked, .blocksReparented,
            .blocksConfigured, .edgesAdded, .edgesRemoved, .subflowChanged, .variableSet, .variableRemoved:
            JSONValue.object(members).compactBytes().count
        }
    }
}

extension WorkflowPart {
    /// The part as a state of its own.
    fileprivate var value: JSONValue {
        WorkflowDefinition(blocks: blocks, edges: edges, loops: loops, parallels: parallels).canonicalValue
    }

    fileprivate var members: JSONObject {
        WorkflowDefinition(blocks: blocks, edges: edges, loops: loops, parallels: parallels).stored(as: "added")
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let definition = try payload.definition("added")
        self.init(
            blocks: definition.blocks, edges: definition.edges, loops: definition.loops,
            parallels: definition.parallels)
    }

    /// Edges alone.
    fileprivate init(edges: JSONValue, at path: JSONPath) throws(EventFlaw) {
        do throws(WorkflowFormatError) {
            let state = JSONObject([.init(key: "blocks", value: [:]), .init(key: "edges", value: edges)])
            self.init(blocks: [], edges: try WorkflowDefinition(canonicalState: state).edges)
        } catch {
            throw .unexpected(path, value: error.description)
        }
    }
}

extension BlockReparenting {
    fileprivate var value: JSONValue {
        [
            "id": .string(block.text), "parent": parent.map { .string($0.text) } ?? .null,
            "position": position?.value ?? .null,
        ]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let position = try payload.optionalNested("position")
        self.init(
            try payload.id("id"), into: try payload.optionalText("parent").map { ElementID($0) },
            at: try position.map { nested throws(EventFlaw) in try Position(nested) })
    }
}

extension BlockConfiguration {
    fileprivate var value: JSONValue {
        [
            "canonicalModes": canonicalModes.map(JSONValue.object) ?? .null, "fields": .object(fields),
            "id": .string(block.text),
        ]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            try payload.id("id"), fields: try payload.object("fields"),
            canonicalModes: payload.has("canonicalModes") ? try payload.object("canonicalModes") : nil)
    }
}

extension SubBlockChange {
    fileprivate func row(with value: JSONValue) -> JSONValue {
        [
            "block": .string(block.text), "canonicalModes": canonicalModes.map(JSONValue.object) ?? .null,
            "subBlock": .string(subBlock.text), "value": value,
        ]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            try payload.id("block"), try payload.id("subBlock"), value: try payload.value("value"),
            canonicalModes: payload.has("canonicalModes") ? try payload.object("canonicalModes") : nil)
    }
}

extension Variable {
    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let object = payload.value.object ?? JSONObject()
        self.init(
            id: try payload.id("id"), name: try payload.text("name"), type: try payload.optionalText("type"),
            value: try payload.value("value"), extra: object.removing(["id", "name", "type", "value"]))
    }
}

extension Position {
    fileprivate var value: JSONValue { ["x": .number(x), "y": .number(y)] }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let (x, y) = (try payload.value("x"), try payload.value("y"))
        guard let right = x.number else { throw .wrongType(payload.path["x"], wanted: "a number", found: x.kind) }
        guard let down = y.number else { throw .wrongType(payload.path["y"], wanted: "a number", found: y.kind) }
        self.init(x: right, y: down)
    }
}
