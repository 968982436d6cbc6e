import EventModel

/// What the events of one command cause in another stream: a command there, whose events are appended with them or not at all.
public struct CommandConsequence<D: Decider>: Sendable {
    /// The other stream.
    public var stream: StreamName
    /// What is asked of it. When it is refused, the command that causes it is refused as well.
    public var command: D.Command
    /// Which of the command's events is the cause, counted from 0.
    public var cause: Int

    /// A consequence by its parts.
    public init(_ command: D.Command, in stream: StreamName, cause: Int) {
        self.stream = stream
        self.command = command
        self.cause = cause
    }
}

/// Says what the events of a command cause elsewhere, given the state that they have led to. Pure.
public typealias CommandConsequences<D: Decider> =
    @Sendable (_ command: StreamCommand<D>, _ events: [D.Event], _ behind: D.State) -> [CommandConsequence<D>]
