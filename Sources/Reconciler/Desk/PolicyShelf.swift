import EventModel
import Reconciliation
import WorkflowDomain

/// The policies that hold, and what the engines can be told.
public struct PolicyShelf: Sendable {
    /// What both sides can be told.
    public let telling: Telling
    private let book: PolicyBook

    /// A shelf with these policies.
    public init(_ book: PolicyBook, telling: Telling) {
        self.book = book
        self.telling = telling
    }

    /// The policy for an execution.
    public func policy(workspace: Workspace, workflow: WorkflowID?) -> Policy {
        book.policy(workspace: workspace, workflow: workflow)
    }
}
