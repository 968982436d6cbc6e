import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Synchronization

/// A store at whose `n`th write the process dies: before the write, or after it and before the answer.
final class DyingViews: ForwardingViews, GenerationStore {
    struct Died: Error {}

    let base: InMemoryProjectionStore
    private let isDoneFirst: Bool
    private let left: Mutex<Int>

    init(_ views: InMemoryProjectionStore, at write: Int, isDoneFirst: Bool) {
        base = views
        self.isDoneFirst = isDoneFirst
        left = Mutex(write)
    }

    /// Whether nobody died: there were fewer writes.
    var isAlive: Bool { left.withLock { $0 > 0 } }

    private func write<R>(_ body: () async throws -> R) async throws -> R {
        let dies = left.withLock {
            $0 -= 1
            return $0 <= 0
        }
        if dies, !isDoneFirst { throw Died() }
        let result = try await body()
        if dies { throw Died() }
        return result
    }

    /// Where a store may only fail in its own words.
    private func storing<R>(_ body: () async throws -> R) async throws(StoreError) -> R {
        do { return try await write(body) } catch let error as StoreError { throw error } catch {
            throw .unknownOutcome(reason: "died")
        }
    }

    func apply(
        _ changes: RowChanges, moving moves: [CheckpointMove]
    ) async throws(StoreError) -> ApplyAnswer {
        try await storing {
            try await base.apply(changes, moving: moves)
        }
    }

    func recordState(_ states: [CheckpointMove]) async throws(StoreError) -> AdvanceAnswer {
        try await storing { try await base.recordState(states) }
    }

    func begin(
        _ projection: any Projection, fingerprint: ProjectionFingerprint?, layout: LaneLayout, under lease: Lease
    ) async throws -> Generation {
        try await write {
            try await base.begin(projection, fingerprint: fingerprint, layout: layout, under: lease)
        }
    }

    func derive(
        _ projection: any Projection, from active: Generation, fingerprint: ProjectionFingerprint?, under lease: Lease,
        changes: @escaping @Sendable (Frontier, TableDefinition) async throws -> RowChanges
    ) async throws -> Generation {
        try await write {
            try await base.derive(projection, from: active, fingerprint: fingerprint, under: lease, changes: changes)
        }
    }

    func sign(_ generation: Generation, _ fingerprint: ProjectionFingerprint) async throws(StoreError) {
        try await storing { try await base.sign(generation, fingerprint) }
    }

    func load(
        into generation: ProjectionGeneration, from previous: GlobalPosition, under lease: Lease,
        next: @escaping @Sendable () async throws -> LoadStep
    ) async throws -> ApplyAnswer {
        try await write { try await base.load(into: generation, from: previous, under: lease, next: next) }
    }

    func index(_ generation: ProjectionGeneration, under lease: Lease) async throws(StoreError) {
        try await storing { try await base.index(generation, under: lease) }
    }

    func finish(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await storing { try await base.finish(generation, under: lease) }
    }

    func retire(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await storing { try await base.retire(generation, under: lease) }
    }

    func retireExpired(of projection: String, under lease: Lease) async throws(StoreError) -> [Generation] {
        try await storing { try await base.retireExpired(of: projection, under: lease) }
    }

    func compare(
        _ shadow: ProjectionGeneration, with active: Generation, limit: ComparisonLimit,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws -> GenerationComparison {
        try await write { try await base.compare(shadow, with: active, limit: limit, align: align) }
    }

    func activate(
        _ generation: ProjectionGeneration, keepingFor duration: Duration, under lease: Lease,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws {
        try await write { try await base.activate(generation, keepingFor: duration, under: lease, align: align) }
    }

    func record(_ report: GenerationReport, of generation: Generation, under lease: Lease) async throws(StoreError) {
        try await storing { try await base.record(report, of: generation, under: lease) }
    }
}
