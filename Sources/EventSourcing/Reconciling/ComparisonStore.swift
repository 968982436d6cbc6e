import EventModel

/// Where the notes of looks at executions are kept: a cache that may be thrown away at any time. Implementations agree on every sentence here.
public protocol ComparisonStore: Sendable {
    /// Writes notes down, all in one step; the last one of an execution stays. Those under a lease that was lost are left out, and those that have seen
    /// less of a stream than what is noted: whoever looked earlier and writes later takes nothing back.
    ///
    /// - Returns: how many were written.
    @discardableResult
    func note(_ notes: [LeasedNote]) async throws(StoreError) -> Int

    /// What is noted of some executions; those of which nothing is are not in the answer.
    func notes(of keys: [ExecutionKey]) async throws(StoreError) -> [ExecutionKey: ComparisonNote]

    /// One page of the executions that can still move and of which the read model shows more than the last look has seen, or that nobody has looked at; and
    /// of all, those that are over as well, in which effects are under way: whoever has looked may be gone, or may be nobody who brings effects to engines.
    ///
    /// - Parameters:
    ///   - last: the last one of the page before; `nil` for the first page.
    ///   - limit: the most to list, at least one.
    func moved(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey]

    /// One page of the executions whose sides are apart and that are not stale, in the order of their keys, without those in which all that differs waits for
    /// a person: see ``ComparisonNote/Counts/isToBeVisited``. What it costs does not depend on how many are not apart.
    func apart(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey]

    /// How far apart the sides are now, by workspace, of all in which anything was looked at: none are in most of them.
    func drift() async throws(StoreError) -> [Drift]

    /// How many executions are stale, as the last looks have found, of the workspaces in which any are. What it costs grows with their number.
    func stale() async throws(StoreError) -> [Workspace: Int64]
}

/// How far apart the sides are in one workspace, as the last looks have found. Executions that are stale are not counted.
public struct Drift: Sendable, Hashable {
    /// The tenant.
    public var workspace: Workspace
    /// Executions whose sides are apart.
    public var executions: Int
    /// Fields that differ in them.
    public var fields: Int
    /// Fields that wait for a person.
    public var queued: Int
    /// Effects that are under way.
    public var pending: Int
    /// How long the one that has been apart for longest is.
    public var oldest: Duration
    /// How long all of them are together.
    public var total: Duration

    /// Whether nothing is apart.
    public var isNone: Bool { executions == 0 }

    /// A drift by its parts.
    public init(
        _ workspace: Workspace, executions: Int, fields: Int, queued: Int, pending: Int, oldest: Duration,
        total: Duration
    ) {
        self.workspace = workspace
        self.executions = executions
        self.fields = fields
        self.queued = queued
        self.pending = pending
        self.oldest = oldest
        self.total = total
    }
}
