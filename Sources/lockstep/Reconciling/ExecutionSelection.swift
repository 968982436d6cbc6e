import EventSourcing
import Reconciler
import WorkflowDomain

extension ExecutionSelection {
    /// Executions of one page.
    private static let page = 5_000

    /// Goes through those that are not in `rest`, page by page.
    func forEachPage(
        besides rest: [Rest], in views: some SelectedExecutions, _ body: ([ExecutionKey]) async throws -> Void
    ) async throws {
        var last: ExecutionKey?
        while true {
            try Task.checkCancellation()
            let page = try await views.executions(of: self, besides: rest, after: last, limit: Self.page)
            try await body(page)
            guard page.count == Self.page else { return }
            last = page.last
        }
    }
}

extension SelectedExecutions {
    /// The executions of which a look would find that nothing is to be done, as their notes say: nothing has happened to them since, as far as the read model
    /// shows, and the policy is the same.
    func rest(of selection: ExecutionSelection, by shelf: PolicyShelf) async throws -> [Rest] {
        try await rest(of: selection).filter { known in
            let policy = shelf.policy(
                workspace: known.workspace, workflow: known.workflow.flatMap { WorkflowID($0) })
            return known.policy == shelf.digest(of: policy)
        }
    }
}
