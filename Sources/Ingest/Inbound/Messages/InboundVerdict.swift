import EventSourcing

/// What became of a message.
public struct InboundVerdict: Sendable, Hashable {
    /// What was done.
    public enum Outcome: Sendable, Hashable {
        /// It became events, now.
        case appended
        /// It says nothing that was not known, or it is an exact repetition.
        case noNews
        /// It, or a part of it, is refused. What was not refused became events.
        case rejected(InboundRejection)
    }

    /// What was done.
    public let outcome: Outcome
    /// The side that the message concerns, as far as it was recognised: `execution`, `session`, `workflow`.
    public let kind: String?
    /// Events that were appended.
    public let events: Int

    /// A verdict by its parts.
    public init(_ outcome: Outcome, kind: String?, events: Int) {
        self.outcome = outcome
        self.kind = kind
        self.events = events
    }

    /// Why it is refused, if it is.
    public var rejection: InboundRejection? {
        guard case .rejected(let rejection) = outcome else { return nil }
        return rejection
    }
}
