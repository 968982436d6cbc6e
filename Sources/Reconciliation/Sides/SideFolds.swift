import EventModel
import JourneyDomain
import WorkflowDomain

/// A side that is folded from the events of its stream.
public protocol HeardSide: Sendable {
    /// What its stream tells.
    associatedtype Told: DomainEvent & SendableMetatype

    /// Nothing was said.
    init()

    /// Takes one more event up.
    mutating func hear(_ told: Told, at origin: Origin)
}

extension WorkflowSide: HeardSide {
    /// As ``receive(_:at:)``.
    public mutating func hear(_ told: ExecutionEvent, at origin: Origin) { receive(told, at: origin) }
}

extension JourneySide: HeardSide {
    /// As ``receive(_:at:)``.
    public mutating func hear(_ told: JourneySessionEvent, at origin: Origin) { receive(told.fact, at: origin) }
}

/// Folds the stream of a side into what it says, for whoever loads streams. It decides nothing.
///
/// Snapshots of executions and sessions are those of other rules: none are made or used here.
public enum SideFold<Side: HeardSide>: Decider {
    /// What the side says.
    public typealias State = Side
    /// Nothing can be asked.
    public typealias Command = Never
    /// An event with its place in the log.
    public typealias Event = Heard<Side.Told>
    /// Nothing is refused.
    public typealias Rejection = Never

    /// Nothing was said.
    public static var initialState: Side { Side() }

    /// The side after one more event.
    public static func evolve(_ state: Side, _ event: Event) -> Side {
        var state = state
        evolve(&state, by: event)
        return state
    }

    /// In place.
    public static func evolve(_ state: inout Side, by event: Event) { state.hear(event.event, at: event.origin) }

    /// Never called: there are no commands.
    public static func decide(_ command: Never, _ state: Side) throws(Never) -> [Event] {}
}

/// Folds `workflow_execution-<execution>`.
public typealias WorkflowSideFold = SideFold<WorkflowSide>
/// Folds `journey_session-<execution>`.
public typealias JourneySideFold = SideFold<JourneySide>
