import EventModel
import EventSourcing
import Synchronization

/// The notes of looks in memory, beside what a read model shows of the sides: what PostgreSQL keeps in `lockstep.comparisons`.
public final class InMemoryComparisons: ComparisonStore, OpenExecutions, SelectedExecutions {
    private struct Row {
        var note: ComparisonNote
        var apartSince: Timestamp?

        /// Whether the sides are apart, and somebody minds.
        var isDrift: Bool { apartSince != nil && !note.movement.isStale }
        /// Whether a conflict waits or an effect is under way, and somebody minds.
        var isUnfinished: Bool { note.counts.isUnfinished && !note.movement.isStale }
    }

    private struct Shown {
        var ends: ComparisonNote.Ends
        var workflow: String?
        var updatedAt: Timestamp
        /// Whether no side can move any more.
        var isOver = false
    }

    private struct State {
        var rows: [ExecutionKey: Row] = [:]
        var shown: [ExecutionKey: Shown] = [:]
    }

    private let state = Mutex(State())
    private let time: any Timekeeper
    private let isNewest: @Sendable (Lease) -> Bool

    /// No notes, and nothing shown.
    ///
    /// - Parameter isNewest: whether nobody has taken a lease since.
    public init(
        time: any Timekeeper = SystemTimekeeper(), isNewest: @escaping @Sendable (Lease) -> Bool = { _ in true }
    ) {
        self.time = time
        self.isNewest = isNewest
    }

    /// The read model shows an execution that can still move, and how far its sides' streams go.
    public func show(
        _ key: ExecutionKey, _ ends: ComparisonNote.Ends = ComparisonNote.Ends(), workflow: String? = nil
    ) {
        let now = time.now()
        state.withLock { $0.shown[key] = Shown(ends: ends, workflow: workflow, updatedAt: now) }
    }

    /// The read model shows that an execution cannot move any more.
    public func end(_ key: ExecutionKey) { state.withLock { $0.shown[key]?.isOver = true } }

    /// Every note, by execution.
    public var all: [ExecutionKey: ComparisonNote] { state.withLock { $0.rows.mapValues(\.note) } }

    /// As the protocol says.
    @discardableResult
    public func note(_ notes: [LeasedNote]) async throws(StoreError) -> Int {
        let last = Dictionary(notes.map { ($0.note.key, $0) }, uniquingKeysWith: { $1 })
        let valid = last.values.filter { isNewest($0.lease) }.map(\.note)
        return state.withLock { state in
            let newer = valid.filter { note in state.rows[note.key].map { note.hasSeenAll(of: $0.note) } ?? true }
            for note in newer {
                let since = note.counts.isApart ? state.rows[note.key]?.apartSince ?? note.lookedAt : nil
                state.rows[note.key] = Row(note: note, apartSince: since)
            }
            return newer.count
        }
    }

