import EventModel
import JourneyDomain
import WorkflowDomain

/// What a journey keeps of the workflow that it was made of, for the way back: the member `sim` of the metadata of the journey, its
/// states and its transitions. Parlant carries it along and does not look at it.
enum Complement {
    /// The key under which it is kept.
    static let key = "sim"

    /// What a state keeps of its block, and of the container that the block is.
    static func of(_ block: Int, in graph: WorkflowGraph, containers: ContainerIndex) -> JSONObject {
        let (loop, parallel) = (containers.loop(of: block), containers.parallel(of: block))
        // Members are set in canonical order, which spares a sort.
        var object = JSONObject()
        object.reserveCapacity(loop == nil && parallel == nil ? 1 : 3)
        let absent = ((loop?.nodes ?? []) + (parallel?.nodes ?? [])).filter { graph.numbers[$0] == nil }
        if !absent.isEmpty { object["absent"] = .array(absent.orderedSet.map { .string($0.text) }) }
        object["block"] = graph.blocks[block].canonicalValue
        if let loop { object["loop"] = loop.canonicalValue }
        // The block's container was missing already.
        if let parent = graph.traits[block].parent, graph.numbers[parent] == nil { object["orphan"] = true }
        if let parallel { object["parallel"] = parallel.canonicalValue }
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
        list("blocks", stateless.map { .object(of($0, in: graph, containers: containers)) })
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

/// A workflow's loops and parallels by their blocks.
struct ContainerIndex {
    private let loops: [Container?]
    private let parallels: [Container?]

    init(_ graph: WorkflowGraph) {
        loops = Self.index(graph.workflow.loops, graph)
        parallels = Self.index(graph.workflow.parallels, graph)
    }

    private static func index(_ containers: [Container], _ graph: WorkflowGraph) -> [Container?] {
        var index = [Container?](repeating: nil, count: graph.blocks.count)
        for container in containers {
            if let block = graph.numbers[container.id], index[block] == nil { index[block] = container }
        }
        return index
    }

    /// The loop that is listed under the block's id.
    func loop(of block: Int) -> Container? { loops[block] }

    /// The parallel that is listed under the block's id.
    func parallel(of block: Int) -> Container? { parallels[block] }
}
