import EventSourcing

/// What events change of the parked keys, by lane: each is stored beside the checkpoint of its lane.
struct LaneParking: Sendable, Hashable {
    private var lanes: [Int: ParkingChanges] = [:]

    /// No change.
    static let none = LaneParking()

    init() {}

    /// A step of a retry in one lane.
    init(_ settlement: ParkingChanges.Settlement, in lane: Int) {
        lanes = [lane: ParkingChanges(settlement)]
    }

    /// The changes of a lane.
    subscript(lane: Int) -> ParkingChanges {
        get { lanes[lane] ?? .none }
        _modify { yield &lanes[lane, default: .none] }
    }

    /// Adds what was changed beside, of other keys.
    mutating func formUnion(_ other: LaneParking) {
        for (lane, changes) in other.lanes { self[lane].formUnion(changes) }
    }
}
