import EventModel
import EventSourcing
import ReadModels

/// Which of the rows that differ are behind in what readers see: events that concern them were not handled there yet.
struct UnhandledRows<Log: EventStore, Views: ProjectionStore>: Sendable {
    private let generation: ProjectionGeneration
    private let wanted: Set<RowKey>
    private let log: Log
    private let views: Views

    /// Positions of a queue that are looked up at a time.
    private static var page: Int { 1_000 }

    /// - Parameter generation: the fold that tells which row an event concerns.
    init(of generation: ProjectionGeneration, among wanted: Set<RowKey>, log: Log, views: Views) {
        self.generation = generation
        self.wanted = wanted
        self.log = log
        self.views = views
    }

    /// Those that events concern which one generation has handled and the active one has not. All of them when nothing was ever projected: that needs
    /// no reading.
    func between(_ active: Frontier, _ shadow: Frontier) async throws -> Set<RowKey> {
        guard active.greatest > .start else { return wanted }
        guard shadow.greatest > active.least, !wanted.isEmpty else { return [] }
        var found: Set<RowKey> = []
        var scan = LogScan(log, after: active.least, through: shadow.greatest)
        while found.count < wanted.count, let page = try await scan.next() {
            take(page.lazy.filter { !active.includes($0) && shadow.includes($0) }, into: &found)
        }
        return found
    }

    /// Those that events concern which wait behind parked keys.
    func waiting(
        behind parked: [(consumer: ConsumerProgress.Key, parked: ParkedKey)]
    ) async throws -> Set<RowKey> {
        guard !wanted.isEmpty else { return [] }
        let names = Set(parked.map(\.parked.key))
        var found = wanted.filter { names.contains(ParkingKey(row: $0)) }
        for (consumer, key) in parked where key.key.sort == .syncKey {
            var after = GlobalPosition.start
            while found.count < wanted.count {
                let queue = try await views.queue(of: key.key, of: consumer, after: after, limit: Self.page)
                for event in try await log.events(at: queue[...]) { take([event], into: &found) }
                guard queue.count == Self.page, let last = queue.last else { break }
                after = last
            }
        }
        return found
    }

    private func take(_ events: some Sequence<RecordedEvent>, into found: inout Set<RowKey>) {
        for event in events where generation.interest.includes(event) {
            // An event that does not tell its row concerns none of these as far as anybody knows.
            if let key = try? generation.key(of: event), wanted.contains(key) { found.insert(key) }
        }
    }
}
