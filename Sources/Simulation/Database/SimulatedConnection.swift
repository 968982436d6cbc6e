import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels

/// One process's way to the database: every port of the store over a network that loses things.
struct SimulatedConnection: Sendable {
    let process: SimulatedProcess
    let database: SimulatedDatabase
    let commits: GroupCommit
    /// Is told which streams are read.
    private let overhear: @Sendable (StreamName) -> Void

    init(
        _ process: SimulatedProcess, _ database: SimulatedDatabase,
        overhear: @escaping @Sendable (StreamName) -> Void = { _ in }
    ) {
        self.overhear = overhear
        self.process = process
        self.database = database
        commits = GroupCommit(limits: GroupCommitLimits(waitingAppends: 6, commitEvents: 6))
    }

    private var world: World { process.world }

    /// Runs `body` while a writer loop commits what it appends.
    func whileCommitting(_ body: () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await runCommits() }
            await body()
            commits.close()
        }
    }

    /// The writer loop of the process.
    func runCommits() async {
        await commits.run { batch in
            do throws(StoreError) {
                return try await call(.write) { database in database.append(batch) }
            } catch {
                return batch.map { _ in .failure(error) }
            }
        }
    }

    enum Kind {
        case read
        case write
    }

    /// One round trip.
    func call<R: Sendable>(
        _ kind: Kind, _ work: @escaping @Sendable (SimulatedDatabase) -> R?
    ) async throws(StoreError) -> R {
        guard process.isAlive else { throw .cancelled }
        if world.strikes(.databaseRefused, perMille: world.rates.databaseRefused) {
            _ = await world.scheduler.sleep(for: world.latency(), of: process.id)
            throw .unavailable(reason: "simulated")
        }
        process.mayDie()
        let answer = await withCheckedContinuation { caller in send(kind, work, to: caller) }
        guard process.isAlive else { throw .cancelled }
        switch answer {
        case .answered(let answer): return answer
        case .refused: throw .unavailable(reason: "simulated outage")
        case .lost where kind == .read: throw .unavailable(reason: "simulated loss")
        case .lost: throw .unknownOutcome(reason: "simulated loss")
        }
    }

    private enum Answer<R: Sendable>: Sendable {
        case answered(R)
        case refused
        case lost
    }

    private func send<R: Sendable>(
        _ kind: Kind, _ work: @escaping @Sendable (SimulatedDatabase) -> R?,
        to caller: CheckedContinuation<Answer<R>, Never>
    ) {
        let (scheduler, rates) = (world.scheduler, world.rates)
        let there = world.latency()
        let patience = world.roll { $0.duration(20_000...800_000) }
        func giveUp(after delay: Duration) {
            scheduler.plan(after: delay, of: process.id) { caller.resume(returning: .lost) }
        }
        if world.strikes(.requestLost, perMille: rates.requestLost) {
            giveUp(after: patience)
        } else if world.strikes(.answerLost, perMille: rates.answerLost) {
            scheduler.plan(after: there) { _ = work(database) }
            giveUp(after: there + patience)
        } else if kind == .write, world.strikes(.lateExecution, perMille: rates.lateExecution) {
            giveUp(after: patience)
            let late = world.roll { $0.duration(1_000...3_000_000) }
            scheduler.plan(after: patience + late) { _ = work(database) }
        } else {
            scheduler.plan(after: there) { carryOut(work, for: caller) }
        }
    }

    /// At the server: carries the work out, and sends the answer back unless a restart comes between.
    private func carryOut<R: Sendable>(
        _ work: @escaping @Sendable (SimulatedDatabase) -> R?, for caller: CheckedContinuation<Answer<R>, Never>
    ) {
        let epoch = database.epoch
        // Half of what a process sent just before it died arrives.
        let result = process.isAlive || world.roll { $0.chance(perMille: 500) } ? work(database) : nil
        world.scheduler.plan(after: world.latency(), of: process.id) {
            guard let result else { return caller.resume(returning: .refused) }
            caller.resume(returning: database.epoch == epoch ? .answered(result) : .lost)
        }
    }
}

