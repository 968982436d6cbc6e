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
}

extension Decider {
    /// The state after a history.
    public static func fold(_ state: State, _ events: some Sequence<Event>) -> State { events.reduce(state, evolve) }
}
