import EventModel

/// Which executions that can still move are meant.
public struct ExecutionSelection: Sendable, Hashable {
    /// Those of this tenant only; `nil` for all.
    public var workspace: Workspace?
    /// Those that run this workflow only; `nil` for all.
    public var workflow: String?
    /// Those of which something was recorded then or later only, by the store's clock; `nil` for all.
    public var since: Timestamp?

    /// A selection; of all of them unless told otherwise.
    public init(workspace: Workspace? = nil, workflow: String? = nil, since: Timestamp? = nil) {
        self.workspace = workspace
        self.workflow = workflow
        self.since = since
    }
}

/// Where executions that can still move are selected: a read model, which may be behind the log. Implementations agree on every sentence here.
public protocol SelectedExecutions: Sendable {
    /// How many there are now.
    func count(of selection: ExecutionSelection) async throws(StoreError) -> Int64

    /// One page of them in the order of their keys, each with its note where that is current.
    ///
    /// - Parameters:
    ///   - last: the last one of the page before; `nil` for the first page.
    ///   - limit: the most to list, at least one.
    func standings(
        of selection: ExecutionSelection, after last: ExecutionKey?, limit: Int
    ) async throws(StoreError) -> [ExecutionStanding]
}
