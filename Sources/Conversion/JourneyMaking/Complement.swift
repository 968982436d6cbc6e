import EventModel
import JourneyDomain
import WorkflowDomain

/// What a journey keeps of the workflow that it was made of, for the way back: the member `sim` of the metadata of the journey, its
/// states and its transitions. Parlant carries it along and does not look at it.
enum Complement {
    /// The key under which it is kept.
    static let key = "sim"

    /// What a state keeps of its block, and of the container that the block is.
    static func of(_ block: Block, in graph: WorkflowGraph, containers: ContainerIndex) -> JSONObject {
        var object = JSONObject()
        object["block"] = block.canonicalValue
        if let loop = containers.loops[block.id] { object["loop"] = loop.canonicalValue }
        if let parallel = containers.parallels[block.id] { object["parallel"] = parallel.canonicalValue }
        guard block.isContainer || object.count > 1 else { return withOrphan(object, block, in: graph) }
        let listed = (containers.loops[block.id]?.nodes ?? []) + (containers.parallels[block.id]?.nodes ?? [])
        let absent = listed.filter { graph.numbers[$0] == nil }
        if !absent.isEmpty { object["absent"] = .array(Set(absent).sorted().map { .string($0.text) }) }
        return withOrphan(object, block, in: graph)
    }

    /// `object` with a note, if the block's container was missing already.
    private static func withOrphan(_ object: JSONObject, _ block: Block, in graph: WorkflowGraph) -> JSONObject {
        guard let parent = block.parentID, graph.numbers[parent] == nil else { return object }
        var object = object
        object["orphan"] = true
        return object
    }

    /// What the journey keeps: everything that no state or transition does.
    static func of(
        _ graph: WorkflowGraph, id: String, stateless: [Int], containers: ContainerIndex, edges: [Int]
    ) -> JSONObject {
        let workflow = graph.workflow
        var object = JSONObject()
        object["workflow"] = .string(id)
        object["rules"] = .number(JSONNumber(ConversionRules.version))
        if !workflow.metadata.isEmpty { object["metadata"] = .object(workflow.metadata) }
        if !workflow.extra.isEmpty { object["extra"] = .object(workflow.extra) }
        func list(_ name: String, _ values: [JSONValue]) { if !values.isEmpty { object[name] = .array(values) } }
        list("variables", workflow.variables.map(\.canonicalValue))
        list("blocks", stateless.map { .object(of(graph.blocks[$0], in: graph, containers: containers)) })
        list("edges", edges.map { Self.of(workflow.edges[$0], in: graph) })
        list("loops", workflow.loops.filter { graph.numbers[$0.id] == nil }.map(\.canonicalValue))
        list("parallels", workflow.parallels.filter { graph.numbers[$0.id] == nil }.map(\.canonicalValue))
        return object
    }

    /// What is kept of an edge that has no transition, with the ends that were missing already: an end that goes missing later
    /// takes the edge with it.
    private static func of(_ edge: Edge, in graph: WorkflowGraph) -> JSONValue {
        var object = JSONObject()
        object["edge"] = edge.canonicalValue
        let absent = Set([edge.source, edge.target].filter { graph.numbers[$0] == nil })
        if !absent.isEmpty { object["absent"] = .array(absent.sorted().map { .string($0.text) }) }
        return .object(object)
    }
}

/// A workflow's loops and parallels by id.
struct ContainerIndex {
    let loops: [ElementID: Container]
    let parallels: [ElementID: Container]

    init(_ workflow: WorkflowDefinition) {
        loops = Dictionary(workflow.loops.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        parallels = Dictionary(workflow.parallels.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
