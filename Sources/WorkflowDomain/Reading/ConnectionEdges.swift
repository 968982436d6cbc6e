import EventModel

/// The edges that leave one YAML block, collected from its `connections`.
struct ConnectionEdges {
    private let block: String
    private let type: String
    private(set) var edges: [DraftEdge] = []
    /// The condition rows that are connected.
    private(set) var branches: [String] = []

    init(block: String, type: String) {
        self.block = block
        self.type = type
    }

    mutating func read(_ connections: JSONObject, at path: JSONPath, findings: inout Findings) {
        for member in connections.members {
            let place = path[member.key]
            switch member.key {
            case "success": add(member.value, handle: "source", at: place, findings: &findings)
            case "conditions": addConditions(member.value, at: place, findings: &findings)
            case "routes": addRoutes(member.value, at: place, findings: &findings)
            case "loop", "parallel": addPorts(member.value, kind: member.key, at: place, findings: &findings)
            case "outgoing": addOutgoing(member.value, at: place, findings: &findings)
            case "incoming": break  // said by the blocks on the other side
            case "true", "false": addCondition(member.key, member.value, at: place, findings: &findings)
            default: addPort(member.key, member.value, at: place, findings: &findings)
            }
        }
    }

    private mutating func add(_ value: JSONValue, handle: String, at path: JSONPath, findings: inout Findings) {
        switch value {
        case .null: break
        case .string(let target): add(target, handle: handle, at: path)
        case .array(let targets):
            for (index, target) in targets.enumerated() {
                if let target = target.string {
                    add(target, handle: handle, at: path[index])
                } else {
                    findings.problem(.wrongType(wanted: "a block's id", found: target.kind), at: path[index])
                }
            }
        case .bool, .number, .object:
            findings.problem(.wrongType(wanted: "a block's id or a list of them", found: value.kind), at: path)
        }
    }

    private mutating func add(_ target: String, handle: String, at path: JSONPath) {
        edges.append(
            DraftEdge(source: ElementID(block), target: ElementID(target), sourceHandle: handle, path: path))
    }

    private mutating func addConditions(_ value: JSONValue, at path: JSONPath, findings: inout Findings) {
        guard let rows = findings.object(value, at: path) else { return }
        for row in rows.members { addCondition(row.key, row.value, at: path[row.key], findings: &findings) }
    }

    private mutating func addCondition(
        _ row: String, _ value: JSONValue, at path: JSONPath, findings: inout Findings
    ) {
        branches.append(row)
        add(value, handle: "condition-\(block)-\(row)", at: path, findings: &findings)
    }

    private mutating func addRoutes(_ value: JSONValue, at path: JSONPath, findings: inout Findings) {
        guard let routes = findings.object(value, at: path) else { return }
        for route in routes.members {
            add(route.value, handle: "router-\(route.key)", at: path[route.key], findings: &findings)
        }
    }

    private mutating func addPorts(_ value: JSONValue, kind: String, at path: JSONPath, findings: inout Findings) {
        guard let ports = findings.object(value, at: path) else { return }
        for port in ports.members {
            if port.key != "start" && port.key != "end" {
                findings.warn(.unknownConnection("\(kind).\(port.key)"), at: path[port.key])
            }
            add(port.value, handle: "\(kind)-\(port.key)-source", at: path[port.key], findings: &findings)
        }
    }

    /// A port under its own name, or something that we do not know.
    private mutating func addPort(_ key: String, _ value: JSONValue, at path: JSONPath, findings: inout Findings) {
        if case .other = Handle(key) { findings.warn(.unknownConnection(key), at: path) }
        add(value, handle: key, at: path, findings: &findings)
    }

    /// `outgoing: [{target, sourceHandle}]`, as some releases wrote it.
    private mutating func addOutgoing(_ value: JSONValue, at path: JSONPath, findings: inout Findings) {
        guard let listed = value.array else {
            return findings.problem(.wrongType(wanted: "an array", found: value.kind), at: path)
        }
        for (index, value) in listed.enumerated() {
            let place = path[index]
            guard let object = findings.object(value, at: place),
                let target = findings.requiredText(object, "target", at: place)
            else { continue }
            edges.append(
                DraftEdge(
                    id: findings.optionalText(object, "id", at: place), source: ElementID(block),
                    target: ElementID(target),
                    sourceHandle: findings.optionalText(object, "sourceHandle", at: place),
                    targetHandle: findings.optionalText(object, "targetHandle", at: place), path: place))
        }
    }
}
