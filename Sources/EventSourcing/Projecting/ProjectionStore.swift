import EventModel
import ReadModels

/// Where read models are kept, each with the checkpoint that belongs to it.
///
/// A view, its parked keys and its checkpoint move together or not at all (L3): ``apply(_:_:parking:from:under:)`` is the only way in, it
/// compares the checkpoint before it moves it, and it refuses whoever holds an old lease. Repeating an apply is therefore always safe: the
/// second time the answer is ``ApplyAnswer/moved(actual:)``.
public protocol ProjectionStore: ParkingStore {
    /// The stored progress; `nil` before the first.
    func progress(of key: ConsumerProgress.Key) async throws(StoreError) -> ConsumerProgress?

    /// The stored rows of those `keys` that have one. Keys are distinct.
    func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row]

    /// In one transaction: makes `changes` and `parking` and stores `progress`, if the stored position is `previous` (0 also when nothing
    /// is stored), the lease's token is the newest, and the parked keys that `parking` names are as it expects them.
    ///
    /// - Throws: ``StoreError``. After ``StoreError/unknownOutcome(reason:)`` it may have happened: read the progress and decide.
    func apply(
        _ changes: RowChanges, _ progress: ConsumerProgress, parking: ParkingChanges, from previous: GlobalPosition,
        under lease: Lease
    ) async throws(StoreError) -> ApplyAnswer

    /// Stores the state and the last error of `progress` and nothing else of it, if the stored position is its position and the
    /// lease's token is the newest: this is how a consumer that stands still says why. A progress that was never stored is stored
    /// whole.
    func recordState(_ progress: ConsumerProgress, under lease: Lease) async throws(StoreError) -> AdvanceAnswer
}

extension ProjectionStore {
    /// Applies a batch that parks nothing; see ``apply(_:_:parking:from:under:)``.
    public func apply(
        _ changes: RowChanges, _ progress: ConsumerProgress, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> ApplyAnswer {
        try await apply(changes, progress, parking: .none, from: previous, under: lease)
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

    /// The progress of a generation of a projection, all lanes together.
    public init(of generation: Generation) {
        self.init(consumer: generation.projection, kind: Self.projectorKind, version: generation.number)
    }

    /// The progress of a projection, all lanes together.
    public init(of projection: some Projection) {
        self.init(consumer: projection.name, kind: Self.projectorKind, version: projection.generation)
    }
}
