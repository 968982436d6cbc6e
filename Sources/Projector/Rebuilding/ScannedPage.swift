import EventModel
import EventSourcing
import ReadModels

/// Events that were read together, with what every fold of them needs: worked out once, however many projections fold them.
struct ScannedPage: Sendable {
    /// In log order, without a hole.
    let events: EventBatch
    /// The place of each event's lane among the lanes of the log.
    let lanes: [UInt16]
    /// What the events of each lane add to the certificate of whoever handles them.
    private let seen: [SeenEvents]

    /// A page of a log with `count` lanes.
    init(_ events: EventBatch, lanes count: Int) {
        var lanes: [UInt16] = []
        lanes.reserveCapacity(events.count)
        var seen = [SeenEvents](repeating: SeenEvents(), count: count)
        for event in events {
            let lane = Int(Lane(of: event, count: count).rawValue)
            lanes.append(UInt16(lane))
            seen[lane].add(event)
        }
        self.events = events
        self.lanes = lanes
        self.seen = seen
    }

    /// The events behind `start` up to `end`; `nil` when there are none.
    func within(_ start: GlobalPosition, _ end: GlobalPosition) -> ScannedPage? {
        guard let first = events.first?.position, let last = events.last?.position, start < last, first <= end else {
            return nil
        }
        if start < first, last <= end { return self }
        return ScannedPage(
            events.dropFirst(Int(max(0, first.distance(to: start) + 1))).prefix(while: { $0.position <= end }),
            lanes: seen.count)
    }

    /// Where the events of each of `workers` workers are: a lane is always the same worker's.
    func shares(among workers: Int) -> [[Int]] {
        guard workers > 1 else { return [Array(events.indices)] }
        var shares = [[Int]](repeating: [], count: workers)
        for (index, lane) in zip(events.indices, lanes) { shares[Int(lane) % workers].append(index) }
        return shares
    }

    /// How many lanes the log has.
    var laneCount: Int { seen.count }

    /// The lanes of the events at the ends of some shares: where whoever has folded them stands.
    func ends(of shares: [[Int]]) -> LanesAtWork {
        LanesAtWork(
            .folding, in: shares.compactMap { $0.last.map { Int(lanes[$0 - events.startIndex]) } }, of: laneCount)
    }

    /// The lanes that have events here.
    var busyLanes: [Int] { seen.indices.filter { seen[$0].count > 0 } }

    /// What the events add to the checkpoints of a generation, by their lanes.
    func seen(in layout: LaneLayout) -> [Int: SeenEvents] {
        switch layout {
        case .whole: return events.isEmpty ? [:] : [LaneLayout.allLanes: seen.reduce(into: SeenEvents()) { $0.add($1) }]
        case .byLane(seen.count):
            return Dictionary(uniqueKeysWithValues: seen.enumerated().filter { $1.count > 0 }.map { ($0, $1) })
        case .byLane:
            // A generation that was begun when the log had another number of lanes.
            return events.reduce(into: [:]) { $0[layout.lane(of: $1), default: SeenEvents()].add($1) }
        }
    }
}

/// Events that a lane has seen: how many, and their digest.
struct SeenEvents: Sendable, Hashable {
    private(set) var count: Int64 = 0
    private(set) var digest = CompletenessDigest()

    mutating func add(_ event: RecordedEvent) {
        count += 1
        digest.add(event)
    }

    /// Adds other events.
    mutating func add(_ other: SeenEvents) {
        count += other.count
        digest.add(other.digest)
    }
}
