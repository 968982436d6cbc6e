import EventModel

/// What a command that was not refused has brought about.
public struct CommandOutcome<Event: Sendable>: Sendable {
    /// What the log did.
    public enum Effect: String, Sendable, Hashable {
        /// The events were stored now.
        case appended
        /// The log held exactly these events already: this was a retry.
        case repeated
        /// The command had taken effect before; nothing was to be stored.
        case unchanged
    }

    /// What the log did.
    public let effect: Effect
    /// The events of the decision; none when unchanged.
    public let events: [Event]
    /// How many events were stored with them in other streams, as their consequences.
    public let consequences: Int
    /// The stream's version behind the command; `nil` for a stream without events.
    public let version: StreamVersion?
    /// Where the events are, a contiguous range; `nil` when unchanged.
    public let positions: ClosedRange<GlobalPosition>?

    init(
        _ effect: Effect, _ events: [Event], version: StreamVersion?, positions: ClosedRange<GlobalPosition>?,
        consequences: Int = 0
    ) {
        self.consequences = consequences
        self.effect = effect
        self.events = events
        self.version = version
        self.positions = positions
    }
}

extension CommandOutcome: Equatable where Event: Equatable {}

/// What a single command has brought about, and what its stream amounts to now.
public struct HandledCommand<D: Decider>: Sendable {
    /// What was stored.
    public let outcome: CommandOutcome<D.Event>
    /// The state behind the command.
    public let state: D.State
    /// The stream's last version known then; `nil` for a stream without events.
    public let version: StreamVersion?
    /// The position of the stream's last event; `nil` for a stream without events.
    public let position: GlobalPosition?
}

/// Why a command has brought about nothing.
public enum CommandError<Rejection: Error>: Error {
    /// The domain refuses it.
    case rejected(Rejection)
    /// The stream holds an event that this version of the domain cannot read.
    case unreadable(stream: StreamName, version: StreamVersion, EventFlaw)
    /// Others wrote to the stream during every attempt.
    case contended(stream: StreamName, attempts: Int)
    /// The log failed, or refused the events. Unless it refused, the events may have been stored: handle the same command again.
    case store(StoreError)
}

extension CommandError: Equatable where Rejection: Equatable {}

extension CommandError: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .rejected(let rejection): "\(rejection)"
        case .unreadable(let stream, let version, let flaw):
            "version \(version) of \(stream) cannot be read: \(flaw); install the version of Lockstep that wrote it"
        case .contended(let stream, let attempts):
            "others wrote to \(stream) during all \(attempts) attempts; try again"
        case .store(let error): error.description
        }
    }
}
