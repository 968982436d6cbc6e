import EventModel
import EventSourcing
import EventSourcingTesting

/// A store whose every call fails.
struct BrokenSnapshots: SnapshotStore {
    private func fail() -> StoreError { .unavailable(reason: "a test") }

    func snapshot(_ key: SnapshotKey) async throws(StoreError) -> Snapshot? { throw fail() }
    func keep(_ snapshot: Snapshot, over seen: SnapshotMark?) async throws(StoreError) -> SnapshotAnswer {
        throw fail()
    }
    func confirm(_ mark: SnapshotMark, of key: SnapshotKey) async throws(StoreError) { throw fail() }
    func record(_ mismatch: SnapshotMismatch) async throws(StoreError) { throw fail() }
    func snapshotMismatches(limit: Int) async throws(StoreError) -> [SnapshotMismatch] { throw fail() }
    func forgiveMismatches(of fold: String?) async throws(StoreError) -> Int { throw fail() }
    func snapshots(
        of selection: SnapshotSelection, behind key: SnapshotKey?, limit: Int
    ) async throws(StoreError) -> [SnapshotEntry] { throw fail() }
    func dropSnapshots(of selection: SnapshotSelection) async throws(StoreError) -> Int { throw fail() }
}

/// A store that tells when it has kept something.
struct TellingSnapshots: SnapshotStore {
    let base: InMemorySnapshots
    let kept: AsyncStream<Void>.Continuation

    func snapshot(_ key: SnapshotKey) async throws(StoreError) -> Snapshot? { try await base.snapshot(key) }
    func keep(_ snapshot: Snapshot, over seen: SnapshotMark?) async throws(StoreError) -> SnapshotAnswer {
        let answer = try await base.keep(snapshot, over: seen)
        kept.yield()
        return answer
    }
    func confirm(_ mark: SnapshotMark, of key: SnapshotKey) async throws(StoreError) {
        try await base.confirm(mark, of: key)
    }
    func record(_ mismatch: SnapshotMismatch) async throws(StoreError) { try await base.record(mismatch) }
    func snapshotMismatches(limit: Int) async throws(StoreError) -> [SnapshotMismatch] {
        try await base.snapshotMismatches(limit: limit)
    }
    func forgiveMismatches(of fold: String?) async throws(StoreError) -> Int {
        try await base.forgiveMismatches(of: fold)
    }
    func snapshots(
        of selection: SnapshotSelection, behind key: SnapshotKey?, limit: Int
    ) async throws(StoreError) -> [SnapshotEntry] {
        try await base.snapshots(of: selection, behind: key, limit: limit)
    }
    func dropSnapshots(of selection: SnapshotSelection) async throws(StoreError) -> Int {
        try await base.dropSnapshots(of: selection)
    }
}
