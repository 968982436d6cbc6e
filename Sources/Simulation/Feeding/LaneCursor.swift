import EventSourcing

/// Where a client reads in one partition, and what it has fetched and not handed out: a value that says what a client of Kafka says.
///
/// What was fetched is handed out although the broker loses it meanwhile. An offset that is not there any more, or not yet, is told once, and nothing
/// is read until another place is named; one that the partition has grown beyond again is never missed. The end is told once for each time that it is
/// another one.
struct LaneCursor: Sendable {
    private let lane: Int
    /// The next offset to fetch; `nil` before the oldest one is known.
    private var offset: Int64?
    private var isLost = false
    private var toldEnd: Int64?
    /// What has come and was not handed out.
    private(set) var fetched: [LaneNews] = []

    init(_ lane: Int, at start: LaneStart) {
        self.lane = lane
        switch start {
        case .beginning: offset = nil
        case .offset(let offset): self.offset = offset
        }
    }

    /// Fetches from the partition as it is now, so many records at most.
    mutating func fetch(from partition: SimulatedBroker.Partition, limit: Int) {
        guard !isLost else { return }
        let start = offset ?? partition.firstOffset
        guard (partition.firstOffset...partition.nextOffset).contains(start) else {
            isLost = true
            return fetched.append(.missing(lane: lane))
        }
        var next = start
        for stored in partition.records.lazy.filter({ $0.offset >= start }).prefix(limit) {
            fetched.append(stored.news(in: lane))
            next = stored.offset + 1
        }
        offset = next
        guard next == partition.nextOffset, toldEnd != next else { return }
        toldEnd = next
        fetched.append(.end(lane: lane, offset: next))
    }

    /// Hands out the first of what has come.
    mutating func take(_ limit: Int) -> [LaneNews] {
        defer { fetched.removeFirst(min(limit, fetched.count)) }
        return Array(fetched.prefix(limit))
    }
}

extension SimulatedBroker.Stored {
    fileprivate func news(in lane: Int) -> LaneNews {
        guard let record else { return .foreign(lane: lane, offset: offset) }
        return .record(
            LaneRecord(
                lane: lane, offset: offset, previous: record.mark.previous, incarnation: record.mark.incarnation,
                event: record.event))
    }
}
