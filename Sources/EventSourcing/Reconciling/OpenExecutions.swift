import EventModel

/// Where open executions are listed: those of which a side can still move, and those that are over and in which a conflict waits or an effect is under way by
/// the last look. That is what a pass over all of them looks at. A read model, so it may be behind the log; what it does not show yet is looked at because
/// its events come in.
public protocol OpenExecutions: Sendable {
    /// One page of them, without those that are stale, in an order of the store's own that is the same for every page.
    ///
    /// - Parameters:
    ///   - last: the last one of the page before; `nil` for the first page.
    ///   - limit: the most to list, at least one.
    func open(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey]

    /// One page of those in which nothing has moved behind a moment, and in which no effect is under way, as looks have found: the one that has been quiet for
    /// longest first. What it costs does not depend on how many others there are.
    ///
    /// - Parameters:
    ///   - moment: when something was recorded on one of their sides last, or after that.
    ///   - last: the last one of the page before; `nil` for the first page.
    ///   - limit: the most to list, at least one.
    func quiet(since moment: Timestamp, after last: QuietExecution?, limit: Int) async throws(StoreError)
        -> [QuietExecution]
}

/// An execution in which nothing has moved since a moment, as a look has found.
public struct QuietExecution: Sendable, Hashable, Comparable {
    /// When something was recorded last on one of its sides, by the log's clock.
    public let since: Timestamp
    /// The execution.
    public let key: ExecutionKey

    /// A quiet execution by its parts.
    public init(_ key: ExecutionKey, since: Timestamp) {
        self.key = key
        self.since = since
    }

    /// By time, then by key.
    public static func < (left: QuietExecution, right: QuietExecution) -> Bool {
        (left.since, left.key) < (right.since, right.key)
    }
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
