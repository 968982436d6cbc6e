import EventModel

/// Which open executions are meant.
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

/// Where open executions are selected: those of which a side can still move, and those that are over and in which a conflict waits or an effect is under way.
/// A read model, which may be behind the log, with the notes of looks. Those that are stale are left out where nothing else is said.
/// Implementations agree on every sentence here.
public protocol SelectedExecutions: Sendable {
    /// How many there are now.
    func count(of selection: ExecutionSelection) async throws(StoreError) -> Int64

    /// One page of them in the order of their keys, each with its note where that is current: where the read model shows nothing that the look has not seen.
    ///
    /// - Parameters:
    ///   - withStale: whether stale ones are listed as well.
    ///   - last: the last one of the page before; `nil` for the first page.
    ///   - limit: the most to list, at least one.
    func standings(
        of selection: ExecutionSelection, withStale: Bool, after last: ExecutionKey?, limit: Int
    ) async throws(StoreError) -> [NotedExecution]

    /// Those of which nothing differs, nothing waits and nothing is pending by notes that are current: only counted, together where the same policy is for
    /// them and was applied. What it costs does not depend on how many an answer would have to name.
    func rest(of selection: ExecutionSelection) async throws(StoreError) -> [Rest]

    /// One page of the others in the order of their keys: of those that are not in `rest`.
    ///
    /// - Parameters:
    ///   - rest: what need not be listed, of those that ``rest(of:)`` has counted.
    ///   - last: the last one of the page before; `nil` for the first page.
    ///   - limit: the most to list, at least one.
    func executions(
        of selection: ExecutionSelection, besides rest: [Rest], after last: ExecutionKey?, limit: Int
    ) async throws(StoreError) -> [ExecutionKey]
}

extension SelectedExecutions {
    /// One page of those that are not stale: see ``standings(of:withStale:after:limit:)``.
    public func standings(
        of selection: ExecutionSelection, after last: ExecutionKey?, limit: Int
    ) async throws(StoreError) -> [NotedExecution] {
        try await standings(of: selection, withStale: false, after: last, limit: limit)
    }
}

/// An open execution, and what is noted of it.
public struct NotedExecution: Sendable, Hashable {
    /// The execution.
    public let key: ExecutionKey
    /// The note; `nil` where something has happened since, or nobody has looked.
    public let note: ComparisonNote?

    /// A noted execution by its parts.
    public init(_ key: ExecutionKey, note: ComparisonNote?) {
        self.key = key
        self.note = note
    }
}

/// Executions in which there is nothing to do, as long as the policy for them is the one that was applied.
public struct Rest: Sendable, Hashable {
    /// Their tenant.
    public let workspace: Workspace
    /// The workflow that they run; `nil` where nobody has said.
    public let workflow: String?
    /// The digest of the policy that was applied.
    public let policy: ContentDigest
    /// How many there are.
    public let executions: Int64

    /// A rest by its parts.
    public init(workspace: Workspace, workflow: String?, policy: ContentDigest, executions: Int64) {
        self.workspace = workspace
        self.workflow = workflow
        self.policy = policy
        self.executions = executions
    }

    /// Whether an execution with this note is one of them.
    public func holds(_ note: ComparisonNote) -> Bool {
        note.counts.isAtRest && note.key.workspace == workspace && note.workflow == workflow
            && note.policy == policy
    }
}
