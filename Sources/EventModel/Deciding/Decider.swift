/// The pure rule of one kind of stream: what may happen, and what has happened.
///
/// No I/O, no clock, no randomness: whatever a decision needs arrives in the command.
public protocol Decider {
    /// What the events so far amount to.
    associatedtype State: Sendable
    /// A request that may be refused.
    associatedtype Command: Sendable
    /// A fact in the past tense.
    associatedtype Event: Sendable
    /// Why the domain refuses a command.
    associatedtype Rejection: Error

    /// The state of a stream without events.
    static var initialState: State { get }

    /// The state after one more event. Total: an event that does not fit leaves the state as it is.
    static func evolve(_ state: State, _ event: Event) -> State

    /// The events that the command causes; `[]` when it has already taken effect, so deciding twice appends nothing twice.
    static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event]

    /// Takes one more event up in place. The same as ``evolve(_:_:)``; a rule whose state is large says how to do without a copy of it.
    static func evolve(_ state: inout State, by event: Event)

    /// Decides, and takes what is decided up in place. The same as ``decide(_:_:)`` and then ``evolve(_:by:)`` with each event; a rule whose
    /// decision works out the next state anyway hands it on instead of working it out twice. A refusal leaves the state as it was.
    static func decide(_ command: Command, on state: inout State) throws(Rejection) -> [Event]
}

extension Decider {
    /// By ``evolve(_:_:)``.
    public static func evolve(_ state: inout State, by event: Event) { state = evolve(state, event) }

    /// By ``decide(_:_:)``.
    public static func decide(_ command: Command, on state: inout State) throws(Rejection) -> [Event] {
        let events = try decide(command, state)
        for event in events { evolve(&state, by: event) }
        return events
    }

    /// The state after a history.
    public static func fold(_ state: State, _ events: some Sequence<Event>) -> State { events.reduce(state, evolve) }
}
