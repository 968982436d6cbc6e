import EventSourcing
import ReadModels

/// The lanes of a generation that one process moves, each with the lease under which it may.
public struct LaneShare: Sendable, Hashable {
    /// By lane; ``ReadModels/LaneLayout/allLanes`` alone when the generation keeps one checkpoint.
    public let leases: [Int: Lease]

    /// All lanes, under one lease: a generation with one checkpoint.
    public init(_ lease: Lease) { leases = [LaneLayout.allLanes: lease] }

    /// Some lanes of a generation with a checkpoint for each.
    public init(_ leases: [Int: Lease]) { self.leases = leases }

    /// All checkpoints of a generation, under one lease: what a rebuild moves.
    init(all layout: LaneLayout, under lease: Lease) {
        leases = Dictionary(uniqueKeysWithValues: layout.lanes.map { ($0, lease) })
    }

    /// The lanes, in order.
    public var lanes: [Int] { leases.keys.sorted() }
}
