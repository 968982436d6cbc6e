import EventModel

/// One way out of a `condition` or a `router_v2`.
public struct Branch: Equatable, Sendable {
    /// Its id; the edge's handle is `condition-<id>` or `router-<id>`.
    public let id: String
    /// What the editor shows: `if`, `else if`, `else`, or the route's name.
    public let title: String
    /// The condition, or the route's description; empty for `else`.
    public let expression: String
    /// The source handle of edges that leave here.
    public let sourceHandle: String
}

extension Block {
    /// The rows of a condition or a router, in their order; empty when there are none or they cannot be read.
    ///
    /// Sim keeps them as JSON inside a string; plain arrays and the executor's spelling (`label`, `condition`) are read
    /// as well.
    public var branches: [Branch] {
        switch type {
        case "condition": branches(in: "conditions", handlePrefix: "condition-")
        case "router_v2": branches(in: "routes", handlePrefix: "router-")
        default: []
        }
    }

    private func branches(in subBlock: String, handlePrefix: String) -> [Branch] {
        var rows = value(subBlock)
        if let text = rows?.string { rows = try? JSONValue(text: text) }
        return (rows?.array ?? []).compactMap { row in
            guard let id = row["id"]?.string else { return nil }
            return Branch(
                id: id, title: (row["title"] ?? row["label"])?.string ?? "",
                expression: (row["value"] ?? row["condition"])?.string ?? "", sourceHandle: handlePrefix + id)
        }
    }
}
