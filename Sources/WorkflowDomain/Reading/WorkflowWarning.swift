import EventModel

/// Something that Sim would show as an error or that looks like a mistake, but that can be represented: it is imported.
public struct WorkflowWarning: Equatable, Sendable {
    /// What is conspicuous.
    public enum Kind: Equatable, Sendable {
        /// An edge leaves a block that is not in the workflow.
        case missingSource(ElementID)
        /// An edge enters a block that is not in the workflow.
        case missingTarget(ElementID)
        /// A source handle that the block does not have.
        case unknownHandle(String, blockType: String)
        /// A handle names a row of a condition or a router that does not exist.
        case unknownBranch(String)
        /// A type that Sim did not know at v0.8.9.
        case unknownType(String)
        /// A block without a name; its id stands in.
        case missingName
        /// `data.parentId` names a block that is not in the workflow.
        case missingParent(ElementID)
        /// `data.parentId` names a block that is no container.
        case parentIsNoContainer(ElementID)
        /// A loop or parallel without a block of its own.
        case containerWithoutBlock(ElementID)
        /// A loop's or parallel's `nodes` are not the blocks whose parent it is; the given `nodes` are kept.
        case membersDisagree(ElementID)
        /// A container with members but without an edge to the first of them.
        case containerWithoutStart(ElementID)
        /// An edge that enters or leaves a container other than through its ports.
        case crossesContainer
        /// An edge from a block to itself.
        case selfEdge
        /// An edge with the same ends and handles as another.
        case duplicateEdge(of: ElementID)
        /// Edges lead in a circle outside of a loop; one block on it.
        case cycle(through: ElementID)
        /// An input whose id is not its key; the key counts.
        case subBlockIDMismatch(key: String)
        /// A connection of a YAML block that is no port we know; kept as a handle.
        case unknownConnection(String)
    }

    /// Where in the file it is.
    public let path: JSONPath
    /// What it is.
    public let kind: Kind

    /// A warning.
    public init(_ kind: Kind, at path: JSONPath) {
        self.kind = kind
        self.path = path
    }
}

extension WorkflowWarning: CustomStringConvertible {
    /// Place and observation in one line.
    public var description: String { "\(path): \(statement)" }

    /// What is conspicuous, in words.
    public var statement: String {
        switch kind {
        case .missingSource(let id): "the edge leaves \"\(id)\", which is not in the workflow"
        case .missingTarget(let id): "the edge enters \"\(id)\", which is not in the workflow"
        case .unknownHandle(let handle, let type): "a block of type \(type) has no handle \"\(handle)\""
        case .unknownBranch(let id): "there is no row \"\(id)\" in the block it leaves"
        case .unknownType(let type): "Sim v0.8.9 has no block type \"\(type)\""
        case .missingName: "the block has no name; its id stands in"
        case .missingParent(let id): "the container \"\(id)\" is not in the workflow"
        case .parentIsNoContainer(let id): "\"\(id)\" is neither a loop nor a parallel"
        case .containerWithoutBlock(let id): "\"\(id)\" has no block of its own"
        case .membersDisagree(let id): "the nodes of \"\(id)\" are not the blocks whose parent it is"
        case .containerWithoutStart(let id): "nothing leads from \"\(id)\" to its first block"
        case .crossesContainer: "the edge crosses the border of a container"
        case .selfEdge: "the edge leads from a block to itself"
        case .duplicateEdge(let id): "the edge repeats \"\(id)\""
        case .cycle(let id): "edges lead in a circle through \"\(id)\""
        case .subBlockIDMismatch(let key): "the input is filed under \"\(key)\" but has another id"
        case .unknownConnection(let key): "\"\(key)\" is no connection we know; kept as a handle"
        }
    }
}
