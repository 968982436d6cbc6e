import EventModel

extension Mapping {
    /// The mapping as canonical JSON: `{workflow: {id, digest}, journey: {id, digest}, rules, nodes, edges, variables}`.
    public var canonicalValue: JSONValue {
        let value: JSONValue = [
            "workflow": ["id": .string(workflowID), "digest": .string(workflowDigest.hexadecimal)],
            "journey": ["id": .string(journeyID), "digest": .string(journeyDigest.hexadecimal)],
            "rules": .number(JSONNumber(rules)),
            "nodes": .array(nodes.map { ["block": .string($0.block.text), "states": Self.list($0.states)] }),
            "edges": .array(links.map { ["edge": .string($0.edge.text), "transitions": Self.list($0.transitions)] }),
            "variables": .array(contexts.map { ["variable": .string($0.variable.text), "key": .string($0.key)] }),
        ]
        return value.canonicalized
    }

    /// The canonical form as bytes.
    public func canonicalBytes() -> [UInt8] { canonicalValue.compactBytes() }

    /// SHA-256 of the canonical form.
    public var digest: ContentDigest { ContentDigest(of: canonicalBytes()) }

    private static func list(_ ids: [ElementID]) -> JSONValue { .array(ids.map { .string($0.text) }) }

    /// Reads back what ``canonicalValue`` answered.
    public init(_ reader: PayloadReader) throws(EventFlaw) {
        let workflow = try reader.nested("workflow")
        let journey = try reader.nested("journey")
        var nodes: [Node] = []
        for node in try reader.elements("nodes") {
            nodes.append(Node(block: ElementID(try node.text("block")), states: try Self.ids(node, "states")))
        }
        var links: [Link] = []
        for link in try reader.elements("edges") {
            links.append(Link(edge: ElementID(try link.text("edge")), transitions: try Self.ids(link, "transitions")))
        }
        var contexts: [Context] = []
        for context in try reader.elements("variables") {
            contexts.append(
                Context(variable: ElementID(try context.text("variable")), key: try context.text("key")))
        }
        self.init(
            workflowID: try workflow.text("id"), journeyID: try journey.text("id"),
            workflowDigest: try workflow.digest("digest"),
            journeyDigest: try journey.digest("digest"),
            rules: try reader.int("rules"), nodes: nodes, links: links, contexts: contexts)
    }

    private static func ids(_ reader: PayloadReader, _ key: String) throws(EventFlaw) -> [ElementID] {
        try reader.texts(key).map { ElementID($0) }
    }
}
