import EventModel

/// The id of an execution: the key of its stream `workflow_execution-<id>`, and the sync key that its conversation shares.
public struct ExecutionID: Hashable, Sendable, CustomStringConvertible {
    /// The category of executions' streams.
    public static let category = "workflow_execution"
    /// The longest id, in bytes.
    public static let lengthLimit = 200
    /// What an id may contain, in words.
    public static let allowed = "1 to 200 letters, digits, \"-\", \"_\", \".\" and \":\" (ASCII)"

    /// The id.
    public let text: String

    /// The id `text`.
    /// - Returns: `nil` when it cannot be the key of a stream; ``allowed`` says what can.
    public init?(_ text: String) {
        guard let id = WorkflowID(text) else { return nil }
        self.text = id.text
    }

    /// The id.
    public var description: String { text }

    /// Whose personal data an execution's contents are when nobody says otherwise: `execution:<id>`.
    public var subject: String { "execution:\(text)" }
}
