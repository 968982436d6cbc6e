import EventModel
import EventSourcing

extension EventStore {
    /// Positions that are read in one go although others lie between them, if these are at most so many.
    private static var queueGap: Int64 { 16 }

    /// The events at these positions, which are in order: what waits behind a parked key.
    ///
    /// - Throws: ``StoreError``; `corrupt` when one of them is missing.
    func events(at positions: ArraySlice<GlobalPosition>) async throws(StoreError) -> [RecordedEvent] {
        var rest = positions
        var events: [RecordedEvent] = []
        while !rest.isEmpty {
            let run = Self.run(rest)
            events += try await read(run)
            rest = rest.dropFirst(run.count)
        }
        return events
    }

    /// The first positions that lie close together.
    static func run(_ positions: ArraySlice<GlobalPosition>) -> ArraySlice<GlobalPosition> {
        var end = positions.startIndex
        while end + 1 < positions.endIndex,
            positions[end + 1].rawValue - positions[end].rawValue <= queueGap
        {
            end += 1
        }
        return positions[...end]
    }

    private func read(_ positions: ArraySlice<GlobalPosition>) async throws(StoreError) -> [RecordedEvent] {
        guard let first = positions.first, let last = positions.last else { return [] }
        let wanted = Set(positions)
        var events: [RecordedEvent] = []
        var next: EventQuery? = EventQuery(
            after: GlobalPosition(first.rawValue - 1), through: last, limit: EventQuery.limitRange.upperBound)
        while let query = next {
            let page = try await read(query)
            events += page.events.filter { wanted.contains($0.position) }
            next = query.next(after: page)
        }
        guard events.count == positions.count else {
            let found = Set(events.map(\.position))
            throw .corrupt(
                at: positions.first { !found.contains($0) } ?? first,
                reason: "an event that waits to be folded is missing")
        }
        return events
    }
}
