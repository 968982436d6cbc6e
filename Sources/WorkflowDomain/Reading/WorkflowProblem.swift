import EventModel

/// One thing that makes a file unreadable as a workflow: where it is, what it is, and what to do.
public struct WorkflowProblem: Equatable, Sendable {
    /// What can be wrong.
    public enum Kind: Equatable, Sendable {
        /// A field that must be there is not.
        case missing(field: String)
        /// A value has the wrong JSON type.
        case wrongType(wanted: String, found: String)
        /// A text that may not be empty is.
        case emptyText(field: String)
        /// A block is filed under one id and says another.
        case idMismatch(key: String, id: String)
        /// Two elements have the same id; the other is at `first`.
        case duplicateID(String, first: JSONPath)
        /// A serialized block has no `metadata.id`, which is its type.
        case missingMetadata
        /// Containers contain each other; the ids in order.
        case containerCycle([ElementID])
        /// Containers are nested deeper than the limit.
        case containersTooDeep(limit: Int)
        /// There is more than the limit.
        case tooMany(what: String, count: Int, limit: Int)
        /// An id is longer than the limit.
        case idTooLong(bytes: Int, limit: Int)
        /// An id that cannot be the key of a stream.
        case illegalWorkflowID(String)
        /// There are no blocks.
        case noBlocks
        /// The type is unknown and the caller asked for that to be refused.
        case unknownType(String)
        /// The type is not spelled as a type of Sim's can be.
        case malformedType(String)
    }

    /// Where in the file it is.
    public let path: JSONPath
    /// What it is.
    public let kind: Kind

    /// A problem.
    public init(_ kind: Kind, at path: JSONPath) {
        self.kind = kind
        self.path = path
    }
}

extension WorkflowProblem: CustomStringConvertible {
    /// Place, problem and cure in one line.
    public var description: String { "\(path): \(statement); \(cure)" }

    /// What is wrong, in words.
    public var statement: String {
        switch kind {
        case .missing(let field): "\"\(field)\" is missing"
        case .wrongType(let wanted, let found): "this must be \(wanted), not \(found)"
        case .emptyText(let field): "\"\(field)\" is empty"
        case .idMismatch(let key, let id): "filed under \"\(key)\" but its id is \"\(id)\""
        case .duplicateID(let id, let first): "the id \"\(id)\" is taken by \(first)"
        case .missingMetadata: "a serialized block without metadata.id has no type"
        case .containerCycle(let ids): "containers contain each other: \(ids.map(\.text).joined(separator: " in "))"
        case .containersTooDeep(let limit): "containers are nested deeper than \(limit)"
        case .tooMany(let what, let count, let limit): "\(count) \(what) are more than the limit of \(limit)"
        case .idTooLong(let bytes, let limit): "an id of \(bytes) bytes is longer than the limit of \(limit)"
        case .illegalWorkflowID(let id): "\"\(id.prefix(80))\" cannot be a workflow's id here"
        case .noBlocks: "the workflow has no blocks"
        case .malformedType(let type):
            "\"\(type.prefix(80))\" cannot be a block type: types are lower-case letters, digits and underscores"
        case .unknownType(let type): "no block type is called \"\(type)\" in Sim v0.8.9"
        }
    }

    /// What to do about it.
    public var cure: String {
        switch kind {
        case .missing(let field): "add \"\(field)\" or export the workflow again"
        case .wrongType(let wanted, _): "replace it by \(wanted)"
        case .emptyText(let field): "give \"\(field)\" a value"
        case .idMismatch: "make the key and the id the same"
        case .duplicateID: "give one of them another id, and its edges with it"
        case .missingMetadata: "add metadata {\"id\": <block type>, \"name\": …} or serialize the workflow again"
        case .containerCycle: "take one of them out of the other (data.parentId)"
        case .containersTooDeep: "flatten the containers or use workflow blocks"
        case .tooMany: "split the workflow with workflow blocks"
        case .idTooLong: "shorten it"
        case .illegalWorkflowID: "choose another with --id: \(WorkflowID.allowed)"
        case .noBlocks: "export a workflow that has at least one block"
        case .malformedType: "correct the type or export the workflow again"
        case .unknownType: "correct the type, or import without asking for known types only"
        }
    }
}
