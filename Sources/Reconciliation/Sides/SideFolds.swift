import EventModel
import JourneyDomain
import WorkflowDomain

/// Folds `workflow_execution-<execution>` into what the workflow says, for whoever loads streams. It decides nothing.
///
/// Snapshots of executions are those of another rule: none are made or used here.
public enum WorkflowSideFold: Decider {
    /// What the workflow says.
    public typealias State = WorkflowSide
    /// Nothing can be asked.
    public typealias Command = Never
    /// An event with its place in the log.
    public typealias Event = Heard<ExecutionEvent>
    /// Nothing is refused.
    public typealias Rejection = Never

    /// Nothing was said.
    public static var initialState: WorkflowSide { WorkflowSide() }

    /// The side after one more event.
    public static func evolve(_ state: WorkflowSide, _ event: Event) -> WorkflowSide {
        var state = state
        evolve(&state, by: event)
        return state
    }

    /// In place.
    public static func evolve(_ state: inout WorkflowSide, by event: Event) {
        state.receive(event.event, at: event.origin)
    }

    /// Never called: there are no commands.
    public static func decide(_ command: Never, _ state: WorkflowSide) throws(Never) -> [Event] {}
}

/// Folds `journey_session-<execution>` into what the journey says, for whoever loads streams. It decides nothing.
///
/// Snapshots of sessions are those of another rule: none are made or used here.
public enum JourneySideFold: Decider {
    /// What the journey says.
    public typealias State = JourneySide
    /// Nothing can be asked.
    public typealias Command = Never
    /// An event with its place in the log.
    public typealias Event = Heard<JourneySessionEvent>
    /// Nothing is refused.
    public typealias Rejection = Never

    /// Nothing was said.
    public static var initialState: JourneySide { JourneySide() }

    /// The side after one more event.
    public static func evolve(_ state: JourneySide, _ event: Event) -> JourneySide {
        var state = state
        evolve(&state, by: event)
        return state
    }

    /// In place.
    public static func evolve(_ state: inout JourneySide, by event: Event) {
        state.receive(event.event.fact, at: event.origin)
    }

    /// Never called: there are no commands.
    public static func decide(_ command: Never, _ state: JourneySide) throws(Never) -> [Event] {}
}
