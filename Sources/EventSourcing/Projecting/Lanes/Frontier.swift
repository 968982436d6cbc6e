import EventModel
import ReadModels

/// How far a generation has come: in all lanes together, or in each.
///
/// An event is in the rows if and only if its position is not beyond that of its lane.
public struct Frontier: Sendable, Hashable {
    /// How the generation keeps its checkpoints.
    public let layout: LaneLayout
    /// In the order of the layout's lanes.
    public let positions: [GlobalPosition]

    /// Every lane is at the same position.
    public init(_ layout: LaneLayout, at position: GlobalPosition) {
        self.layout = layout
        positions = layout.lanes.map { _ in position }
    }

    /// Where the stored checkpoints of a generation are; a lane without one is at the beginning.
    public init(_ layout: LaneLayout, _ stored: [ConsumerProgress]) {
        let known = Dictionary(stored.map { ($0.key.lane, $0.position) }, uniquingKeysWith: max)
        self.layout = layout
        positions = layout.lanes.map { known[$0] ?? .start }
    }

    /// A frontier by its positions.
    ///
    /// - Precondition: one for each lane of the layout.
    public init(_ layout: LaneLayout, positions: [GlobalPosition]) {
        precondition(positions.count == layout.lanes.count, "a position for each lane")
        self.layout = layout
        self.positions = positions
    }

    /// Everything up to here is in the rows, whatever its lane.
    public var least: GlobalPosition { positions.min() ?? .start }
    /// Nothing beyond here is in the rows.
    public var greatest: GlobalPosition { positions.max() ?? .start }

    /// Where a lane of the layout is.
    public subscript(lane: Int) -> GlobalPosition { positions[max(0, lane)] }

    /// Whether an event is in the rows.
    public func includes(_ event: RecordedEvent) -> Bool { event.position <= self[layout.lane(of: event)] }

    /// A frontier of another layout that is nowhere behind this one: the same if it can be, else even.
    public func reached(in other: LaneLayout) -> Frontier {
        other == layout ? self : Frontier(other, at: greatest)
    }

    /// The same, but in no lane beyond a position.
    public func limited(to position: GlobalPosition) -> Frontier {
        Frontier(layout, positions: positions.map { min($0, position) })
    }

    /// Whether this one is behind another in some lane. Frontiers of different layouts are compared as a whole.
    public func isBehind(_ other: Frontier) -> Bool {
        guard layout == other.layout else { return least < other.greatest }
        return zip(positions, other.positions).contains { $0 < $1 }
    }
}
