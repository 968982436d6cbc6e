import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Synchronization

/// A store at whose `n`th write the process dies: before the write, or after it and before the answer.
final class DyingViews: ProjectionStore, GenerationStore {
    struct Died: Error {}

    private let views: InMemoryProjectionStore
    private let isDoneFirst: Bool
    private let left: Mutex<Int>

    init(_ views: InMemoryProjectionStore, at write: Int, isDoneFirst: Bool) {
        self.views = views
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

    func progress(of key: ConsumerProgress.Key) async throws(StoreError) -> ConsumerProgress? {
        try await views.progress(of: key)
    }

    func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row] {
        try await views.rows(for: keys, in: table)
    }

    func apply(
        _ changes: RowChanges, _ progress: ConsumerProgress, parking: ParkingChanges, from previous: GlobalPosition,
        under lease: Lease
    ) async throws(StoreError) -> ApplyAnswer {
        try await storing {
            try await views.apply(changes, progress, parking: parking, from: previous, under: lease)
        }
    }

    func recordState(_ progress: ConsumerProgress, under lease: Lease) async throws(StoreError) -> AdvanceAnswer {
        try await storing { try await views.recordState(progress, under: lease) }
    }

    func generations() async throws(StoreError) -> [Generation] { try await views.generations() }

    func begin(_ projection: any Projection, under lease: Lease) async throws -> Generation {
        try await write { try await views.begin(projection, under: lease) }
    }

    func prepare(_ rows: [Row], for table: TableDefinition) -> PreparedRows { views.prepare(rows, for: table) }

    func load(
        into generation: ProjectionGeneration, from previous: GlobalPosition, under lease: Lease,
        next: @escaping @Sendable () async throws -> LoadStep
    ) async throws -> ApplyAnswer {
        try await write { try await views.load(into: generation, from: previous, under: lease, next: next) }
    }

    func index(_ generation: ProjectionGeneration, under lease: Lease) async throws(StoreError) {
        try await storing { try await views.index(generation, under: lease) }
    }

    func finish(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await storing { try await views.finish(generation, under: lease) }
    }

    func retire(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await storing { try await views.retire(generation, under: lease) }
    }

    func compare(
        _ shadow: ProjectionGeneration, with active: ProjectionGeneration, limit: Int,
        align: @escaping @Sendable (GlobalPosition) async throws -> Void
    ) async throws -> GenerationComparison {
        try await write { try await views.compare(shadow, with: active, limit: limit, align: align) }
    }

    func activate(
        _ generation: ProjectionGeneration, keepingFor duration: Duration, under lease: Lease,
        align: @escaping @Sendable (GlobalPosition) async throws -> Void
    ) async throws {
        try await write { try await views.activate(generation, keepingFor: duration, under: lease, align: align) }
    }

    func record(_ report: GenerationReport, of generation: Generation, under lease: Lease) async throws(StoreError) {
        try await storing { try await views.record(report, of: generation, under: lease) }
    }

    func report(of generation: Generation) async throws(StoreError) -> GenerationReport? {
        try await views.report(of: generation)
    }
}

// A rebuild parks nothing.
extension DyingViews {
    func parkedKeys(
        of consumer: ConsumerProgress.Key, after key: ParkingKey?, limit: Int
    ) async throws(StoreError) -> [ParkedKey] {
        try await views.parkedKeys(of: consumer, after: key, limit: limit)
    }

    func parkedKey(_ key: ParkingKey, of consumer: ConsumerProgress.Key) async throws(StoreError) -> ParkedKey? {
        try await views.parkedKey(key, of: consumer)
    }

    func queue(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, after position: GlobalPosition, limit: Int
    ) async throws(StoreError) -> [GlobalPosition] {
        try await views.queue(of: key, of: consumer, after: position, limit: limit)
    }

    func nextRetry(of consumer: ConsumerProgress.Key) async throws(StoreError) -> ParkedKey? {
        try await views.nextRetry(of: consumer)
    }

    func requestRetry(
        of keys: [ParkingKey]?, of consumer: ConsumerProgress.Key, by actor: String?
    ) async throws(StoreError) -> Int {
        try await views.requestRetry(of: keys, of: consumer, by: actor)
    }

    func requestSkip(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, _ skip: RetryRequest.Skip, by actor: String
    ) async throws(StoreError) -> Bool {
        try await views.requestSkip(of: key, of: consumer, skip, by: actor)
    }
}
