import EventModel
import EventSourcing
import ReadModels

/// Follows the log into a generation that is whole, batch by batch, as a projector does. A projector may be doing the same: whoever is later
/// reads the checkpoint and goes on from there.
struct GenerationFollower<Log: EventStore, Views: ProjectionStore & GenerationStore>: Sendable {
    private let generation: ProjectionGeneration
    private let log: Log
    private let views: Views
    private let limits: RebuildLimits
    private let lease: Lease
    private let notice: @Sendable (LoadNotice) -> Void

    /// Where it goes on: what is stored.
    struct Start: Sendable {
        var progress: ConsumerProgress
        var parked = ParkedKeys()
        var skips: SkippedEvents
    }

    /// - Parameter notice: is told of every batch.
    init(
        _ generation: ProjectionGeneration, log: Log, views: Views, limits: RebuildLimits, lease: Lease,
        notice: @escaping @Sendable (LoadNotice) -> Void
    ) {
        self.generation = generation
        self.log = log
        self.views = views
        self.limits = limits
        self.lease = lease
        self.notice = notice
    }

    /// Follows the log up to a position.
    ///
    /// - Throws: ``ProjectorFault`` at an event whose failure is not its key's; ``RebuildFault``; ``StoreError``.
    func follow(through end: GlobalPosition) async throws {
        var start = try await start()
        while start.progress.position < end {
            try Task.checkCancellation()
            let query = EventQuery(after: start.progress.position, through: end, limit: limits.followBatch)
            let events = try await log.read(query).events
            _ = try events.end(contiguouslyBehind: start.progress.position)
            let isApplied = try await apply(events, onto: &start)
            if !isApplied { start = try await self.start() }
            notice(
                LoadNotice(
                    events: isApplied ? events.count : 0, parked: start.parked.count, position: start.progress.position)
            )
        }
    }

    /// What is stored, if the log is the one that it was folded from.
    func start() async throws -> Start {
        let key = ConsumerProgress.Key(of: generation)
        let head = try await log.head()
        let skips = try await log.skippedEvents(of: generation.name)
        guard let stored = try await views.progress(of: key), stored.position > .start else {
            return Start(progress: ConsumerProgress(of: key, incarnation: head.incarnation), skips: skips)
        }
        var found: EventBatch = .empty
        if stored.position <= head.position {
            let before = GlobalPosition(stored.position.rawValue - 1)
            found = try await log.read(EventQuery(after: before, through: stored.position, limit: 1)).events
        }
        do throws(HistoryFault) {
            try HistoryFault.check(stored, head: head, found: found.first?.id)
        } catch {
            throw RebuildFault.history(error, projection: generation.name)
        }
        var start = Start(progress: stored, skips: skips)
        for key in try await views.allParkedKeys(of: key) { start.parked.insert(key.key, in: key.scope) }
        return start
    }

    /// Applies a batch; what the store refuses is halved until the event is found whose key has to be parked.
    ///
    /// - Returns: whether it is applied; `false` when somebody else has moved the checkpoint.
    private func apply(_ events: EventBatch, onto start: inout Start) async throws -> Bool {
        var (rest, count) = (events, events.count)
        var refusal: String?
        while !rest.isEmpty {
            let (folding, next) = try await fold(rest.prefix(count), onto: start, refusing: refusal)
            switch try await views.apply(
                folding.changes, next, parking: folding.parking, from: start.progress.position, under: lease)
            {
            case .advanced:
                (start.progress, start.parked) = (next, folding.parked)
                rest = rest.dropFirst(count)
                (count, refusal) = (rest.count, nil)
            case .moved: return false
            case .fenced: throw RebuildFault.overtaken(generation: generation.name, "the lease was lost")
            case .refused(let reason):
                guard count > 1 || refusal == nil else {
                    throw RebuildFault.refused(generation: generation.name, reason: reason)
                }
                if count == 1 { refusal = reason } else { count /= 2 }
            }
        }
        return true
    }

    /// - Parameter reason: why the store cannot hold the row of the only event, whose key is parked then.
    private func fold(
        _ events: EventBatch, onto start: Start, refusing reason: String?
    ) async throws -> (ParkingFold<BatchFold>, ConsumerProgress) {
        let keys = reason == nil ? BatchFold.keys(of: events, for: generation, skipping: start.skips) : []
        var folding = ParkingFold(
            generation, rows: keys.isEmpty ? [:] : try await views.rows(for: keys, in: generation.table),
            skipping: start.skips, parked: start.parked, limit: limits.parkedKeys)
        var next = start.progress
        for event in events {
            if let reason { try folding.refuse(event, because: reason) } else { try folding.take(event) }
            next.handle(event)
        }
        next.state = ProjectorState.catchingUp.rawValue
        return (folding, next)
    }
}
