import EventModel
import EventSourcing
import ReadModels
import Synchronization

/// Makes a read model anew beside the one that readers see, compares the two, and changes readers over.
///
/// All of it runs under one lease, whose token every write compares: two rebuilds of a projection cannot collide, and one that died in the
/// middle leaves the active generation untouched and its own work where the next run finds it. The fold is the projection's own, the one
/// that live projectors use (L4).
public struct Rebuild<Log: EventStore, Views: ProjectionStore & GenerationStore, Leases: LeaseStore>: Sendable {
    let projection: any Projection
    let log: Log
    let views: Views
    private let leases: Leases
    let settings: RebuildSettings
    private let observer: RebuildObserver

    /// A rebuild of one projection.
    ///
    /// - Parameter observe: is told how far it is, after every page of events.
    public init(
        _ projection: any Projection, log: Log, views: Views, leases: Leases, settings: RebuildSettings,
        observe: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) {
        self.projection = projection
        self.log = log
        self.views = views
        self.leases = leases
        self.settings = settings
        observer = RebuildObserver(time: settings.time, observe)
    }

    /// Builds a generation, or goes on with one, follows it to the end of the log and compares it with the active one.
    ///
    /// - Throws: ``RebuildFault``, ``ProjectionFault`` at an event that cannot be folded, ``GenerationFlaw``, ``StoreError``.
    public func build() async throws -> RebuildReport {
        try await leading { lease in
            var shadow = try await views.begin(projection, under: lease)
            try await fill(shadow, under: lease)
            shadow.state = .ready
            return try await compare(shadow, under: lease)
        }
    }

    /// Compares the generation that waits with the active one again.
    public func compare() async throws -> RebuildReport {
        try await leading { lease in
            guard let shadow = try await find(.ready) else {
                throw RebuildFault.noShadow(projection: projection.name)
            }
            return try await compare(shadow, under: lease)
        }
    }

    /// Shows the generation that waits to readers. The one that they see now is kept for ``RebuildSettings/retention``.
    ///
    /// - Parameter digest: of the report whose unexplained differences somebody has looked at and accepts.
    public func activate(accepting digest: String? = nil) async throws -> Generation {
        try await leading { lease in
            guard let shadow = try await find(.ready) else {
                throw RebuildFault.noShadow(projection: projection.name)
            }
            let report = try await views.report(of: shadow)
            try settings.rule.check(shadow, report, accepting: digest)
            try await exchange(for: shadow, under: lease)
            return shadow
        }
    }

    /// Returns to the generation that readers saw before.
    public func rollBack() async throws -> Generation {
        try await leading { lease in
            guard let previous = try await find(.previous) else {
                throw RebuildFault.noPrevious(projection: projection.name)
            }
            try await exchange(for: previous, under: lease)
            return previous
        }
    }

    /// Gives up the generation beside the active one, if there is one.
    public func giveUp() async throws -> Generation? {
        try await leading { lease in
            var shadow = try await find(.building)
            if shadow == nil { shadow = try await find(.ready) }
            if let shadow { try await views.retire(shadow, under: lease) }
            return shadow
        }
    }

    private func find(_ state: Generation.State) async throws -> Generation? {
        try await views.generations().first { $0.projection == projection.name && $0.state == state }
    }

    private func exchange(for generation: Generation, under lease: Lease) async throws {
        observer.enter(.activating)
        let kept = generation.keeping(projection)
        try await views.activate(kept, keepingFor: settings.retention, under: lease) { position in
            try await bring(generation, to: position, under: lease)
        }
        observer.enter(.done)
    }
}

// MARK: Under the lease

extension Rebuild {
    /// Runs `body` under the lease of the projection's rebuilds, or says at once who has it.
    private func leading<R: Sendable>(_ body: @escaping @Sendable (Lease) async throws -> R) async throws -> R {
        let name = "rebuild/\(projection.name)"
        if case .held(let holder, _) = try await leases.acquire(
            name, holder: settings.holder, for: settings.timing.duration)
        {
            throw RebuildFault.running(projection: projection.name, holder: holder)
        }
        let keeper = LeaseKeeper(store: leases, holder: settings.holder, time: settings.time, timing: settings.timing)
        guard let result = try await keeper.hold(name, body) else {
            throw RebuildFault.overtaken(generation: projection.name, "the lease was lost")
        }
        return result
    }

    /// Folds the log into a generation until it is as good as at its end, and makes it whole.
    private func fill(_ shadow: Generation, under lease: Lease) async throws {
        let generation = shadow.keeping(projection)
        let head = try await log.head()
        var progress = try await progress(of: generation, on: head)
        observer.begin(at: progress.position, target: head.position)
        guard shadow.state == .building else {
            return try await follow(generation, through: head.position, under: lease)
        }
        let loader = GenerationLoader(
            generation, log: log, views: views, limits: settings.limits, lease: lease,
            skipping: try await log.skippedEvents(of: projection.name),
            notice: { [observer] in observer.note(events: $0, bytes: $1, rows: $2, at: $3) })
        progress = try await loader.load(from: progress, through: head.position)
        observer.enter(.indexing)
        try await views.index(generation, under: lease)
        observer.enter(.followingUp)
        var end = try await log.head().position
        while progress.position.distance(to: end) > settings.limits.closeEvents {
            try await follow(generation, through: end, under: lease)
            progress.position = end
            end = try await log.head().position
        }
        try await views.finish(shadow, under: lease)
    }

