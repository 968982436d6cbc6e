extension ConsumerStatus {
    /// The lanes of a generation as one: where all of them are, the worst of what they say, and the sum of what they hold.
    ///
    /// - Parameters:
    ///   - lanes: those that have a checkpoint, this one among them; one without has handled nothing.
    ///   - count: how many there are.
    func summary(with lanes: [ConsumerStatus], of count: Int, logAge: Double) -> ConsumerStatus {
        // Of those that are equally far behind the one that stopped is told.
        var summary = lanes.min { ($0.position, $0.rank, $0.lane) < ($1.position, $1.rank, $1.lane) } ?? self
        summary.lanes = count
        summary.slowestLane = summary.lane
        summary.lane = -1
        let known = Set(lanes.map(\.lane))
        if let absent = (0..<count).first(where: { !known.contains($0) }) {
            (summary.slowestLane, summary.position, summary.lagEvents) = (absent, 0, summary.head)
            summary.lagSeconds = logAge
        }
        summary.parkedKeys = lanes.reduce(0) { $0 + $1.parkedKeys }
        summary.eventsHandled = lanes.reduce(0) { $0 + $1.eventsHandled }
        summary.isOnThisHistory = lanes.allSatisfy(\.isOnThisHistory)
        if let stopped = lanes.first(where: { $0.lastError != nil }) {
            summary.lastError = "lane \(stopped.lane): \(stopped.lastError ?? "")"
            summary.state = stopped.state
        }
        // One that is ahead of the log is told, however far behind another is.
        if let ahead = lanes.first(where: { $0.position > $0.head }) { summary.position = ahead.position }
        return summary
    }

    /// What comes first of what is equally far.
    private var rank: Int { lastError == nil ? 1 : 0 }
}

extension [ConsumerStatus] {
    /// One status for each consumer and generation, in their order; partitions of a topic that is taken in stay apart.
    ///
    /// - Parameter logAge: seconds since the first event of the log.
    public func summarised(logAge: Double) -> [ConsumerStatus] {
        var found: [ConsumerStatus] = []
        var rest = self[...]
        while let first = rest.first {
            guard first.lanes > 0 else {
                found.append(first)
                rest = rest.dropFirst()
                continue
            }
            let own = rest.prefix {
                $0.generation == first.generation && $0.consumer == first.consumer && $0.kind == first.kind
            }
            found.append(first.summary(with: Array(own), of: first.lanes, logAge: logAge))
            rest = rest.dropFirst(own.count)
        }
        return found
    }
}
