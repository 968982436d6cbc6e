import EventModel

/// Why the editor's rules refuse an edit. Nothing of the edit takes place then.
public enum EditRejection: Error, Equatable, Sendable {
    /// There is no such block.
    case unknownBlock(ElementID)
    /// There is no such variable.
    case unknownVariable(ElementID)
    /// The block is neither a loop nor a parallel.
    case noContainer(ElementID)
    /// Another element of the workflow has the id.
    case duplicateID(ElementID)
    /// An edge with the same ends and handles is there.
    case duplicateEdge(ElementID, of: ElementID)
    /// The edge leaves or enters a block that is not there.
    case edgeToNowhere(ElementID, block: ElementID)
    /// The edge leads from a block to itself.
    case selfEdge(ElementID)
    /// The edge would close a circle.
    case cycle(ElementID)
    /// The edge would cross the border of a container.
    case crossesContainer(ElementID)
    /// The edge would touch a note, which only annotates the canvas.
    case edgeToNote(ElementID, block: ElementID)
    /// The block, or a container around it, is locked; of several, all are, and this is the first lock.
    case locked(ElementID)
    /// The block would be inside itself.
    case containerCycle(ElementID)
    /// Containers would be nested deeper than ``WorkflowLimits/containerDepth``.
    case containersTooDeep(ElementID, limit: Int)
    /// More elements than one edit may name.
    case batchTooLarge(count: Int, limit: Int)
    /// More elements than a workflow may have.
    case tooMany(what: String, count: Int, limit: Int)
    /// An id is empty or too long.
    case illegalID(bytes: Int, limit: Int)
    /// A name is empty or too long.
    case illegalName(bytes: Int, limit: Int)
    /// No block type can be spelled like that.
    case malformedType(ElementID, String)
    /// The field is set by an edit of its own, or holds nothing of the kind.
    case illegalField(ElementID, String)
    /// The input has another value than the edit expects: somebody else was faster.
    case changedMeanwhile(ElementID, subBlock: ElementID)
}

extension EditRejection: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknownBlock(let id): "there is no block \"\(id)\"; reload the workflow"
        case .unknownVariable(let id): "there is no variable \"\(id)\"; reload the workflow"
        case .noContainer(let id): "\"\(id)\" is neither a loop nor a parallel; name one that is"
        case .duplicateID(let id): "the id \"\(id)\" is taken; choose another"
        case .duplicateEdge(let id, let other): "the edge \"\(id)\" repeats \"\(other)\"; leave it out"
        case .edgeToNowhere(let id, let block):
            "the edge \"\(id)\" touches \"\(block)\", which is not there; add the block first"
        case .selfEdge(let id): "the edge \"\(id)\" leads from a block to itself; use a loop block"
        case .cycle(let id): "the edge \"\(id)\" would close a circle; use a loop block"
        case .crossesContainer(let id):
            "the edge \"\(id)\" would cross the border of a container; connect the container itself"
        case .edgeToNote(let id, let block): "the edge \"\(id)\" touches \"\(block)\", which is a note; leave it out"
        case .locked(let id): "the block \"\(id)\" is locked; unlock it first"
        case .containerCycle(let id): "the block \"\(id)\" would be inside itself; choose another container"
        case .containersTooDeep(let id, let limit):
            "\"\(id)\" would be inside more than \(limit) containers; use a workflow block"
        case .batchTooLarge(let count, let limit): "the edit names \(count) elements, the limit is \(limit); split it"
        case .tooMany(let what, let count, let limit):
            "the workflow would have \(count) \(what), the limit is \(limit); split it with workflow blocks"
        case .illegalID(let bytes, let limit): "an id has \(bytes) bytes; it must have 1 to \(limit)"
        case .illegalName(let bytes, let limit): "a name has \(bytes) bytes; it must have 1 to \(limit)"
        case .malformedType(let id, let type):
            "the block \"\(id)\" has the type \"\(type)\"; a type has lower-case letters, digits and underscores"
        case .illegalField(let id, let field):
            "\"\(field)\" of \"\(id)\" cannot be set like this; use the edit made for it"
        case .changedMeanwhile(let block, let subBlock):
            "the input \"\(subBlock)\" of \"\(block)\" has changed meanwhile; look at it and try again"
        }
    }
}
