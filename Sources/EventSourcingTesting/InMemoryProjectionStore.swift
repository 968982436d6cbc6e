import EventModel
import EventSourcing
import ReadModels
import Synchronization

/// Read models in memory, each with its checkpoint, and the leases that guard them: what PostgreSQL's tables and the apply statement
/// amount to, without a server.
public final class InMemoryProjectionStore: ProjectionStore, LeaseStore, LeaseSharing {
    struct State {
        var checkpoints = InMemoryCheckpoints()
        var members = InMemoryMembers()
        var parking = InMemoryParking()
        var tables: [String: [RowKey: Row]] = [:]
        var generations: InMemoryGenerations
    }

    let state: Mutex<State>
    let time: any Timekeeper

    /// No rows, no progress, no leases. The clock is the server's.
    ///
    /// - Parameters:
    ///   - projections: the read models whose first generation is registered as the active one.
    ///   - layout: how those generations keep their checkpoints.
    public init(
        time: any Timekeeper = SystemTimekeeper(), projections: [any Projection] = [], layout: LaneLayout = .whole
    ) {
        state = Mutex(State(generations: InMemoryGenerations(projections, layout: layout)))
        self.time = time
    }

    /// All rows of a table.
    public func rows(of table: TableDefinition) -> [RowKey: Row] {
        state.withLock { $0.tables[table.generationName] ?? [:] }
    }

    /// The lease of a name, if it is living.
    public func lease(_ name: String) -> Lease? {
        let now = time.steady()
        return state.withLock { $0.checkpoints.lease(name, at: now) }
    }

    /// See ``ProjectionStore/progress(of:)``.
    public func progress(of keys: [ConsumerProgress.Key]) async throws(StoreError) -> [ConsumerProgress] {
        state.withLock { state in keys.compactMap { state.checkpoints.progress(of: $0) } }
    }

    /// See ``ProjectionStore/rows(for:in:)``.
    public func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row] {
        let stored = rows(of: table)
        return keys.reduce(into: [:]) { found, key in found[key] = stored[key] }
    }

    /// See ``ProjectionStore/apply(_:moving:)``.
    public func apply(
        _ changes: RowChanges, moving moves: [CheckpointMove]
    ) async throws(StoreError) -> ApplyAnswer {
        let now = time.now()
        let outcome: Result<ApplyAnswer, StoreError> = state.withLock { state in
            Result { () throws(StoreError) in try state.apply(changes, moves, at: now) }
        }
        return try outcome.get()
    }

    /// See ``ProjectionStore/recordState(_:)``.
    public func recordState(_ states: [CheckpointMove]) async throws(StoreError) -> AdvanceAnswer {
        state.withLock { $0.checkpoints.recordState(states) }
    }
}

extension InMemoryProjectionStore.State {
    /// Works on a copy, so that a refusal leaves everything as it was.
    fileprivate mutating func apply(
        _ changes: RowChanges, _ moves: [CheckpointMove], at now: Timestamp
    ) throws(StoreError) -> ApplyAnswer {
        for move in moves { try generations.check(move.progress.key) }
        var next = self
        switch next.checkpoints.advance(moves) {
        case .advanced: break
        case .fenced(let current): return .fenced(current: current)
        case .moved(let actual): return .moved(actual: actual)
        }
        for move in moves {
            if let elsewhere = next.parking.apply(move.parking, of: move.progress.key, at: now) {
                return .moved(actual: elsewhere)
            }
        }
        let table = changes.table
        for row in changes.upserts {
            guard table.admits(row) else { return .refused(reason: "a row does not fit \(table.generationName)") }
            let old = next.tables[table.generationName, default: [:]].updateValue(row, forKey: table.key(of: row))
            guard !table.isAppendOnly || old == nil else {
                throw .corrupt(
                    at: moves.map(\.progress.position).max() ?? .start,
                    reason: "\(table.generationName) has a row that its checkpoint has not")
            }
        }
        for key in changes.deletions { next.tables[table.generationName]?[key] = nil }
        self = next
        return .advanced
    }
}

extension InMemoryProjectionStore {
    /// See ``LeaseStore/acquire(_:holder:for:)``. Expiry follows the store's clock.
    public func acquire(
        _ name: String, holder: String, for duration: Duration
    ) async throws(StoreError) -> LeaseAnswer {
        let now = time.steady()
        return state.withLock { $0.checkpoints.acquire(name, holder: holder, for: duration, at: now) }
    }

    /// See ``LeaseStore/renew(_:for:)``.
    public func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        let now = time.steady()
        return state.withLock { $0.checkpoints.renew(lease, for: duration, at: now) }
    }

    /// See ``LeaseStore/release(_:)``.
    public func release(_ lease: Lease) async throws(StoreError) {
        let now = time.steady()
        state.withLock { $0.checkpoints.release(lease, at: now) }
    }

    /// See ``LeaseSharing/takePart(in:as:parts:holding:for:)``.
    public func takePart(
        in share: ShareName, as holder: String, parts: [Int32], holding held: [Int32: Lease], for duration: Duration
    ) async throws(StoreError) -> ShareSurvey {
        let now = time.steady()
        return state.withLock { state in
            state.members.takePart(
                in: share, as: holder, parts: parts, holding: held, for: duration, leases: &state.checkpoints, at: now)
        }
    }

    /// See ``LeaseSharing/leave(_:as:)``.
    public func leave(_ share: ShareName, as holder: String) async throws(StoreError) {
        state.withLock { $0.members.leave(share, as: holder) }
    }
}

extension InMemoryProjectionStore {
    /// See ``ParkingStore/parkedKeys(of:after:limit:)``.
    public func parkedKeys(
        of consumer: ConsumerProgress.Key, after key: ParkingKey?, limit: Int
    ) async throws(StoreError) -> [ParkedKey] {
        state.withLock { $0.parking.parkedKeys(of: consumer, after: key, limit: limit) }
    }

    /// See ``ParkingStore/parkedKey(_:of:)``.
    public func parkedKey(_ key: ParkingKey, of consumer: ConsumerProgress.Key) async throws(StoreError) -> ParkedKey? {
        state.withLock { $0.parking.parkedKey(key, of: consumer) }
    }

    /// See ``ParkingStore/queue(of:of:after:limit:)``.
    public func queue(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, after position: GlobalPosition, limit: Int
    ) async throws(StoreError) -> [GlobalPosition] {
        state.withLock { $0.parking.queue(of: key, of: consumer, after: position, limit: limit) }
    }

    /// See ``ParkingStore/nextRetry(of:)``.
    public func nextRetry(of consumers: [ConsumerProgress.Key]) async throws(StoreError) -> RequestedRetry? {
        state.withLock { $0.parking.nextRetry(of: consumers) }
    }

    /// See ``ParkingStore/requestRetry(of:of:by:)``.
    public func requestRetry(
        of keys: [ParkingKey]?, of consumer: ConsumerProgress.Key, by actor: String?
    ) async throws(StoreError) -> Int {
        let now = time.now()
        return state.withLock { $0.parking.requestRetry(of: keys, of: consumer, by: actor, at: now) }
    }

    /// See ``ParkingStore/requestSkip(of:of:_:by:)``.
    public func requestSkip(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, _ skip: RetryRequest.Skip, by actor: String
    ) async throws(StoreError) -> Bool {
        let now = time.now()
        return state.withLock { $0.parking.requestSkip(of: key, of: consumer, skip, by: actor, at: now) }
    }
}
