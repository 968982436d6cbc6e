import EventModel
import JourneyDomain

/// A journey as our module keeps it in a Parlant server: whole, under a version.
struct KeptJourney: Sendable, Equatable {
    /// Why it cannot be kept.
    struct Flaw: Error {
        let problems: [(code: String, place: String, detail: String)]
    }

    private(set) var journey: JSONObject
    private(set) var nodes: [JSONValue]
    private(set) var edges: [JSONValue]
    private(set) var index: JourneyPathIndex
    private var count = 1

    /// The members of a journey that our module names; all others are kept as they come.
    private static let named = [
        "title", "description", "condition_texts", "labels", "tags", "priority", "composition_mode", "metadata",
        "root_id",
    ]
    /// What Parlant takes where nobody says anything.
    private static let empty: JSONObject = [
        "description": "", "condition_texts": [], "labels": [], "tags": [], "priority": 0, "composition_mode": .null,
        "metadata": [:],
    ]
    private static let emptyNode: JSONObject = [
        "kind": .null, "action": .null, "description": .null, "tools": [], "labels": [], "composition_mode": .null,
        "metadata": [:],
    ]
    private static let emptyEdge: JSONObject = ["condition": .null, "metadata": [:]]

    /// The journey of a request that makes one: `{journey, nodes, edges}`.
    init(_ body: JSONObject) throws(Flaw) {
        guard let journey = body["journey"]?.object, let nodes = body["nodes"]?.array, let edges = body["edges"]?.array
        else { throw Flaw("type", "journey", "journey, nodes and edges are needed") }
        try self.init(Self.empty.merging(journey), nodes, edges)
    }

    private init(_ journey: JSONObject, _ nodes: [JSONValue], _ edges: [JSONValue]) throws(Flaw) {
        self.journey = journey
        self.nodes = nodes.map { .object(Self.emptyNode.merging($0.object ?? JSONObject())) }
        self.edges = edges.map { .object(Self.emptyEdge.merging($0.object ?? JSONObject())) }
        index = try Self.index(journey, self.nodes, self.edges)
    }

    private static func index(
        _ journey: JSONObject, _ nodes: [JSONValue], _ edges: [JSONValue]
    ) throws(Flaw) -> JourneyPathIndex {
        var ids: Set<String> = [JourneyState.end.text]
        for (at, node) in nodes.enumerated() {
            guard let id = node["id"]?.string, ids.insert(id).inserted else {
                throw Flaw("duplicate", "nodes[\(at)].id", "a node needs an id of its own")
            }
        }
        for (at, edge) in edges.enumerated() {
            for end in ["source", "target"] where !(edge[end]?.string.map(ids.contains) ?? false) {
                throw Flaw("unknown_node", "edges[\(at)].\(end)", "an edge leads from a node to a node")
            }
        }
        var canonical = journey.removing(["id", "condition_texts"])
        canonical["conditions"] = journey["condition_texts"]
        canonical["nodes"] = .object(
            JSONObject(nodes.map { .init(key: $0["id"]?.string ?? "", value: $0) }))
        canonical["edges"] = .array(edges)
        do throws(JourneyFormatError) {
            return JourneyPathIndex(try JourneyDefinition(canonical: .object(canonical)))
        } catch {
            throw Flaw("invalid", "journey", "no journey: \(error)")
        }
    }

    /// The ids of its nodes, which no other journey of the server may use.
    var nodeIDs: Set<String> { Set(nodes.compactMap { $0["id"]?.string }) }

    /// Changes with every change.
    var version: String { "\(count).\(Mark.of([content.canonicalized.compactText]))" }

    private var content: JSONValue { ["journey": .object(journey), "nodes": .array(nodes), "edges": .array(edges)] }

    /// Whether `other` holds the same, whatever their versions.
    func holds(_ other: KeptJourney) -> Bool { content.canonicalized == other.content.canonicalized }

    /// The journey as a request changes it, in all that it names.
    func changed(by body: JSONObject) throws(Flaw) -> KeptJourney {
        var journey = journey
        for key in ["root_id", "condition_texts", "labels", "tags", "metadata"] where body[key] != nil {
            journey[key] = body[key]
        }
        if let extra = body["extra"]?.object {
            journey = journey.removing(Set(journey.keys).subtracting(Self.named)).merging(extra)
        }
        var changed = try KeptJourney(
            journey, body["nodes"]?.array ?? nodes, body["edges"]?.array ?? edges)
        changed.count = count + 1
        return changed
    }

    /// The whole, as our module answers it.
    func whole(_ id: String, changed: Bool? = nil) -> JSONValue {
        var told = journey
        told["id"] = .string(id)
        told["conditions"] = .array(
            (journey["condition_texts"]?.array ?? []).indices.map { .string(Mark.of([id, "condition", "\($0)"])) })
        var whole: JSONObject = [
            "version": .string(version), "journey": .object(told), "nodes": .array(nodes), "edges": .array(edges),
            "indexes": .object(
                JSONObject(
                    index.states.enumerated().map { .init(key: "\($0.offset + 1)", value: .string($0.element.text)) })),
        ]
        whole["changed"] = changed.map { .bool($0) }
        return .object(whole)
    }
}

extension KeptJourney.Flaw {
    fileprivate init(_ code: String, _ place: String, _ detail: String) { problems = [(code, place, detail)] }
}

extension JSONObject {
    /// These members, with those of `other` over them.
    fileprivate func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for member in other.members { merged[member.key] = member.value }
        return merged
    }
}

extension JSONValue {
    var compactText: String { String(decoding: compactBytes(), as: UTF8.self) }
}

/// A text that is another one whenever one of its parts is: the same in every process.
enum Mark {
    static func of(_ parts: [String]) -> String {
        // FNV-1a.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 29
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