    /// As the protocol says.
    public func notes(of keys: [ExecutionKey]) async throws(StoreError) -> [ExecutionKey: ComparisonNote] {
        state.withLock { state in
            Dictionary(
                keys.compactMap { key in state.rows[key].map { (key, $0.note) } },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// As the protocol says.
    public func open(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        state.withLock { state in
            let moving = state.shown.filter { key, shown in
                !shown.isOver && Self.current(of: key, in: state)?.movement.isStale != true
            }
            return Self.page(
                Set(moving.keys).union(state.rows.filter(\.value.isUnfinished).keys), after: last, limit)
        }
    }

    /// As the protocol says.
    public func moved(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        state.withLock { state in
            let moved = state.shown.filter { !$0.value.isOver && Self.current(of: $0.key, in: state) == nil }
            let busy = state.rows.filter { $0.value.isUnfinished && $0.value.note.counts.pending > 0 }
            return Self.page(Set(moved.keys).union(busy.keys), after: last, limit)
        }
    }

    /// As the protocol says.
    public func apart(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        state.withLock { state in
            Self.page(
                state.rows.filter { $0.value.isDrift && $0.value.note.counts.isToBeVisited }.keys, after: last, limit)
        }
    }

    /// As the protocol says.
    public func quiet(
        since moment: Timestamp, after last: QuietExecution?, limit: Int
    ) async throws(StoreError) -> [QuietExecution] {
        state.withLock { state in
            let quiet = state.rows.values.compactMap { row -> QuietExecution? in
                guard case .since(let since) = row.note.movement, since <= moment, row.note.counts.pending == 0 else {
                    return nil
                }
                return QuietExecution(row.note.key, since: since)
            }
            return Array(quiet.filter { one in last.map { $0 < one } ?? true }.sorted().prefix(max(1, limit)))
        }
    }

    /// As the protocol says.
    public func count(of selection: ExecutionSelection) async throws(StoreError) -> Int64 {
        state.withLock { Int64(Self.keys(selection, in: $0).count) }
    }

    /// As the protocol says.
    public func standings(
        of selection: ExecutionSelection, withStale: Bool, after last: ExecutionKey?, limit: Int
    ) async throws(StoreError) -> [NotedExecution] {
        state.withLock { state in
            Self.page(Self.keys(selection, withStale: withStale, in: state), after: last, limit).map {
                NotedExecution($0, note: Self.current(of: $0, in: state))
            }
        }
    }

    /// As the protocol says.
    public func rest(of selection: ExecutionSelection) async throws(StoreError) -> [Rest] {
        state.withLock { state in
            let notes = Self.keys(selection, in: state).compactMap { Self.current(of: $0, in: state) }
            let resting = notes.filter(\.counts.isAtRest)
            return Dictionary(grouping: resting) { [$0.key.workspace.rawValue, $0.workflow, $0.policy.hexadecimal] }
                .values.compactMap { group in
                    group.first.map {
                        Rest(
                            workspace: $0.key.workspace, workflow: $0.workflow, policy: $0.policy,
                            executions: Int64(group.count))
                    }
                }
        }
    }

    /// As the protocol says.
    public func executions(
        of selection: ExecutionSelection, besides rest: [Rest], after last: ExecutionKey?, limit: Int
    ) async throws(StoreError) -> [ExecutionKey] {
        state.withLock { state in
            let others = Self.keys(selection, in: state).filter { key in
                guard let note = Self.current(of: key, in: state) else { return true }
                return !rest.contains { $0.holds(note) }
            }
            return Self.page(others, after: last, limit)
        }
    }

    private static func keys(
        _ selection: ExecutionSelection, withStale: Bool = false, in state: State
    ) -> [ExecutionKey] {
        state.shown.filter { key, shown in
            (!shown.isOver || state.rows[key]?.note.counts.isUnfinished == true)
                && (withStale || current(of: key, in: state)?.movement.isStale != true)
                && (selection.workspace.map { $0 == key.workspace } ?? true)
                && (selection.workflow.map { $0 == shown.workflow } ?? true)
                && (selection.since.map { $0 <= shown.updatedAt } ?? true)
        }.map(\.key)
    }

    /// As the protocol says.
    public func drift() async throws(StoreError) -> [Drift] {
        let now = time.now()
        return state.withLock { state in
            var drifts: [Workspace: Drift] = [:]
            for row in state.rows.values {
                let (workspace, counts) = (row.note.key.workspace, row.note.counts)
                var drift =
                    drifts[workspace]
                    ?? Drift(
                        workspace, executions: 0, fields: 0, queued: 0, pending: 0, oldest: .zero, total: .zero)
                defer { drifts[workspace] = drift }
                guard let since = row.apartSince, row.isDrift else { continue }
                let age = since.duration(to: now)
                drift.executions += 1
                drift.fields += counts.differing
                drift.queued += counts.queued
                drift.pending += counts.pending
                drift.oldest = max(drift.oldest, age)
                drift.total += age
            }
            return drifts.values.sorted { $0.workspace.rawValue < $1.workspace.rawValue }
        }
    }

    /// As the protocol says.
    public func stale() async throws(StoreError) -> [Workspace: Int64] {
        state.withLock { state in
            let stale = state.rows.values.filter(\.note.movement.isStale)
            return Dictionary(grouping: stale, by: \.note.key.workspace).mapValues { Int64($0.count) }
        }
    }

    private static func page(
        _ keys: some Sequence<ExecutionKey>, after last: ExecutionKey?, _ limit: Int
    ) -> [ExecutionKey] {
        Array(keys.filter { key in last.map { $0 < key } ?? true }.sorted().prefix(max(1, limit)))
    }

    private static func current(of key: ExecutionKey, in state: State) -> ComparisonNote? {
        guard let note = state.rows[key]?.note, let shown = state.shown[key]?.ends else { return nil }
        let ends = [(shown.workflow, note.ends.workflow), (shown.journey, note.ends.journey)]
        let isCurrent = ends.allSatisfy { shown, seen in
            (shown?.position ?? .start) <= (seen?.position ?? .start)
        }
        return isCurrent ? note : nil
    }
}
