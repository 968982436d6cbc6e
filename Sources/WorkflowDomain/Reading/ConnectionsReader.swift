import EventModel

/// Reads the structure of Sim's YAML, whether it came as YAML or as JSON:
/// `blocks.<id>{type, name, inputs, connections, parentId}`.
///
/// - `inputs` become sub-blocks, of a container its `data` (`iterations` is Sim's old word for `count`).
/// - `connections` become edges: `success` leaves by `source`, `error` by `error`, `conditions.<key>` by
///   `condition-<block>-<key>`, `loop|parallel.start|end` by the container's ports. A port's own name is taken as it is.
/// - A condition's rows `{if, else-if, else}` become the editor's JSON text, with a row for every branch that is connected.
enum ConnectionsReader {
    private static let topFields = Draft.stateFields.union(["version"])
    private static let blockFields: Set<String> = [
        "id", "type", "name", "inputs", "connections", "parentId", "position", "outputs", "enabled", "data",
    ]

    static func read(_ top: JSONObject, findings: inout Findings) -> Draft {
        var draft = Draft()
        for (key, object, place) in findings.keyedObjects(top, "blocks", at: .root) {
            guard let type = findings.requiredText(object, "type", at: place) else { continue }
            let connections = findings.object(object, "connections", at: place)
            var edges = ConnectionEdges(block: key, type: type)
            edges.read(connections, at: place["connections"], findings: &findings)
            draft.edges += edges.edges
            let block = block(
                object, key: key, type: type, branches: edges.branches, at: place, findings: &findings)
            draft.blocks.append(Placed(element: block, path: place))
        }
        ElementReader.readSurroundings(top, at: .root, into: &draft, findings: &findings)
        for field in ["name", "description"] {
            draft.metadata[field] = draft.metadata[field] ?? top[field]
        }
        draft.extra = top.removing(topFields.union(["name", "description"]))
        return draft
    }

    private static func block(
        _ object: JSONObject, key: String, type: String, branches: [String], at path: JSONPath,
        findings: inout Findings
    ) -> Block {
        let inputs = findings.object(object, "inputs", at: path)
        var data = findings.object(object, "data", at: path)
        var subBlocks: [SubBlock] = []
        if type == "loop" || type == "parallel" {
            for member in inputs.members {
                let field = member.key == "iterations" ? "count" : member.key
                data[field] = data[field] ?? member.value
            }
        } else {
            subBlocks = Self.subBlocks(inputs, block: key, type: type, branches: branches)
        }
        if let parent = findings.optionalText(object, "parentId", at: path) {
            data["parentId"] = .string(parent)
            data["extent"] = "parent"
        }
        return Block(
            id: ElementID(key), type: type, name: ElementReader.name(object, id: key, at: path, findings: &findings),
            position: ElementReader.position(object, at: path, findings: &findings), subBlocks: subBlocks,
            outputs: findings.object(object, "outputs", at: path),
            isEnabled: findings.optionalBool(object, "enabled", at: path) ?? true, data: data,
            extra: object.removing(blockFields))
    }

    private static func subBlocks(
        _ inputs: JSONObject, block: String, type: String, branches: [String]
    ) -> [SubBlock] {
        inputs.members.map { member in
            let rows = type == "condition" && member.key == "conditions" ? member.value.object : nil
            let value = rows.map { ConditionRows.text($0, block: block, connected: branches) } ?? member.value
            return SubBlock(id: ElementID(member.key), type: nil, value: value)
        }
    }
}

/// The rows of a condition, from YAML's `{if: …, else-if: …, else: …}` to the editor's JSON text.
enum ConditionRows {
    static func text(_ rows: JSONObject, block: String, connected: [String]) -> JSONValue {
        let keys = rows.keys + connected.filter { rows[$0] == nil }
        let ordered = keys.sorted(by: precedes)
        let value = JSONValue.array(
            ordered.map { key in
                [
                    "id": .string("\(block)-\(key)"), "title": .string(title(key)),
                    "value": .string(expression(key, rows[key])),
                ]
            })
        return .string(String(decoding: value.compactBytes(), as: UTF8.self))
    }

    static func precedes(_ left: String, _ right: String) -> Bool {
        let (leftRank, rightRank) = (rank(left), rank(right))
        return leftRank == rightRank ? JSONKeyOrder.precedes(left, right) : leftRank < rightRank
    }

    /// `if` first, then the `else-if`s by number, then names of other kinds, `else` last: the order in which they are
    /// tried, independent of the order in which an object's keys happen to be written.
    private static func rank(_ key: String) -> Int {
        if key == "if" { return 0 }
        if key == "else" { return .max }
        guard key.hasPrefix("else-if") else { return .max - 1 }
        return max(1, Int(key.dropFirst("else-if-".count)) ?? 1)
    }

    private static func title(_ key: String) -> String { key.hasPrefix("else-if") ? "else if" : key }

    private static func expression(_ key: String, _ value: JSONValue?) -> String {
        guard key != "else", let value, !value.isNull else { return "" }
        return value.string ?? String(decoding: value.compactBytes(), as: UTF8.self)
    }
}
