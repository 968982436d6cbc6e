import EventModel

/// Where executions that can still move are listed: what a pass over all of them looks at. A read model, so it may be behind the log; what it does not show
/// yet is looked at because its events come in.
public protocol OpenExecutions: Sendable {
    /// One page of the executions of which a side can still move, in an order of the store's own that is the same for every page.
    ///
    /// - Parameters:
    ///   - last: the last one of the page before; `nil` for the first page.
    ///   - limit: the most to list, at least one.
    func open(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey]
}

/// One execution of a workspace.
public struct ExecutionKey: Sendable, Hashable, Comparable {
    /// The tenant.
    public let workspace: Workspace
    /// The execution: the sync key of its streams.
    public let execution: String

    /// An execution by its parts.
    public init(workspace: Workspace, execution: String) {
        self.workspace = workspace
        self.execution = execution
    }

    /// By workspace, then by execution, byte by byte.
    public static func < (left: ExecutionKey, right: ExecutionKey) -> Bool {
        guard left.workspace.rawValue == right.workspace.rawValue else {
            return left.workspace.rawValue.utf8.lexicographicallyPrecedes(right.workspace.rawValue.utf8)
        }
        return left.execution.utf8.lexicographicallyPrecedes(right.execution.utf8)
    }

    /// The lane that it travels in.
    public func lane(of count: Int) -> Lane {
        var execution = execution
        return execution.withUTF8 { Lane(of: UnsafeRawBufferPointer($0), count: count) }
    }
}