    /// The stored progress of a generation, if the log is the one that it was folded from.
    private func progress(of generation: ProjectionGeneration, on head: LogHead) async throws -> ConsumerProgress {
        let key = ConsumerProgress.Key(of: generation)
        guard let stored = try await views.progress(of: key), stored.position > .start else {
            return ConsumerProgress(of: key, incarnation: head.incarnation)
        }
        var found: EventBatch = .empty
        if stored.position <= head.position {
            let before = GlobalPosition(stored.position.rawValue - 1)
            found = try await log.read(EventQuery(after: before, through: stored.position, limit: 1)).events
        }
        do throws(HistoryFault) {
            try HistoryFault.check(stored, head: head, found: found.first?.id)
        } catch {
            throw RebuildFault.history(error, projection: projection.name)
        }
        return stored
    }

    private func compare(_ shadow: Generation, under lease: Lease) async throws -> RebuildReport {
        observer.enter(.comparing)
        guard let active = try await find(.active) else { throw GenerationFlaw.unknownProjection(projection.name) }
        let (kept, seen) = (shadow.keeping(projection), active.keeping(projection))
        let comparison = try await aligned(shadow, under: lease) { align in
            try await views.compare(kept, with: seen, limit: settings.limits.reportedRows, align: align)
        }
        let behind = try await keys(
            among: Set(comparison.differences.map(\.key)), of: kept, after: comparison.activePosition,
            through: comparison.shadowPosition)
        let report = RebuildReport(
            comparison, of: shadow, with: active, behind: behind, projection: kept, activeTable: seen.table)
        try await views.record(report.kept, of: shadow, under: lease)
        observer.enter(.done)
        return report
    }

    /// The active generation may be a moment behind the new one: it is waited for. When it stands still, the two are compared as they are.
    private func aligned<R: Sendable>(
        _ shadow: Generation, under lease: Lease,
        _ body: (@escaping @Sendable (GlobalPosition) async throws -> Void) async throws -> R
    ) async throws -> R {
        let deadline = settings.time.steady() + settings.limits.alignmentPatience
        while true {
            let isPatient = settings.time.steady() < deadline
            do {
                return try await body { position in
                    let own = try await bring(shadow, to: position, under: lease)
                    if own > position, isPatient { throw ActiveIsBehind() }
                }
            } catch is ActiveIsBehind {
                try await settings.time.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Which of these rows events of a range concern. All of them when nothing was ever projected: that needs no reading.
    private func keys(
        among wanted: Set<RowKey>, of generation: ProjectionGeneration, after start: GlobalPosition,
        through end: GlobalPosition
    ) async throws -> Set<RowKey> {
        guard end > start, start > .start, !wanted.isEmpty else { return start > .start ? [] : wanted }
        var found: Set<RowKey> = []
        var scan = LogScan(log, after: start, through: end)
        while let page = try await scan.next() {
            for event in page where generation.interest.includes(event) {
                if let key = try generation.key(of: event), wanted.contains(key) { found.insert(key) }
            }
            if found.count == wanted.count { break }
        }
        return found
    }
}

// MARK: Following

extension Rebuild {
    /// Brings a generation to a position, if it is not there yet.
    ///
    /// - Returns: where it is.
    @discardableResult
    private func bring(_ generation: Generation, to position: GlobalPosition, under lease: Lease) async throws
        -> GlobalPosition
    {
        let kept = generation.keeping(projection)
        let own = try await views.progress(of: ConsumerProgress.Key(of: kept))?.position ?? .start
        guard own < position else { return own }
        guard generation.version == projection.version else {
            throw RebuildFault.foreignVersion(generation, own: projection.version)
        }
        try await follow(kept, through: position, under: lease)
        return position
    }

    /// Follows the log into a generation that is whole, batch by batch, as a projector does. A projector may be doing the same: whoever is
    /// later reads the checkpoint and goes on from there.
    private func follow(
        _ generation: ProjectionGeneration, through end: GlobalPosition, under lease: Lease
    ) async throws {
        let head = try await log.head()
        var progress = try await progress(of: generation, on: head)
        let skips = try await log.skippedEvents(of: projection.name)
        while progress.position < end {
            try Task.checkCancellation()
            let query = EventQuery(after: progress.position, through: end, limit: settings.limits.followBatch)
            let events = try await log.read(query).events
            _ = try events.end(contiguouslyBehind: progress.position)
            let keys = BatchFold.keys(of: events, for: generation, skipping: skips)
            var folding = BatchFold(
                generation, rows: keys.isEmpty ? [:] : try await views.rows(for: keys, in: generation.table),
                skipping: skips)
            var next = progress
            for event in events {
                try folding.fold(event)
                next.handle(event)
            }
            next.state = ProjectorState.catchingUp.rawValue
            switch try await views.apply(folding.changes, next, from: progress.position, under: lease) {
            case .advanced: progress = next
            case .moved: progress = try await self.progress(of: generation, on: head)
            case .fenced, .refused:
                throw RebuildFault.overtaken(generation: generation.name, "a batch was refused")
            }
            observer.note(events: events.count, bytes: 0, rows: 0, at: progress.position)
        }
    }
}

/// The active generation has not come to where the new one is.
private struct ActiveIsBehind: Error {}