extension SimulatedConnection: EventStore {
    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        let append: CheckedAppend
        do throws(AppendFlaw) { append = try CheckedAppend(request) } catch { throw .refused(error) }
        return try await commits.append(append)
    }

    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        try await call(.read) { database in database.perform { $0.read(query) } }
    }

    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage {
        overhear(query.stream)
        var query = query
        if world.mutation == .readsFromThePast, world.roll({ $0.chance(perMille: 200) }) {
            query.asOf = GlobalPosition(max(0, database.withState { $0.log.head.rawValue } - 12))
        }
        let past = query
        return try await call(.read) { database in database.perform { $0.log.read(past) } }
    }

    func head() async throws(StoreError) -> LogHead {
        try await call(.read) { database in database.perform { $0.head } }
    }

    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        // A notification shortens the sleep to whatever it likes.
        let sleep = limit * world.roll { Double($0.below(1_000)) / 1_000 }
        guard await world.scheduler.sleep(for: sleep, of: process.id), process.isAlive else { throw .cancelled }
    }
}

extension SimulatedConnection: LeaseStore {
    func acquire(_ name: String, holder: String, for duration: Duration) async throws(StoreError) -> LeaseAnswer {
        try await call(.write) { database in
            let now = database.clock.steady()
            return database.perform { $0.checkpoints.acquire(name, holder: holder, for: duration, at: now) }
        }
    }

    func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        try await call(.write) { database in
            let now = database.clock.steady()
            return database.perform { $0.checkpoints.renew(lease, for: duration, at: now) }
        }
    }

    func release(_ lease: Lease) async throws(StoreError) {
        try await call(.write) { database in
            let now = database.clock.steady()
            return database.perform { $0.checkpoints.release(lease, at: now) }
        }
    }
}

extension SimulatedConnection: PublishingCheckpointStore {
    func publishingCheckpoint(
        of key: ConsumerProgress.Key, topic: String
    ) async throws(StoreError) -> PublishingCheckpoint? {
        try await call(.read) { database in
            database.perform { state -> PublishingCheckpoint? in
                state.checkpoints.publishingCheckpoint(of: key, topic: topic)
            }
        }
    }

    func advance(
        _ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        try await call(.write) { database in
            let answer = database.perform { $0.advance(checkpoint, from: previous, under: lease) }
            if answer == .advanced { database.auditor.advanced(lease, in: database) }
            return answer
        }
    }
}

extension SimulatedConnection: ProjectionStore {
    func progress(of keys: [ConsumerProgress.Key]) async throws(StoreError) -> [ConsumerProgress] {
        try await call(.read) { database in
            database.perform { state in keys.compactMap { state.checkpoints.progress(of: $0) } }
        }
    }

    func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row] {
        try await call(.read) { database in
            database.perform { state in
                keys.reduce(into: [:]) { $0[$1] = state.tables[table.generationName]?[$1] }
            }
        }
    }

    func apply(
        _ changes: RowChanges, moving moves: [CheckpointMove]
    ) async throws(StoreError) -> ApplyAnswer {
        let splits = world.mutation == .viewWithoutCheckpoint && world.roll { $0.chance(perMille: 100) }
        let answer = try await call(.write) { database in
            let now = database.clock.now()
            let answer = database.perform { state -> Result<ApplyAnswer, StoreError> in
                let before = state.checkpoints
                let answer = state.apply(changes, moves, at: now)
                if splits { state.checkpoints = before }
                return answer
            }
            if case .success(.advanced)? = answer {
                for move in moves { database.auditor.advanced(move.lease, in: database) }
                database.auditor.checkView(in: database)
            }
            return answer
        }
        return try answer.get()
    }

    func recordState(_ states: [CheckpointMove]) async throws(StoreError) -> AdvanceAnswer {
        try await call(.write) { database in database.perform { $0.checkpoints.recordState(states) } }
    }
}
