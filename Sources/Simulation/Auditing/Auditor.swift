import EventModel
import EventSourcing
import FoundationEssentials
import ReadModels
import Synchronization

/// Watches from outside whether the laws hold. It sees what the server commits and what consumers were handed, and believes nobody.
final class Auditor: Sendable {
    private struct State {
        /// What each reader has been handed, in order.
        var seen: [String: [UUID]] = [:]
        var fold = NaiveFold(TallyProjection())
        var foldedThrough = GlobalPosition.start
    }

    private let world: World
    private let watcher: (any Watcher)?
    private let lanes: LaneAudit?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - layout: how the view keeps its checkpoints.
    ///   - watcher: looks on for the scenario.
    init(world: World, layout: LaneLayout = .whole, watcher: (any Watcher)? = nil) {
        self.world = world
        self.watcher = watcher
        lanes = layout == .whole ? nil : LaneAudit(world, TallyProjection(layout: layout))
    }

    /// Appends were committed.
    func committed(in database: SimulatedDatabase) { watcher?.committed(in: database) }

    /// Bookmarks were moved.
    func moved(_ moves: [InboundMove], in database: SimulatedDatabase) { watcher?.moved(moves, in: database) }

    /// Keys of a subject were destroyed.
    func destroyed(_ keys: [StoredSubjectKey], in database: SimulatedDatabase) {
        watcher?.destroyed(keys, in: database)
    }

    /// No two requests of one commit may share a stream or an id.
    func check(_ batch: [CheckedAppend]) {
        var streams: Set<StreamName> = []
        var ids: Set<UUID> = []
        for append in batch {
            for part in append.request.streams {
                if !streams.insert(part.stream).inserted {
                    world.report(Violation(.oneOrder, "one commit holds two requests for \(part.stream)"))
                }
                for event in part.events where !ids.insert(event.id).inserted {
                    world.report(Violation(.oneOrder, "one commit holds event \(event.id.text) twice"))
                }
            }
        }
    }

    /// The last position that a reader was handed.
    func lastSeen(by reader: String) -> GlobalPosition {
        GlobalPosition(Int64(state.withLock { $0.seen[reader, default: []].count }))
    }

    /// A reader was handed these events.
    func saw(_ events: EventBatch, _ reader: String) {
        for event in events {
            let expected = lastSeen(by: reader).next
            guard event.position == expected else {
                return world.report(
                    Violation(.oneOrder, "\(reader) was handed \(event.position) instead of \(expected)"))
            }
            state.withLock { $0.seen[reader, default: []].append(event.id) }
        }
    }

    /// A checkpoint was moved under a lease.
    func advanced(_ lease: Lease, in database: SimulatedDatabase) {
        let newest = database.withState { $0.checkpoints.token(of: lease.name) }
        guard newest != lease.token else { return }
        world.report(
            Violation(.viewWithCheckpoint, "token \(lease.token) of \(lease.name) wrote although \(newest) is in force")
        )
    }

    /// The view equals the naive fold of the log up to the view's checkpoint, without the events that wait behind parked keys and those that
    /// were left out.
    func checkView(in database: SimulatedDatabase) {
        if let lanes { return lanes.check(database) }
        let projection = TallyProjection()
        guard !Self.isAnythingParked(in: database, projection) else {
            return checkPartialView(in: database, projection)
        }
        let (log, rows, progress) = database.withState { state in
            (
                state.log, state.tables[projection.table.generationName] ?? [:],
                state.checkpoints.progress(of: ConsumerProgress.Key(of: projection))
            )
        }
        let position = progress?.position ?? .start
        let expected = state.withLock { state -> [RowKey: Row] in
            if position < state.foldedThrough {
                state.fold = NaiveFold(projection)
                state.foldedThrough = .start
            }
            let page = log.read(EventQuery(after: state.foldedThrough, through: position, limit: 10_000))
            try? state.fold.fold(page.events)
            state.foldedThrough = position
            return state.fold.rows
        }
        if rows != expected {
            world.report(Violation(.oneFold, "the view at \(position) is not the fold of the log up to there"))
        }
        guard let progress, progress.lastEventID != log.event(at: position)?.id else { return }
        world.report(Violation(.viewWithCheckpoint, "the checkpoint at \(position) names another event"))
    }
}

extension Auditor {
    private static func isAnythingParked(in database: SimulatedDatabase, _ projection: TallyProjection) -> Bool {
        database.withState { state in
            !state.parking.parkedKeys(of: ConsumerProgress.Key(of: projection), after: nil, limit: 1).isEmpty
                || !state.log.events(of: ProjectionEvent.stream(of: projection.name)).isEmpty
        }
    }

    private func checkPartialView(in database: SimulatedDatabase, _ projection: TallyProjection) {
        let key = ConsumerProgress.Key(of: projection)
        let (log, parking, rows, position) = database.withState { state in
            (
                state.log, state.parking, state.tables[projection.table.generationName] ?? [:],
                state.checkpoints.progress(of: key)?.position ?? .start
            )
        }
        let waiting = parking.parkedKeys(of: key, after: nil, limit: .max).reduce(into: Set<GlobalPosition>()) {
            $0.formUnion(parking.queue(of: $1.key, of: key, after: .start, limit: .max))
        }
        var skips = SkippedEvents()
        for event in log.events(of: ProjectionEvent.stream(of: projection.name)) { skips.take(event) }
        var fold = NaiveFold(projection, skipping: skips)
        let events = log.read(EventQuery(through: position, limit: 10_000)).events
        try? fold.fold(events.filter { !waiting.contains($0.position) })
        guard rows != fold.rows else { return }
        world.report(
            Violation(.oneFold, "the view at \(position) is not the fold of what neither waits nor was left out"))
    }
}

extension Auditor {
    /// Whether every consumer has everything.
    func isConverged(_ database: SimulatedDatabase, _ broker: SimulatedBroker, readers: [String]) -> Bool {
        let (log, projected, published) = database.withState { state in
            (
                state.log, state.checkpoints.progress(of: ConsumerProgress.Key(of: TallyProjection()))?.position,
                state.checkpoints.progress(of: PublishingRoles.publisherKey)?.position
            )
        }
        return projected == log.head && published == log.head && readers.allSatisfy { lastSeen(by: $0) == log.head }
            && PartitionAudit.violation(of: broker.partitions, log) == nil
    }

    /// The last look, at a world that stands still.
    func conclude(_ database: SimulatedDatabase, _ broker: SimulatedBroker, _ ledger: Ledger, readers: [String]) {
        let log = database.withState { $0.log }
        for violation in LogAudit.violations(of: log, ledger) { world.report(violation) }
        let ids = log.entries.map(\.draft.id)
        for reader in readers where state.withLock({ $0.seen[reader, default: []] }) != ids {
            world.report(Violation(.oneOrder, "\(reader) has seen another history than the log holds"))
        }
        concludePartitions(database, broker)
        checkView(in: database)
    }

    /// What the raw partitions yield at the end.
    func concludePartitions(_ database: SimulatedDatabase, _ broker: SimulatedBroker) {
        let log = database.withState { $0.log }
        if let violation = PartitionAudit.violation(of: broker.partitions, log) { world.report(violation) }
    }
}
