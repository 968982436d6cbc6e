import EventModel

/// One checkpoint of a generation that moves with a batch, under the lease that allows it.
public struct CheckpointMove: Sendable, Hashable {
    /// The checkpoint afterwards; its key says which.
    public var progress: ConsumerProgress
    /// Where it stands before; 0 also when nothing is stored.
    public var from: GlobalPosition
    /// The lease of its lane.
    public var lease: Lease
    /// What is parked in its lane with the batch.
    public var parking: ParkingChanges

    /// A move by its parts.
    public init(
        _ progress: ConsumerProgress, from: GlobalPosition, under lease: Lease, parking: ParkingChanges = .none
    ) {
        self.progress = progress
        self.from = from
        self.lease = lease
        self.parking = parking
    }
}
