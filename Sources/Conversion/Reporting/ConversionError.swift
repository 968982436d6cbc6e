import EventModel

/// Why a definition cannot be converted at all. Everything else is converted, and ``ConversionReport`` says how.
public enum ConversionError: Error, Equatable, Sendable {
    /// The id of the workflow or journey is empty or longer than the limit, in bytes.
    case illegalID(String, limit: Int)
    /// An element has an empty id.
    case emptyElementID(ConversionElement)
    /// Two elements of a kind have the same id.
    case duplicateID(ConversionElement, ElementID)
    /// A journey's state is called like the end, which all journeys share.
    case reservedID(ElementID)
    /// The journey's root is not one of its states.
    case missingRoot(ElementID)
    /// There are more elements of a kind than the limit.
    case tooMany(ConversionElement, count: Int, limit: Int)
}

/// The kinds of elements that definitions consist of.
public enum ConversionElement: String, Sendable, CaseIterable {
    /// A workflow's block.
    case block
    /// A workflow's edge.
    case edge
    /// A workflow's variable.
    case variable
    /// A journey's state.
    case state
    /// A journey's transition.
    case transition
}

extension ConversionError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .illegalID(let id, let limit): "\"\(id.prefix(80))\" cannot be an id: 1 to \(limit) bytes are allowed"
        case .emptyElementID(let element): "a \(element.rawValue) has an empty id"
        case .duplicateID(let element, let id): "two elements of kind \(element.rawValue) have the id \"\(id)\""
        case .reservedID(let id): "a state must not be called \"\(id)\""
        case .missingRoot(let id): "the root \"\(id)\" is not among the journey's states"
        case .tooMany(let element, let count, let limit):
            "\(count) elements of kind \(element.rawValue) are more than the limit of \(limit)"
        }
    }
}

/// What a conversion takes at most.
public enum ConversionLimits {
    /// Bytes of the id of a workflow or journey.
    public static let idBytes = 512
    /// Blocks of a workflow; states of a journey.
    public static let blocks = 100_000
    /// Edges of a workflow; transitions of a journey.
    public static let edges = 400_000
    /// Characters of a journey's title where Parlant takes it.
    public static let titleCharacters = 100
    /// Remarks that a report lists; more of them are counted only.
    public static let remarks = 1_000
}

/// The rules of this version of the conversion; a mapping says by which rules it was made.
public enum ConversionRules {
    /// Rises whenever the same workflow would become another journey, or the reverse.
    public static let version = 2
}
