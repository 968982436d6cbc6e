import EventModel
import EventSourcing

/// One of the domains that is spoken about: reads payloads into commands for its streams.
public protocol InboundSide: Sendable {
    /// The rule of the streams.
    associatedtype D: Decider & SendableMetatype where D.Event: DomainEvent & SendableMetatype

    /// The name of the side in counts and answers.
    var kind: String { get }

    /// Whether a payload is, by its structure, meant for this side. Cheap: nothing is checked.
    func recognises(_ payload: JSONValue) -> Bool

    /// The commands that a payload amounts to, in order; none when it says nothing that is kept.
    ///
    /// - Parameters:
    ///   - isWhole: whether the payload is all that the message contains, or lay in an envelope.
    ///   - message: how it came.
    /// - Throws: ``InboundRejection``; nothing of the payload is taken then.
    func commands(
        in payload: JSONValue, isWhole: Bool, of message: InboundMessage
    ) throws(InboundRejection) -> [InboundCommand<D>]

    /// Whether ``consequences(of:in:events:behind:)`` ever answers anything.
    static var hasConsequences: Bool { get }

    /// Whether its commands ever bring an ``InboundCommand/identity`` of their own.
    static var namesCommands: Bool { get }

    /// What a command's events cause in other streams, to be appended with them or not at all; `state` is the one that they have led to.
    func consequences(
        of command: D.Command, in stream: StreamName, events: [D.Event], behind state: D.State
    ) -> [CommandConsequence<D>]
}

extension InboundSide {
    /// No.
    public static var hasConsequences: Bool { false }

    /// No.
    public static var namesCommands: Bool { false }

    /// Nothing.
    public func consequences(
        of command: D.Command, in stream: StreamName, events: [D.Event], behind state: D.State
    ) -> [CommandConsequence<D>] { [] }
}

/// A command that a payload amounts to.
public struct InboundCommand<D: Decider>: Sendable {
    /// The stream that it is for.
    public var stream: StreamName
    /// What is asked.
    public var command: D.Command
    /// When it happened, where the payload says so.
    public var occurredAt: Timestamp?
    /// Which command it is, where the payload says so. Otherwise the message tells.
    public var identity: CommandIdentity?

    /// A command by its parts.
    public init(
        _ command: D.Command, to stream: StreamName, occurredAt: Timestamp? = nil, identity: CommandIdentity? = nil
    ) {
        self.stream = stream
        self.command = command
        self.occurredAt = occurredAt
        self.identity = identity
    }
}
