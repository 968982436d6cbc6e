import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Synchronization

/// L3 and L4 lane by lane: no lane goes back, each names the event at its position and has handled exactly its own events up to it, and the rows
/// are the naive fold of what each lane has reached. Counted anew from the log every time; it believes nothing that is stored beside.
final class LaneAudit: Sendable {
    private let world: World
    private let projection: TallyProjection
    /// The furthest position that each lane was seen at.
    private let furthest = Mutex<[Int: GlobalPosition]>([:])

    init(_ world: World, _ projection: TallyProjection) {
        self.world = world
        self.projection = projection
    }

    /// Looks at all lanes and at the rows, as they are now.
    func check(_ database: SimulatedDatabase) {
        let keys = ConsumerProgress.Key.all(of: projection)
        let (log, rows, stored) = database.withState { state in
            (
                state.log, state.tables[projection.table.generationName] ?? [:],
                keys.compactMap { state.checkpoints.progress(of: $0) }
            )
        }
        let events = log.read(EventQuery(limit: 10_000)).events
        for lane in stored { check(lane, events) }
        let reached = Dictionary(uniqueKeysWithValues: stored.map { ($0.key.lane, $0.position) })
        var fold = NaiveFold(projection)
        try? fold.fold(events.filter { $0.position <= reached[projection.layout.lane(of: $0), default: .start] })
        guard rows != fold.rows else { return }
        world.report(
            Violation(.oneFold, "the view is not the fold of what its lanes have reached: \(stored.map(\.position))"))
    }

    private func check(_ progress: ConsumerProgress, _ events: EventBatch) {
        let lane = progress.key.lane
        let before = furthest.withLock { furthest in
            let before = furthest[lane, default: .start]
            furthest[lane] = max(before, progress.position)
            return before
        }
        if progress.position < before {
            world.report(Violation(.viewWithCheckpoint, "lane \(lane) went from \(before) to \(progress.position)"))
        }
        if progress.lastEventID != events.first(where: { $0.position == progress.position })?.id {
            world.report(
                Violation(.viewWithCheckpoint, "lane \(lane) at \(progress.position) names another event"))
        }
        let own = events.filter { $0.position <= progress.position && projection.layout.lane(of: $0) == lane }
        var digest = CompletenessDigest()
        for event in own { digest.add(event) }
        guard progress.eventsHandled != Int64(own.count) || progress.digest != digest else { return }
        world.report(
            Violation(
                .viewWithCheckpoint,
                "lane \(lane) at \(progress.position) certifies \(progress.eventsHandled) events, and \(own.count) are its own"
            ))
    }
}
