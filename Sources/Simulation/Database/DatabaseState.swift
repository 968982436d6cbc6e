import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import ReadModels

/// What the simulated server holds. Every method is one transaction.
struct DatabaseState: Sendable {
    let incarnation: UUID
    let mutation: Mutation?
    var log = InMemoryLog()
    var checkpoints = InMemoryCheckpoints()
    var parking = InMemoryParking()
    var inbound = InMemoryInbound()
    var members = InMemoryMembers()
    var keys = SubjectKeyTable()
    /// Whether the table cannot hold some rows, and whether that is over for good.
    var isNarrow = false
    var isMended = false
    var tables: [String: [RowKey: Row]] = [:]
    /// Counts restarts: whatever was under way over a restart is lost.
    var epoch = 0
    var isAway = false
    /// Broken on purpose: the log as it was when it last reached the disk, and positions that are not visible yet.
    var durableLog = InMemoryLog()
    var hidden: Set<Int64> = []

    init(incarnation: UUID, mutation: Mutation?) {
        self.incarnation = incarnation
        self.mutation = mutation
    }

    mutating func append(_ batch: [CheckedAppend], at now: Timestamp) -> [Result<AppendOutcome, StoreError>] {
        if mutation == .acknowledgedBeforeDurable { durableLog = log }
        return batch.map { append in
            do throws(AppendFlaw) {
                return .success(try self.append(append, at: now))
            } catch {
                return .failure(.refused(error))
            }
        }
    }

    private mutating func append(_ append: CheckedAppend, at now: Timestamp) throws(AppendFlaw) -> AppendOutcome {
        switch mutation {
        case .onlyFirstStreamChecked, .versionsUnchecked:
            var request = append.request
            let unchecked = request.streams.indices.dropFirst(mutation == .versionsUnchecked ? 0 : 1)
            for index in unchecked { request.streams[index].expected = .any }
            return try log.append(try CheckedAppend(request), at: now)
        case .retriesStoredAgain:
            let outcome = try log.append(append, at: now)
            guard case .repeated = outcome else { return outcome }
            var request = append.request
            for part in request.streams.indices {
                request.streams[part].expected = .any
                for event in request.streams[part].events.indices {
                    request.streams[part].events[event].id = SequentialIDs.id(
                        UInt64(log.entries.count + event), space: 0xdead)
                }
            }
            return try log.append(try CheckedAppend(request), at: now)
        case .sendsForgotten where append.request.holds("reconciliation.effect_sent"):
            var forgotten = log
            return try forgotten.append(append, at: now)
        case .appendInParts where append.request.streams.count > 1 && log.entries.count % 3 == 0:
            let part = AppendRequest(streams: Array(append.request.streams.dropLast()))
            return try log.append(try CheckedAppend(part), at: now)
        default: return try log.append(append, at: now)
        }
    }

    func read(_ query: EventQuery) -> EventPage {
        var page = log.read(query)
        guard !hidden.isEmpty else { return page }
        var builder = EventBatchBuilder()
        for event in page.events where !hidden.contains(event.position.rawValue) { builder.append(event) }
        page.events = builder.finish()
        return page
    }

    var head: LogHead {
        LogHead(
            position: log.head, incarnation: incarnation, systemIdentifier: "simulated", timeline: 1,
            recordedAt: log.recordedAt)
    }

    mutating func advance(_ progress: ConsumerProgress, from previous: GlobalPosition, under lease: Lease)
        -> AdvanceAnswer
    {
        checkpoints.advance(progress, from: believed(previous, of: progress.key), under: believed(lease))
    }

    mutating func advance(
        _ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, under lease: Lease
    ) -> AdvanceAnswer {
        checkpoints.advance(checkpoint, from: believed(previous, of: checkpoint.progress.key), under: believed(lease))
    }

    mutating func apply(
        _ changes: RowChanges, _ moves: [CheckpointMove], at now: Timestamp
    ) -> Result<ApplyAnswer, StoreError> {
        if isNarrow, changes.upserts.contains(where: TallyProjection.isWide) {
            return .success(.refused(reason: "a row is too wide"))
        }
        var parked = self.parking
        var elsewhere: GlobalPosition?
        for move in moves {
            elsewhere = elsewhere ?? parked.apply(believed(move.parking), of: move.progress.key, at: now)
        }
        guard changes.upserts.allSatisfy(changes.table.admits) else {
            return .success(.refused(reason: "a row does not fit"))
        }
        let before = checkpoints
        let moved = mutation == .onlyFirstLaneMoved ? Array(moves.prefix(1)) : moves
        switch checkpoints.advance(moved.map(believed)) {
        case .fenced(let current): return .success(.fenced(current: current))
        case .moved(let actual): return .success(.moved(actual: actual))
        case .advanced: break
        }
        if let elsewhere {
            // One transaction: what moved before is as it was.
            checkpoints = before
            return .success(.moved(actual: elsewhere))
        }
        self.parking = parked
        let isForgotten = mutation == .retriesForgotten && moves.contains { $0.parking.settlement != nil }
        for row in changes.upserts where !isForgotten {
            tables[changes.table.generationName, default: [:]][changes.table.key(of: row)] = row
        }
        for key in changes.deletions { tables[changes.table.generationName]?[key] = nil }
        return .success(.advanced)
    }

    /// The comparison that a broken database leaves out.
    private func believed(_ previous: GlobalPosition, of key: ConsumerProgress.Key) -> GlobalPosition {
        guard mutation == .checkpointWithoutComparison else { return previous }
        return checkpoints.progress(of: key)?.position ?? .start
    }

    private func believed(_ move: CheckpointMove) -> CheckpointMove {
        let isFenced = mutation != .laneWithoutFence || move.progress.key.lane == LaneLayout.allLanes
        return CheckpointMove(
            move.progress, from: believed(move.from, of: move.progress.key),
            under: isFenced ? believed(move.lease) : newest(move.lease), parking: move.parking)
    }

    private func believed(_ parking: ParkingChanges) -> ParkingChanges {
        switch mutation {
        case .queueForgotten:
            var forgetful = ParkingChanges()
            for parked in parking.parked { forgetful.park(parked.key, in: parked.scope, for: parked.failure) }
            return parking.settlement.map { ParkingChanges($0) } ?? forgetful
        default: return parking
        }
    }

    private func believed(_ lease: Lease) -> Lease {
        mutation == .checkpointWithoutFence ? newest(lease) : lease
    }

    /// As if it were whoever may.
    private func newest(_ lease: Lease) -> Lease {
        Lease(name: lease.name, holder: lease.holder, token: checkpoints.token(of: lease.name))
    }
}

extension AppendRequest {
    /// Whether an event of this type is among those that are appended.
    fileprivate func holds(_ type: String) -> Bool {
        streams.contains { part in part.events.contains { $0.type.rawValue == type } }
    }
}
