import EventModel
import ReadModels

/// Where read models are kept, each with the checkpoints that belong to it.
///
/// A view, its parked keys and its checkpoints move together or not at all (L3): ``apply(_:moving:)`` is the only way in, it compares the
/// checkpoints before it moves them, and it refuses whoever holds an old lease. Repeating an apply is therefore always safe: the second time
/// the answer is ``ApplyAnswer/moved(actual:)``.
public protocol ProjectionStore: ParkingStore {
    /// The stored progress of those keys, all as they are at one moment; those before their first are left out. The keys are of one generation.
    func progress(of keys: [ConsumerProgress.Key]) async throws(StoreError) -> [ConsumerProgress]

    /// The stored rows of those `keys` that have one. Keys are distinct.
    func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row]

    /// In one transaction: makes `changes`, and the moves with what they park, if each stored position is where its move begins, each lease's
    /// token is the newest, and the parked keys that are named are as they are expected.
    ///
    /// - Parameter moves: at least one, of one generation, each of another lane.
    /// - Throws: ``StoreError``. After ``StoreError/unknownOutcome(reason:)`` it may have happened: read the progress and decide.
    func apply(_ changes: RowChanges, moving moves: [CheckpointMove]) async throws(StoreError) -> ApplyAnswer

    /// Stores the state and the last error of each progress and nothing else of it, if the stored positions are theirs and the leases'
    /// tokens are the newest, all or nothing: this is how a consumer that stands still says why. A progress that was never stored is stored whole.
    func recordState(_ states: [CheckpointMove]) async throws(StoreError) -> AdvanceAnswer
}

extension ProjectionStore {
    /// The stored progress; `nil` before the first.
    public func progress(of key: ConsumerProgress.Key) async throws(StoreError) -> ConsumerProgress? {
        try await progress(of: [key]).first
    }

    /// Where a generation stands.
    public func frontier(of projection: some Projection) async throws(StoreError) -> Frontier {
        Frontier(projection.layout, try await progress(of: ConsumerProgress.Key.all(of: projection)))
    }

    /// Where a generation stands.
    public func frontier(of generation: Generation) async throws(StoreError) -> Frontier {
        Frontier(generation.layout, try await progress(of: ConsumerProgress.Key.all(of: generation)))
    }

    /// Applies a batch that moves one checkpoint; see ``apply(_:moving:)``.
    public func apply(
        _ changes: RowChanges, _ progress: ConsumerProgress, parking: ParkingChanges = .none,
        from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> ApplyAnswer {
        try await apply(
            changes, moving: [CheckpointMove(progress, from: previous, under: lease, parking: parking)])
    }

    /// Records one state; see ``recordState(_:)``.
    public func recordState(
        _ progress: ConsumerProgress, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        try await recordState([CheckpointMove(progress, from: progress.position, under: lease)])
    }
}

/// The answer to applying a batch.
public enum ApplyAnswer: Sendable, Hashable {
    /// The rows and the checkpoint are stored.
    case advanced
    /// The lease was lost: a newer token is in force. Nothing was stored. Stop.
    case fenced(current: Int64)
    /// The checkpoint, or a parked key, is not where this consumer left it: another one is running. Nothing was stored. Stop.
    case moved(actual: GlobalPosition)
    /// The store cannot hold one of the rows. Nothing was stored; a retry cannot help, a smaller batch tells which event it is.
    case refused(reason: String)
}

extension ConsumerProgress.Key {
    /// The kind under which projectors keep their progress.
    public static let projectorKind = "projector"

    /// The progress of a generation of a projection in a lane; without one, in all lanes together.
    public init(of generation: Generation, lane: Int = LaneLayout.allLanes) {
        self.init(consumer: generation.projection, kind: Self.projectorKind, version: generation.number, lane: lane)
    }

    /// The progress of a projection in a lane; without one, in all lanes together.
    public init(of projection: some Projection, lane: Int = LaneLayout.allLanes) {
        self.init(consumer: projection.name, kind: Self.projectorKind, version: projection.generation, lane: lane)
    }

    /// Everything under which a generation keeps progress, in the order of its lanes.
    public static func all(of generation: Generation) -> [Self] {
        generation.layout.lanes.map { Self(of: generation, lane: $0) }
    }

    /// Everything under which a projection keeps progress, in the order of its lanes.
    public static func all(of projection: some Projection) -> [Self] {
        projection.layout.lanes.map { Self(of: projection, lane: $0) }
    }
}
