import EventModel
import EventSourcing
import Synchronization

/// Snapshots in memory: what PostgreSQL's tables amount to.
public final class InMemorySnapshots: SnapshotStore {
    private struct Kept {
        var snapshot: Snapshot
        var keptAt: Timestamp
        var confirmedAt: Timestamp?
    }

    private struct State {
        var kept: [SnapshotKey: Kept] = [:]
        var mismatches: [SnapshotMismatch] = []

        func distrusts(_ snapshot: Snapshot) -> Bool {
            mismatches.contains {
                $0.key.fold == snapshot.key.fold && $0.mark.fingerprint == snapshot.mark.fingerprint
            }
        }
    }

    private let state = Mutex(State())
    private let keys: InMemorySubjectKeys
    private let time: any Timekeeper

    /// No snapshots.
    ///
    /// - Parameter keys: what is sealed under a destroyed key goes with it.
    public init(keys: InMemorySubjectKeys = InMemorySubjectKeys(), time: any Timekeeper = SystemTimekeeper()) {
        self.keys = keys
        self.time = time
    }

    /// As the protocol says.
    public func snapshot(_ key: SnapshotKey) async throws(StoreError) -> Snapshot? {
        withLiving { state in state.kept[key].map(\.snapshot).flatMap { state.distrusts($0) ? nil : $0 } }
    }

    /// As the protocol says.
    public func keep(_ snapshot: Snapshot, over seen: SnapshotMark?) async throws(StoreError) -> SnapshotAnswer {
        let now = time.now()
        return withLiving { state in
            if state.distrusts(snapshot) { return .distrusted }
            guard snapshot.keys.allSatisfy(keys.isLiving) else { return .erased }
            if let present = state.kept[snapshot.key]?.snapshot.mark, present.version >= snapshot.mark.version,
                present != seen
            {
                return .overtaken
            }
            state.kept[snapshot.key] = Kept(snapshot: snapshot, keptAt: now)
            return .kept
        }
    }

    /// As the protocol says.
    public func confirm(_ mark: SnapshotMark, of key: SnapshotKey) async throws(StoreError) {
        let now = time.now()
        withLiving { state in
            if state.kept[key]?.snapshot.mark == mark { state.kept[key]?.confirmedAt = now }
        }
    }

    /// As the protocol says.
    public func record(_ mismatch: SnapshotMismatch) async throws(StoreError) {
        withLiving { state in
            if !state.mismatches.contains(where: { $0.key == mismatch.key && $0.mark == mismatch.mark }) {
                state.mismatches.append(mismatch)
            }
            state.kept = state.kept.filter { !state.distrusts($0.value.snapshot) }
        }
    }

    /// As the protocol says.
    public func snapshotMismatches(limit: Int) async throws(StoreError) -> [SnapshotMismatch] {
        withLiving { state in Array(state.mismatches.sorted { $0.foundAt > $1.foundAt }.prefix(limit)) }
    }

    /// As the protocol says.
    public func forgiveMismatches(of fold: String?) async throws(StoreError) -> Int {
        withLiving { state in
            let count = state.mismatches.count
            state.mismatches.removeAll { fold == nil || $0.key.fold == fold }
            return count - state.mismatches.count
        }
    }

    /// As the protocol says.
    public func snapshots(
        of selection: SnapshotSelection, behind key: SnapshotKey?, limit: Int
    ) async throws(StoreError) -> [SnapshotEntry] {
        withLiving { state in
            let chosen = state.kept.values.filter { selection.holds($0.snapshot.key) }
                .sorted { $0.snapshot.key.order < $1.snapshot.key.order }
                .filter { kept in key.map { $0.order < kept.snapshot.key.order } ?? true }
            return chosen.prefix(limit).map { kept in
                SnapshotEntry(
                    key: kept.snapshot.key, mark: kept.snapshot.mark, position: kept.snapshot.position,
                    bytes: kept.snapshot.state.count, foldedBytes: kept.snapshot.foldedBytes,
                    keys: kept.snapshot.keys.count, keptAt: kept.keptAt, confirmedAt: kept.confirmedAt)
            }
        }
    }

    /// As the protocol says.
    public func dropSnapshots(of selection: SnapshotSelection) async throws(StoreError) -> Int {
        withLiving { state in
            let count = state.kept.count
            state.kept = state.kept.filter { !selection.holds($0.key) }
            return count - state.kept.count
        }
    }

    private func withLiving<R: Sendable>(_ body: (inout State) -> R) -> R {
        state.withLock { state in
            state.kept = state.kept.filter { $0.value.snapshot.keys.allSatisfy(keys.isLiving) }
            return body(&state)
        }
    }
}

extension SnapshotSelection {
    fileprivate func holds(_ key: SnapshotKey) -> Bool {
        (workspace ?? key.workspace) == key.workspace && (stream ?? key.stream) == key.stream
            && (fold ?? key.fold) == key.fold
    }
}

extension SnapshotKey {
    /// ASCII throughout, so that it sorts as PostgreSQL does.
    fileprivate var order: (String, String, String) { (workspace.rawValue, stream.rawValue, fold) }
}
