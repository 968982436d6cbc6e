import EventModel
import WorkflowDomain

/// What a field holds, in words that both sides share.
public enum FieldValue: Equatable, Sendable {
    /// How the execution stands.
    case status(ExecutionStatus)
    /// How far a block has come; of a block in a loop or a parallel, how its latest visit stands.
    case step(VisitStatus)
    /// Data in canonical form; ``init(_:)`` makes it so. What is sealed or erased for whoever compares is ``hidden``.
    case content(JSONValue)
    /// Data that cannot be read.
    case hidden

    /// Data as it was told.
    public init(_ value: JSONValue) { self = value.isHidden ? .hidden : .content(value.canonicalized) }
}

extension FieldValue {
    /// For events and answers: the word, or the data.
    public var json: JSONValue {
        switch self {
        case .status(let status): .string(status.rawValue)
        case .step(let status): .string(status.rawValue)
        case .content(let value): value
        case .hidden: ["$hidden": true]
        }
    }
}
