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
    /// How many lanes the log has.
    private let lanes: Int
    private let notice: @Sendable (LoadNotice) -> Void

    /// Where it goes on: what is stored.
    struct Start: Sendable {
        var progress: LaneProgress
        var parked = ParkedKeys()
        var skips: SkippedEvents
    }

    /// - Parameter notice: is told of every batch.
    init(
        _ generation: ProjectionGeneration, log: Log, views: Views, limits: RebuildLimits, lease: Lease, lanes: Int,
        notice: @escaping @Sendable (LoadNotice) -> Void
    ) {
        self.generation = generation
        self.log = log
        self.views = views
        self.limits = limits
        self.lease = lease
        self.lanes = lanes
        self.notice = notice
    }

    /// Follows the log up to a frontier.
    ///
    /// - Throws: ``ProjectorFault`` at an event whose failure is not its key's; ``RebuildFault``; ``StoreError``.
    func follow(through end: Frontier) async throws {
        var start = try await start()
        tell(start, behind: end)
        while start.progress.isBehind(end) {
            try Task.checkCancellation()
            let least = start.progress.least(behind: end)
            let query = EventQuery(after: least, through: end.greatest, limit: limits.followBatch)
            let events = try await log.read(query).events
            _ = try events.end(contiguouslyBehind: least)
            let isApplied = try await apply(events, through: end, onto: &start)
            if !isApplied { start = try await self.start() }
            tell(start, behind: end, isApplied ? events : .empty)
        }
    }

    /// Where one checkpoint is for all lanes, work is where the last event is.
    private func tell(_ start: Start, behind end: Frontier, _ events: EventBatch = .empty) {
        let last = events.last.map { Int(Lane(of: $0, count: lanes).rawValue) }
        notice(
            LoadNotice(
                events: events.count, parked: start.parked.count, position: start.progress.least,
                atWork: start.progress.layout == .whole
                    ? last.map { LanesAtWork(.folding, in: [$0], of: lanes) } : start.progress.hindmost(behind: end)))
    }

    /// What is stored, if the log is the one that it was folded from.
    func start() async throws -> Start {
        let keys = ConsumerProgress.Key.all(of: generation)
        // Before the head: a projector may be moving it, and what it has handled is in the log when the head is read.
        let stored = try await views.progress(of: keys)
        let head = try await log.head()
        let skips = try await log.skippedEvents(of: generation.name)
        let progress = LaneProgress(
            generation, lanes: generation.layout.lanes, stored: stored, incarnation: head.incarnation)
        for position in Set(progress.lanes.map(\.position)) where position > .start {
            try await check(progress, at: position, head)
        }
        var start = Start(progress: progress, skips: skips)
        for (_, key) in try await views.allParkedKeys(of: keys) { start.parked.insert(key.key, in: key.scope) }
        return start
    }

    private func check(_ progress: LaneProgress, at position: GlobalPosition, _ head: LogHead) async throws {
        var found: EventBatch = .empty
        if position <= head.position {
            let before = GlobalPosition(position.rawValue - 1)
            found = try await log.read(EventQuery(after: before, through: position, limit: 1)).events
        }
        do throws(HistoryFault) {
            for lane in progress.lanes where lane.position == position {
                try HistoryFault.check(lane, head: head, found: found.first?.id)
            }
        } catch {
            throw RebuildFault.history(error, projection: generation.name)
        }
    }

    /// Applies a batch; what the store refuses is halved until the event is found whose key has to be parked.
    ///
    /// - Returns: whether it is applied; `false` when somebody else has moved the checkpoint.
    private func apply(
        _ events: EventBatch, through end: Frontier, onto start: inout Start
    ) async throws -> Bool {
        var (rest, count) = (events, events.count)
        var refusal: String?
        while !rest.isEmpty {
            let (folding, next) = try await fold(rest.prefix(count), through: end, onto: start, refusing: refusal)
            let moves = next.moves(
                from: start.progress, under: LaneShare(all: generation.layout, under: lease), parking: folding.parking)
            // No lane may go over these, or all have gone.
            let answer = moves.isEmpty ? .advanced : try await views.apply(folding.changes, moving: moves)
            switch answer {
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
        _ events: EventBatch, through end: Frontier, onto start: Start, refusing reason: String?
    ) async throws -> (ParkingFold<BatchFold>, LaneProgress) {
        let counting = events.filter { start.progress.counts($0) && end.includes($0) }
        let keys = reason == nil ? BatchFold.keys(of: counting, for: generation, skipping: start.skips) : []
        var folding = ParkingFold(
            generation, rows: keys.isEmpty ? [:] : try await views.rows(for: keys, in: generation.table),
            skipping: start.skips, parked: start.parked, limit: limits.parkedKeys)
        var next = start.progress
        for event in counting {
            if let reason { try folding.refuse(event, because: reason) } else { try folding.take(event) }
            next.handle(event)
        }
        next.stand(behind: events, butNotBeyond: end)
        next.setState(.catchingUp, movedFrom: start.progress)
        return (folding, next)
    }
}
