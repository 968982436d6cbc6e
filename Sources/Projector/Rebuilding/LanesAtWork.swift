import EventModel
import EventSourcing

/// Where among the lanes a rebuild is at work.
public struct LanesAtWork: Sendable, Hashable {
    /// What is done there.
    public enum Work: Sendable, Hashable {
        /// Events are folded in log order, so each worker goes from lane to lane of those that are its own: these are the lanes of the events that
        /// were folded last, one for each worker that had any.
        case folding
        /// What was folded of these lanes is written.
        case writing
        /// Each lane has a checkpoint of its own, and these are furthest behind.
        case hindmost(at: GlobalPosition)
    }

    /// What is done.
    public var work: Work
    /// The lanes, in order.
    public var lanes: [Int]
    /// How many lanes there are.
    public var count: Int

    /// Work in some of `count` lanes.
    public init(_ work: Work, in lanes: [Int], of count: Int) {
        self.work = work
        self.lanes = lanes.sorted()
        self.count = count
    }
}

extension LaneProgress {
    /// The lanes that have to go furthest to a frontier; `nil` when none is behind it, and when all lanes have one checkpoint.
    func hindmost(behind end: Frontier) -> LanesAtWork? {
        let behind = lanes.filter { $0.position < end[$0.key.lane] }
        guard layout != .whole, let least = behind.map(\.position).min() else { return nil }
        return LanesAtWork(
            .hindmost(at: least), in: behind.filter { $0.position == least }.map(\.key.lane), of: layout.count)
    }
}
