import EventModel

/// How a generation keeps its checkpoints. It is decided when the generation is made and never changes within it: another layout is a rebuild.
///
/// One checkpoint is moved by one process at a time. With one for each lane any number of processes, and a Kafka consumer group, can share the
/// lanes out among themselves; every row is of one lane, because everything that concerns it shares a sync key, or because it is kept per lane.
public enum LaneLayout: Sendable, Hashable {
    /// One checkpoint for all lanes together; its lane is ``allLanes``.
    case whole
    /// One for each of so many lanes: 0, 1, 2 … The number is that of the log's lanes, which is that of its topic's partitions.
    case byLane(Int)

    /// The lane of a checkpoint that is for all of them together.
    public static let allLanes = -1

    /// A layout by the number of lanes that have a checkpoint of their own; 0 for none.
    public init(lanes: Int) { self = lanes > 0 ? .byLane(lanes) : .whole }

    /// How many lanes have a checkpoint of their own; 0 for none.
    public var count: Int {
        switch self {
        case .whole: 0
        case .byLane(let count): count
        }
    }

    /// The lanes under which checkpoints are kept, in order.
    public var lanes: [Int] {
        switch self {
        case .whole: [Self.allLanes]
        case .byLane(let count): Array(0..<count)
        }
    }

    /// Under which lane an event is counted.
    public func lane(of event: RecordedEvent) -> Int {
        switch self {
        case .whole: Self.allLanes
        case .byLane(let count): Int(Lane(of: event, count: count).rawValue)
        }
    }
}

extension LaneLayout: CustomStringConvertible {
    /// For people.
    public var description: String {
        switch self {
        case .whole: "one checkpoint"
        case .byLane(let count): "a checkpoint for each of \(count) lanes"
        }
    }
}
