import EventModel

/// What one editing event says has become different: resolved, so that applying it needs no rule.
///
/// A command that concerns many elements is one decision, therefore one event with a list: it is one revision with one digest, every fold
/// sees all of it or nothing, and undoing it is one step. Lists have at most ``WorkflowLimits/batch`` elements.
public enum WorkflowChange: Equatable, Sendable {
    /// The workflow has another name.
    case renamed(String)
    /// Blocks, with the edges and containers that came with them.
    case blocksAdded(WorkflowPart)
    /// Blocks and everything inside them, and the edges that touched them.
    case blocksRemoved([ElementID], edges: [ElementID])
    /// Blocks lie elsewhere on the canvas.
    case blocksMoved([BlockPlace])
    /// A block has another name.
    case blockRenamed(ElementID, name: String)
    /// Blocks take part in executions from now on, or no more.
    case blocksEnabled([ElementID], Bool)
    /// Blocks are protected from edits from now on, or no more.
    case blocksLocked([ElementID], Bool)
    /// Blocks are in another container, or in none; edges that would have crossed a border are gone.
    case blocksReparented([BlockReparenting], removedEdges: [ElementID])
    /// Settings of blocks other than name, place, inputs and membership.
    case blocksConfigured([BlockConfiguration])
    /// Inputs of blocks have other values.
    case subBlocksChanged([SubBlockChange])
    /// Edges.
    case edgesAdded([Edge])
    /// Edges are gone.
    case edgesRemoved([ElementID])
    /// A loop or parallel has these settings, and its block this data.
    case subflowChanged(ElementID, settings: JSONObject, data: JSONObject)
    /// A variable is new or different.
    case variableSet(Variable)
    /// A variable is gone.
    case variableRemoved(ElementID)

    /// The stored name of the event.
    public var eventType: WorkflowEventType {
        switch self {
        case .renamed: .renamed
        case .blocksAdded: .blockAdded
        case .blocksRemoved: .blockRemoved
        case .blocksMoved: .blockMoved
        case .blockRenamed: .blockRenamed
        case .blocksEnabled(_, let isEnabled): isEnabled ? .blockEnabled : .blockDisabled
        case .blocksLocked(_, let isLocked): isLocked ? .blockLocked : .blockUnlocked
        case .blocksReparented: .blockReparented
        case .blocksConfigured: .blockConfigured
        case .subBlocksChanged: .subBlockChanged
        case .edgesAdded: .edgeAdded
        case .edgesRemoved: .edgeRemoved
        case .subflowChanged: .subflowChanged
        case .variableSet: .variableSet
        case .variableRemoved: .variableRemoved
        }
    }
}

/// Blocks that are added together, with their edges and containers; each list ordered by id.
public struct WorkflowPart: Equatable, Sendable {
    /// The blocks.
    public let blocks: [Block]
    /// Edges between them, or to and from blocks that were there.
    public let edges: [Edge]
    /// The loops among the blocks.
    public let loops: [Container]
    /// The parallels among the blocks.
    public let parallels: [Container]

    /// A part of a workflow; the elements are put in order.
    public init(blocks: [Block], edges: [Edge] = [], loops: [Container] = [], parallels: [Container] = []) {
        self.blocks = blocks.sorted { $0.id < $1.id }
        self.edges = edges.sorted { $0.id < $1.id }
        self.loops = loops.sorted { $0.id < $1.id }
        self.parallels = parallels.sorted { $0.id < $1.id }
    }
}

/// Where a block lies from now on.
public struct BlockPlace: Equatable, Sendable {
    /// The block.
    public let block: ElementID
    /// Its place; relative to the container if it is in one.
    public let position: Position

    /// A place.
    public init(_ block: ElementID, at position: Position) {
        self.block = block
        self.position = position
    }
}

/// Which container a block is in from now on.
public struct BlockReparenting: Equatable, Sendable {
    /// The block.
    public let block: ElementID
    /// The container; `nil` for none.
    public let parent: ElementID?
    /// Where it lies there; `nil` when that stays.
    public let position: Position?

    /// A change of containers.
    public init(_ block: ElementID, into parent: ElementID?, at position: Position? = nil) {
        self.block = block
        self.parent = parent
        self.position = position
    }
}

/// Settings that a block has from now on.
public struct BlockConfiguration: Equatable, Sendable {
    /// The block.
    public let block: ElementID
    /// Members of the block, `advancedMode` or `retry` for example; `null` takes one away. Canonical.
    public let fields: JSONObject
    /// All of `data.canonicalModes`; `nil` when they stay. Canonical.
    public let canonicalModes: JSONObject?

    /// Settings.
    public init(_ block: ElementID, fields: JSONObject = JSONObject(), canonicalModes: JSONObject? = nil) {
        self.block = block
        self.fields = fields.canonicalized
        self.canonicalModes = canonicalModes?.canonicalized
    }
}

/// The value that an input has from now on.
public struct SubBlockChange: Equatable, Sendable {
    /// The block.
    public let block: ElementID
    /// The input; one that was not there comes into being.
    public let subBlock: ElementID
    /// Its value, or the hidden form of it. Canonical.
    public let value: JSONValue
    /// All of the block's `data.canonicalModes`, where they changed together with the value; `nil` when they stay. Canonical.
    public let canonicalModes: JSONObject?

    /// A value.
    public init(_ block: ElementID, _ subBlock: ElementID, value: JSONValue, canonicalModes: JSONObject? = nil) {
        self.block = block
        self.subBlock = subBlock
        self.value = value.canonicalized
        self.canonicalModes = canonicalModes?.canonicalized
    }
}
