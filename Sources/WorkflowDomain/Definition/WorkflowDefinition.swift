import EventModel

/// One Sim workflow, whatever format it came in: what it does and how it is laid out.
///
/// The value is canonical: elements are ordered by id, every JSON inside is in canonical form, defaults that carry no
/// information are absent, and containers are complete. So equal workflows are equal values, and ``canonicalBytes()``
/// are the same whichever way they came. Fields that we do not know are kept, on the workflow and on every element.
public struct WorkflowDefinition: Equatable, Sendable {
    /// The blocks by id.
    public let blocks: [Block]
    /// The edges by id.
    public let edges: [Edge]
    /// The loops by id, given by the file or derived from `loop` blocks.
    public let loops: [Container]
    /// The parallels by id, given by the file or derived from `parallel` blocks.
    public let parallels: [Container]
    /// The workflow's variables by id.
    public let variables: [Variable]
    /// Name, description and whatever else the file says about the workflow.
    public let metadata: JSONObject
    /// Fields of the state that are not ours to understand.
    public let extra: JSONObject

    /// A definition; the parts are put into canonical order.
    public init(
        blocks: [Block], edges: [Edge], loops: [Container] = [], parallels: [Container] = [],
        variables: [Variable] = [], metadata: JSONObject = JSONObject(), extra: JSONObject = JSONObject()
    ) {
        self.blocks = blocks.ordered(by: \.id)
        self.edges = edges.ordered(by: \.id)
        self.loops = loops.ordered(by: \.id)
        self.parallels = parallels.ordered(by: \.id)
        self.variables = variables.ordered(by: \.id)
        self.metadata = metadata.canonicalized
        self.extra = extra.canonicalized
    }

    /// The workflow's name, if it has one.
    public var name: String? { metadata["name"]?.string }

    /// The workflow's description, if it has one.
    public var summary: String? { metadata["description"]?.string }

    /// The block `id`; walks the blocks.
    public func block(_ id: ElementID) -> Block? { blocks.first { $0.id == id } }

    /// How many elements of each kind there are.
    public var counts: WorkflowCounts {
        WorkflowCounts(
            blocks: blocks.count, edges: edges.count, loops: loops.count, parallels: parallels.count,
            variables: variables.count)
    }
}

/// How many elements of each kind a workflow has.
public struct WorkflowCounts: Equatable, Sendable {
    /// Blocks, annotations (`note`) included.
    public let blocks: Int
    /// Edges, dangling ones included.
    public let edges: Int
    /// Loops, given or derived.
    public let loops: Int
    /// Parallels, given or derived.
    public let parallels: Int
    /// Variables.
    public let variables: Int

    /// The counts.
    public init(blocks: Int, edges: Int, loops: Int, parallels: Int, variables: Int) {
        self.blocks = blocks
        self.edges = edges
        self.loops = loops
        self.parallels = parallels
        self.variables = variables
    }
}
