import EventModel
import EventSourcing
import EventSourcingTesting
import PostgresReadModels
import ReadModels
import Testing

/// Generations by lane, and what they must come to.
enum LaneCheck {
    static let layout = LaneLayout.byLane(Lane.defaultCount)

    /// The first generation of each read model, as a new database would have it by lane.
    static func layOut(_ projections: [any Projection], _ database: TestDatabase) async throws -> [any Projection] {
        try await database.execute("update lockstep.generations set lanes = \(layout.count)")
        let known = try await PostgresProjectionStore(pool: database.pool).generations()
        return projections.compactMap { projection in
            known.first { $0.projection == projection.name && $0.state == .active }?.keeping(projection)
        }
    }

    /// Rows, positions and certificates are those of the naive fold of the whole log.
    static func expectNaive(
        _ projection: any Projection, _ log: InMemoryEventStore, _ database: TestDatabase, _ comment: Comment
    ) async throws {
        var naive = NaiveFold(projection)
        let events = try await log.read(EventQuery(limit: 10_000)).events
        try naive.fold(events)
        let rows = try await database.rows(of: projection.table)
        #expect(Set(rows) == Set(naive.rows.values) && rows.count == naive.rows.count, comment)
        let stored = try await PostgresProjectionStore(pool: database.pool).progress(
            of: ConsumerProgress.Key.all(of: projection))
        #expect(stored.map(\.key.lane) == projection.layout.lanes, comment)
        for lane in stored {
            var digest = CompletenessDigest()
            let own = events.filter { projection.layout.lane(of: $0) == lane.key.lane }
            for event in own { digest.add(event) }
            #expect(lane.position == events.last?.position && lane.lastEventID == events.last?.id, comment)
            #expect(lane.eventsHandled == Int64(own.count) && lane.digest == digest, comment)
        }
    }
}
