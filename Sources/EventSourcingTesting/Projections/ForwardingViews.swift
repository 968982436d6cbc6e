import EventModel
import EventSourcing
import ReadModels

/// Views that hand every call on to others: what a wrapper that interferes with some calls need not repeat.
public protocol ForwardingViews: ProjectionStore {
    associatedtype Base: ProjectionStore
    /// The views behind.
    var base: Base { get }
}

extension ForwardingViews {
    /// See ``ProjectionStore/progress(of:)``.
    public func progress(of keys: [ConsumerProgress.Key]) async throws(StoreError) -> [ConsumerProgress] {
        try await base.progress(of: keys)
    }

    /// See ``ProjectionStore/rows(for:in:)``.
    public func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row] {
        try await base.rows(for: keys, in: table)
    }

    /// See ``ProjectionStore/apply(_:moving:)``.
    public func apply(
        _ changes: RowChanges, moving moves: [CheckpointMove]
    ) async throws(StoreError) -> ApplyAnswer {
        try await base.apply(changes, moving: moves)
    }

    /// See ``ProjectionStore/recordState(_:)``.
    public func recordState(_ states: [CheckpointMove]) async throws(StoreError) -> AdvanceAnswer {
        try await base.recordState(states)
    }

    /// See ``ParkingStore/parkedKeys(of:after:limit:)``.
    public func parkedKeys(
        of consumer: ConsumerProgress.Key, after key: ParkingKey?, limit: Int
    ) async throws(StoreError) -> [ParkedKey] {
        try await base.parkedKeys(of: consumer, after: key, limit: limit)
    }

    /// See ``ParkingStore/parkedKey(_:of:)``.
    public func parkedKey(_ key: ParkingKey, of consumer: ConsumerProgress.Key) async throws(StoreError) -> ParkedKey? {
        try await base.parkedKey(key, of: consumer)
    }

    /// See ``ParkingStore/queue(of:of:after:limit:)``.
    public func queue(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, after position: GlobalPosition, limit: Int
    ) async throws(StoreError) -> [GlobalPosition] {
        try await base.queue(of: key, of: consumer, after: position, limit: limit)
    }

    /// See ``ParkingStore/nextRetry(of:)``.
    public func nextRetry(of consumers: [ConsumerProgress.Key]) async throws(StoreError) -> RequestedRetry? {
        try await base.nextRetry(of: consumers)
    }

    /// See ``ParkingStore/requestRetry(of:of:by:)``.
    public func requestRetry(
        of keys: [ParkingKey]?, of consumer: ConsumerProgress.Key, by actor: String?
    ) async throws(StoreError) -> Int {
        try await base.requestRetry(of: keys, of: consumer, by: actor)
    }

    /// See ``ParkingStore/requestSkip(of:of:_:by:)``.
    public func requestSkip(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, _ skip: RetryRequest.Skip, by actor: String
    ) async throws(StoreError) -> Bool {
        try await base.requestSkip(of: key, of: consumer, skip, by: actor)
    }
}

extension ForwardingViews where Self: GenerationStore, Base: GenerationStore {
    /// See ``GenerationStore/generations()``.
    public func generations() async throws(StoreError) -> [Generation] {
        try await base.generations()
    }

    /// See ``GenerationStore/begin(_:fingerprint:layout:under:)``.
    public func begin(
        _ projection: any Projection, fingerprint: ProjectionFingerprint?, layout: LaneLayout, under lease: Lease
    ) async throws -> Generation {
        try await base.begin(projection, fingerprint: fingerprint, layout: layout, under: lease)
    }

    /// See ``GenerationStore/derive(_:from:fingerprint:under:changes:)``.
    public func derive(
        _ projection: any Projection, from active: Generation, fingerprint: ProjectionFingerprint?, under lease: Lease,
        changes: @escaping @Sendable (Frontier, TableDefinition) async throws -> RowChanges
    ) async throws -> Generation {
        try await base.derive(projection, from: active, fingerprint: fingerprint, under: lease, changes: changes)
    }

    /// See ``GenerationStore/fingerprint(of:)``.
    public func fingerprint(of generation: Generation) async throws(StoreError) -> ProjectionFingerprint? {
        try await base.fingerprint(of: generation)
    }

    /// See ``GenerationStore/sign(_:_:)``.
    public func sign(_ generation: Generation, _ fingerprint: ProjectionFingerprint) async throws(StoreError) {
        try await base.sign(generation, fingerprint)
    }

    /// See ``GenerationStore/prepare(_:for:)``.
    public func prepare(_ rows: [Row], for table: TableDefinition) -> PreparedRows {
        base.prepare(rows, for: table)
    }

    /// See ``GenerationStore/load(into:from:under:next:)``.
    public func load(
        into generation: ProjectionGeneration, from previous: GlobalPosition, under lease: Lease,
        next: @escaping @Sendable () async throws -> LoadStep
    ) async throws -> ApplyAnswer {
        try await base.load(into: generation, from: previous, under: lease, next: next)
    }

    /// See ``GenerationStore/index(_:under:)``.
    public func index(_ generation: ProjectionGeneration, under lease: Lease) async throws(StoreError) {
        try await base.index(generation, under: lease)
    }

    /// See ``GenerationStore/finish(_:under:)``.
    public func finish(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await base.finish(generation, under: lease)
    }

    /// See ``GenerationStore/retire(_:under:)``.
    public func retire(_ generation: Generation, under lease: Lease) async throws(StoreError) {
        try await base.retire(generation, under: lease)
    }

    /// See ``GenerationStore/retireExpired(of:under:)``.
    public func retireExpired(of projection: String, under lease: Lease) async throws(StoreError) -> [Generation] {
        try await base.retireExpired(of: projection, under: lease)
    }

    /// See ``GenerationStore/compare(_:with:limit:align:)``.
    public func compare(
        _ shadow: ProjectionGeneration, with active: Generation, limit: ComparisonLimit,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws -> GenerationComparison {
        try await base.compare(shadow, with: active, limit: limit, align: align)
    }

    /// See ``GenerationStore/activate(_:keepingFor:under:align:)``.
    public func activate(
        _ generation: ProjectionGeneration, keepingFor duration: Duration, under lease: Lease,
        align: @escaping @Sendable (Frontier) async throws -> Void
    ) async throws {
        try await base.activate(generation, keepingFor: duration, under: lease, align: align)
    }

    /// See ``GenerationStore/record(_:of:under:)``.
    public func record(_ report: GenerationReport, of generation: Generation, under lease: Lease)
        async throws(StoreError)
    {
        try await base.record(report, of: generation, under: lease)
    }

    /// See ``GenerationStore/report(of:)``.
    public func report(of generation: Generation) async throws(StoreError) -> GenerationReport? {
        try await base.report(of: generation)
    }
}
