import EventModel

/// Independent writers of the formats: they share nothing with the readers.
extension RandomWorkflow {
    func handle(of link: Link) -> String {
        let type = steps.first { $0.id == link.source }?.type ?? ""
        switch link.port {
        case "success": return "source"
        case "error": return "error"
        case "start", "end": return "\(type)-\(link.port)-source"
        default: return "condition-\(link.source)-\(link.port)"
        }
    }

    private var edges: JSONValue {
        .array(
            links.map { link in
                [
                    "source": .string(link.source), "target": .string(link.target),
                    "sourceHandle": .string(handle(of: link)),
                ]
            })
    }

    private func rows(_ step: Step) -> JSONValue {
        let rows = step.branches.map { branch -> String in
            let title = branch.key.hasPrefix("else-if") ? "else if" : branch.key
            return #"{"id":"\#(step.id)-\#(branch.key)","title":"\#(title)","value":"\#(branch.expression)"}"#
        }
        return .string("[" + rows.joined(separator: ",") + "]")
    }

    private func params(_ step: Step) -> JSONObject {
        var params = step.inputs
        if !step.branches.isEmpty { params["conditions"] = rows(step) }
        return params
    }

    private func data(_ step: Step) -> JSONObject {
        var data = step.settings
        if let parent = step.parent {
            data["parentId"] = .string(parent)
            data["extent"] = "parent"
        }
        return data
    }

    var state: JSONValue {
        let blocks = steps.map { step -> JSONObject.Member in
            let subBlocks = params(step).members.map { member in
                JSONObject.Member(key: member.key, value: ["id": .string(member.key), "value": member.value])
            }
            return .init(
                key: step.id,
                value: [
                    "id": .string(step.id), "type": .string(step.type), "name": .string("N " + step.id),
                    "position": ["x": 1, "y": 2], "subBlocks": .object(JSONObject(subBlocks)), "outputs": [:],
                    "enabled": true, "data": .object(data(step)),
                ])
        }
        return [
            "blocks": .object(JSONObject(blocks)), "edges": edges, "loops": [:], "parallels": [:],
            "variables": .object(variables), "metadata": .object(metadata),
        ]
    }

    var export: JSONValue { ["version": "1.0", "exportedAt": "2026-01-01T00:00:00.000Z", "state": state] }

    var apiV2: JSONValue {
        let workflow: JSONValue = ["id": "wf-1", "name": metadata["name"] ?? .null]
        return [
            "data": ["version": "1.0", "exportedAt": "2026-02-02T00:00:00.000Z", "workflow": workflow, "state": state]
        ]
    }

    var serialized: JSONValue {
        let blocks = steps.map { step -> JSONValue in
            let isContainer = step.type == "loop" || step.type == "parallel"
            return [
                "id": .string(step.id), "position": ["x": .number(JSONNumber("1.0") ?? JSONNumber(1)), "y": 2],
                "inputs": [:], "outputs": [:], "enabled": true,
                "config": ["params": .object(isContainer ? data(step) : params(step))],
                "metadata": ["id": .string(step.type), "name": .string("N " + step.id)],
            ]
        }
        return [
            "version": "1.0", "blocks": .array(blocks), "connections": edges,
            "loops": containers("loop", "loopType", "for", "iterations"),
            "parallels": containers("parallel", "parallelType", "count", "count"),
            "variables": .object(variables), "metadata": .object(metadata),
        ]
    }

    private func containers(_ type: String, _ kindField: String, _ kind: String, _ countField: String) -> JSONValue {
        .object(
            JSONObject(
                steps.filter { $0.type == type }.map { step in
                    let nodes = steps.filter { $0.parent == step.id }.map { JSONValue.string($0.id) }
                    return .init(
                        key: step.id,
                        value: .object(
                            JSONObject([
                                .init(key: "id", value: .string(step.id)), .init(key: "nodes", value: .array(nodes)),
                                .init(key: kindField, value: .string(kind)), .init(key: "enabled", value: true),
                                .init(key: countField, value: step.settings["count"] ?? 0),
                            ])))
                }))
    }

    /// The structure of YAML, as JSON (which is YAML, too).
    var connectionsForm: JSONValue {
        let blocks = steps.map { step -> JSONObject.Member in
            let isContainer = step.type == "loop" || step.type == "parallel"
            var inputs = isContainer ? step.settings : step.inputs
            if !step.branches.isEmpty {
                inputs["conditions"] = .object(
                    JSONObject(step.branches.map { .init(key: $0.key, value: .string($0.expression)) }))
            }
            var object = JSONObject([
                .init(key: "type", value: .string(step.type)), .init(key: "name", value: .string("N " + step.id)),
                .init(key: "inputs", value: .object(inputs)), .init(key: "connections", value: connections(of: step)),
                .init(key: "position", value: ["x": 1, "y": 2]),
            ])
            object["parentId"] = step.parent.map(JSONValue.string)
            return .init(key: step.id, value: .object(object))
        }
        return [
            "version": "1.0", "blocks": .object(JSONObject(blocks)), "variables": .object(variables),
            "metadata": .object(metadata),
        ]
    }

    private func connections(of step: Step) -> JSONValue {
        var connections = JSONObject()
        func targets(_ port: String) -> JSONValue? {
            let targets = links.filter { $0.source == step.id && $0.port == port }.map { JSONValue.string($0.target) }
            return targets.isEmpty ? nil : targets.count == 1 ? targets[0] : .array(targets)
        }
        connections["success"] = targets("success")
        connections["error"] = targets("error")
        let branches = step.branches.compactMap { branch in
            targets(branch.key).map { JSONObject.Member(key: branch.key, value: $0) }
        }
        if !branches.isEmpty { connections["conditions"] = .object(JSONObject(branches)) }
        let ports = ["start", "end"].compactMap { port in
            targets(port).map { JSONObject.Member(key: port, value: $0) }
        }
        if !ports.isEmpty { connections[step.type] = .object(JSONObject(ports)) }
        return .object(connections)
    }
}
