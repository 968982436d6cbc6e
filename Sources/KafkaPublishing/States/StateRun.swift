import EventModel
import EventSourcing
import Logging
import ReadModels
import ServiceLifecycle
import Synchronization

/// What a publisher of states works with.
struct StatePorts<Store: EventStore, Checkpoints: PublishingCheckpointStore, Topic: StateTopic>: Sendable {
    let projection: any StateProjection
    let store: Store
    let checkpoints: Checkpoints
    let topic: Topic
    /// The keys that the read model has set aside.
    let setAside: @Sendable () async throws -> [StateKey]
    let time: any Timekeeper
    let logger: Logger
    let record: StateStatisticsRecord

    var key: ConsumerProgress.Key { .states(of: topic.name, fold: projection.version) }

    var announcement: StandstillAnnouncement<Store, Checkpoints> {
        StandstillAnnouncement(store: store, checkpoints: checkpoints, key: key, topic: topic.name, logger: logger)
    }
}

/// Performs what one ``StateMachine`` decides, one action after the other, while the session is watched beside it.
struct StateRun<Store: EventStore, Checkpoints: PublishingCheckpointStore, Topic: StateTopic>: Sendable {
    private let ports: StatePorts<Store, Checkpoints, Topic>
    private let options: StatePublisherOptions
    private let lease: Lease

    init(_ ports: StatePorts<Store, Checkpoints, Topic>, options: StatePublisherOptions, lease: Lease) {
        self.ports = ports
        self.options = options
        self.lease = lease
    }

    /// One run, from the survey of the topic to the first thing that ends it.
    func perform() async throws -> RunEnd {
        ports.record.begin()
        var machine = StateMachine(
            ports.projection,
            StateMachine.Configuration(
                topic: ports.topic.name, lanes: options.lanes, writer: lease.token,
                earlierIncarnations: options.earlierIncarnations, limits: options.limits))
        var action = machine.receive(try await survey())
        while true {
            tell(&machine)
            switch action {
            case .inspectLog(let positions): action = machine.receive(try await inspect(positions))
            case .open(let ends): return try await publish(machine, behind: ends)
            case .end(let end): return end
            case .read, .load, .send, .save: action = machine.receive(.shutDown)
            }
        }
    }

    /// Reads the checkpoint first, then the partitions: what the topic gains in between is found, never assumed.
    private func survey() async throws -> StateMachine.Input {
        try await cancelWhenGracefulShutdown {
            try await ports.topic.prepare(lanes: options.lanes)
            let checkpoint = try await ports.checkpoints.publishingCheckpoint(of: ports.key, topic: ports.topic.name)
            let found = try await ports.topic.survey(
                from: checkpoint, fold: ports.projection.version, lanes: options.lanes)
            return .began(checkpoint: checkpoint, found: found)
        }
    }

    private func inspect(_ positions: [GlobalPosition]) async throws -> StateMachine.Input {
        let (head, events) = try await ports.store.events(at: positions)
        let skips = try await ports.store.skippedEvents(of: ports.projection.name)
        return .inspected(head, events, skips, standing: try await ports.setAside())
    }

    private func publish(_ machine: StateMachine, behind ends: [Int64]) async throws -> RunEnd {
        let session = try await ports.topic.open(writer: lease.token, behind: ends)
        let result: Result<RunEnd, any Error>
        do {
            let end = try await withThrowingTaskGroup(of: RunEnd.self) { group in
                group.addTask { .disturbed(await session.untilDisturbed()) }
                group.addTask { try await drive(machine, session) }
                defer { group.cancelAll() }
                return try await group.next() ?? .finished(undelivered: 0)
            }
            result = .success(end)
        } catch {
            result = .failure(error)
        }
        await session.abandon()
        return try result.get()
    }

    private func drive(_ machine: StateMachine, _ session: Topic.Session) async throws -> RunEnd {
        var machine = machine
        var action = machine.receive(.opened)
        while true {
            try Task.checkCancellation()
            tell(&machine)
            switch action {
            case .read(let position): action = machine.receive(try await read(after: position))
            case .load(let keys, let through):
                let history = KeyHistory(
                    store: ports.store, projection: ports.projection, skips: machine.skips, through: through)
                action = machine.receive(.loaded(try await history.states(of: keys, atOnce: options.limits.loads)))
            case .send(let records): action = machine.receive(try await send(records, session))
            case .save(let checkpoint, let previous):
                let answer = try await ports.checkpoints.advance(checkpoint, from: previous, under: lease)
                ports.record.stored(checkpoint.progress.position)
                action = machine.receive(.saved(answer, at: ports.time.steady()))
            case .end(let end): return end
            case .inspectLog, .open: action = machine.receive(.shutDown)
            }
        }
    }

    /// The next events, or after a while none.
    private func read(after position: GlobalPosition) async throws -> StateMachine.Input {
        if Task.isShuttingDownGracefully { return .shutDown }
        let page = try await ports.store.read(EventQuery(after: position, limit: options.limits.batchEvents))
        guard page.events.isEmpty else {
            _ = try page.events.end(contiguouslyBehind: position)
            return .read(SubscriptionBatch(events: page.events, head: page.head), at: ports.time.steady())
        }
        guard page.head == position else {
            throw StoreError.corrupt(
                at: page.head, reason: "the log ends there, position \(position) was read from it")
        }
        try await ports.store.waitForEvents(after: position, atMost: options.pollInterval)
        return .idle(at: ports.time.steady())
    }

    private func send(_ records: [StateRecord], _ session: Topic.Session) async throws -> StateMachine.Input {
        let outcome = try await session.submit(records).outcome()
        if case .acknowledged = outcome { ports.record.published(records.count) }
        return .delivered(outcome, at: ports.time.steady())
    }

    private func tell(_ machine: inout StateMachine) {
        for notice in machine.takeNotices() {
            let level: Logger.Level = notice.isTrouble ? .warning : .notice
            ports.logger.log(level: level, "\(notice)", metadata: ["topic": "\(ports.topic.name)"])
        }
    }
}

/// The running statistics, shared between a publisher and its runs.
final class StateStatisticsRecord: Sendable {
    private let state = Mutex(StatePublisherStatistics())

    var snapshot: StatePublisherStatistics { state.withLock { $0 } }

    func begin() { state.withLock { $0.runs += 1 } }
    func published(_ count: Int) { state.withLock { $0.published += Int64(count) } }
    func stored(_ position: GlobalPosition) { state.withLock { $0.stored = position } }
}
