import EventModel

/// One thing that makes a file unreadable as a journey: where it is, what it is, and what to do.
public struct JourneyProblem: Equatable, Sendable {
    /// What can be wrong.
    public enum Kind: Equatable, Sendable {
        /// A field that must be there is not.
        case missing(field: String)
        /// A value has the wrong JSON type.
        case wrongType(wanted: String, found: String)
        /// An id that may not be empty is.
        case emptyID
        /// A node is filed under one id and says another.
        case idMismatch(key: String, id: String)
        /// Two elements have the same id; the other is at `first`.
        case duplicateID(String, first: JSONPath)
        /// The root is none of the nodes.
        case unknownRoot(String)
        /// There is more than the limit.
        case tooMany(what: String, count: Int, limit: Int)
        /// An id is longer than the limit.
        case idTooLong(bytes: Int, limit: Int)
        /// An id that cannot be the key of a stream.
        case illegalJourneyID(String)
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

extension JourneyProblem: CustomStringConvertible {
    /// Place, problem and cure in one line.
    public var description: String { "\(path): \(statement); \(cure)" }

    /// What is wrong, in words.
    public var statement: String {
        switch kind {
        case .missing(let field): "\"\(field)\" is missing"
        case .wrongType(let wanted, let found): "this must be \(wanted), not \(found)"
        case .emptyID: "the id is empty"
        case .idMismatch(let key, let id): "filed under \"\(key)\" but its id is \"\(id)\""
        case .duplicateID(let id, let first): "the id \"\(id)\" is taken by \(first)"
        case .unknownRoot(let id): "the root \"\(id)\" is none of the nodes"
        case .tooMany(let what, let count, let limit): "\(count) \(what) are more than the limit of \(limit)"
        case .idTooLong(let bytes, let limit): "an id of \(bytes) bytes is longer than the limit of \(limit)"
        case .illegalJourneyID(let id): "\"\(id.prefix(80))\" cannot be a journey's id here"
        }
    }

    /// What to do about it.
    public var cure: String {
        switch kind {
        case .missing(let field): "add \"\(field)\" or export the journey again"
        case .wrongType(let wanted, _): "replace it by \(wanted)"
        case .emptyID: "give it a value"
        case .idMismatch: "make the key and the id the same"
        case .duplicateID: "give one of them another id, and its transitions with it"
        case .unknownRoot: "add the node, or name one that is there"
        case .tooMany: "split the journey"
        case .idTooLong: "shorten it"
        case .illegalJourneyID: "choose another with --id: \(JourneyID.allowed)"
        }
    }
}

/// Something that looks like a mistake, but that can be represented: it is read.
public struct JourneyWarning: Equatable, Sendable {
    /// What is conspicuous.
    public enum Kind: Equatable, Sendable {
        /// A kind of node that we do not know; it is kept in the state's metadata.
        case unknownKind(String)
        /// A node says one kind and its metadata another; the metadata counts, as it does for the engine.
        case kindsDisagree(node: String, metadata: String)
        /// A condition of activation that is known by the id of its guideline only.
        case conditionWithoutText(id: String)
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

extension JourneyWarning: CustomStringConvertible {
    /// Place and observation in one line.
    public var description: String { "\(path): \(statement)" }

    /// What is conspicuous, in words.
    public var statement: String {
        switch kind {
        case .unknownKind(let kind): "\"\(kind.prefix(80))\" is no kind of node that we know; kept in the metadata"
        case .kindsDisagree(let node, let metadata):
            "the node says \"\(node.prefix(80))\" and its metadata \"\(metadata.prefix(80))\", which counts"
        case .conditionWithoutText(let id): "the condition \"\(id.prefix(80))\" is known by its guideline's id only"
        }
    }
}
