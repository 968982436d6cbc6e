import EventModel
import WorkflowDomain

/// The rule of a workflow for what is said from outside: whole definitions, and operations of Sim's editor, which say what they ask only
/// over the definition that they meet.
public enum InboundWorkflowDecider: Decider {
    /// What is known of a workflow.
    public typealias State = WorkflowDecider.State
    /// What happens to it.
    public typealias Event = WorkflowEvent

    /// What may be asked.
    public enum Command: Equatable, Sendable {
        /// What the workflow's own rule knows.
        case workflow(WorkflowDecider.Command)
        /// What somebody at Sim's editor does.
        case operation(CollaborativeOperation)
    }

    /// Why something is refused.
    public enum Rejection: Error, Equatable, Sendable {
        /// By the workflow's own rule.
        case workflow(WorkflowDecider.Rejection)
        /// The operation cannot be read.
        case operation(CollaborativeFlaw)
    }

    /// Nothing has been imported.
    public static var initialState: State { WorkflowDecider.initialState }

    /// The state after one more event.
    public static func evolve(_ state: State, _ event: Event) -> State { WorkflowDecider.evolve(state, event) }

    /// The events of a command; none when it has taken effect already, or asks nothing.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch command {
        case .workflow(let command): return try decide(command, state)
        case .operation(let operation):
            guard case .present(let workflow) = state else { throw .workflow(.notImported) }
            let asked: WorkflowDecider.Command?
            do throws(CollaborativeFlaw) {
                asked = try operation.command(over: workflow.definition)
            } catch {
                throw .operation(error)
            }
            guard let asked else { return [] }
            return try decide(asked, state)
        }
    }

    private static func decide(_ command: WorkflowDecider.Command, _ state: State) throws(Rejection) -> [Event] {
        do throws(WorkflowDecider.Rejection) {
            return try WorkflowDecider.decide(command, state)
        } catch {
            throw .workflow(error)
        }
    }
}

extension InboundWorkflowDecider.Rejection: CustomStringConvertible {
    /// What is wrong and what to do, on one line.
    public var description: String {
        switch self {
        case .workflow(let rejection): rejection.description
        case .operation(let flaw): flaw.description.split(separator: "\n").joined(separator: " | ")
        }
    }
}
