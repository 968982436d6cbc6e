import EventModel
import EventSourcing
import Logging
import ServiceLifecycle

/// Performs what one ``PublisherMachine`` decides: reads, submissions, deliveries, saves and timers are children of one group, and every
/// answer goes back to the machine on one task.
struct PublishingRun<Store: EventStore, Checkpoints: PublishingCheckpointStore, Topic: RecordTopic>: Sendable {
    typealias Input = PublisherMachine.Input
    typealias Group = ThrowingTaskGroup<Input?, any Error>

    private let ports: PublisherPorts<Store, Checkpoints, Topic>
    private let options: PublisherOptions
    private let lease: Lease

    init(_ ports: PublisherPorts<Store, Checkpoints, Topic>, options: PublisherOptions, lease: Lease) {
        self.ports = ports
        self.options = options
        self.lease = lease
    }

    /// One run, from the survey of the topic to the first thing that ends it.
    func perform() async throws -> RunEnd {
        ports.record.begin()
        let began = try await survey()
        var machine = PublisherMachine(configuration, expectsGaps: ports.topic.expectsGaps)
        var session: Topic.Session?
        do {
            let end = try await drive(&machine, &session, from: began)
            await session?.abandon()
            await saveLast(of: machine, after: end)
            return end
        } catch {
            await session?.abandon()
            throw error
        }
    }

    private var configuration: PublisherMachine.Configuration {
        PublisherMachine.Configuration(
            topic: ports.topic.name, lanes: options.lanes, earlierIncarnations: options.earlierIncarnations,
            limits: options.limits)
    }

    /// Reads the checkpoint first, then the ends: what the topic gains in between is found, never assumed.
    private func survey() async throws -> Input {
        try await cancelWhenGracefulShutdown {
            try await ports.topic.prepare(lanes: options.lanes)
            let checkpoint = try await ports.checkpoints.publishingCheckpoint(of: ports.key, topic: ports.topic.name)
            let ends = try await ports.topic.ends(from: checkpoint, lanes: options.lanes)
            return .began(checkpoint: checkpoint, ends: ends)
        }
    }

    private func drive(
        _ machine: inout PublisherMachine, _ session: inout Topic.Session?, from began: Input
    ) async throws -> RunEnd {
        try await withThrowingTaskGroup(of: Input?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try? await gracefulShutdown()
                return Task.isCancelled ? nil : .shutDown
            }
            var next: Input? = began
            while true {
                if let input = next {
                    var actions = machine.receive(input)
                    while !actions.isEmpty {
                        var answers: [Input] = []
                        for action in actions {
                            if case .end(let end) = action { return end }
                            if let answer = try await perform(action, &session, &group) { answers.append(answer) }
                        }
                        actions = answers.flatMap { machine.receive($0) }
                    }
                    ports.record.observe(machine)
                }
                next = try await group.next() ?? nil
                try Task.checkCancellation()
            }
        }
    }

    /// Performs one action.
    ///
    /// - Returns: the answer, when it is known at once.
    private func perform(
        _ action: PublisherMachine.Action, _ session: inout Topic.Session?, _ group: inout Group
    ) async throws -> Input? {
        switch action {
        case .inspectLog(let positions): return try await inspect(positions)
        case .notice(let notice): ports.logger.notice("\(notice)", metadata: ["topic": "\(ports.topic.name)"])
        case .measure(let after, let through): return .measured(try await measure(after: after, through: through))
        case .open(let incarnation):
            let opened = try await ports.topic.open(incarnation: incarnation)
            session = opened
            group.addTask { .disturbed(await opened.untilDisturbed()) }
        case .read(let position): read(after: position, &group)
        case .send(let batch): try await send(batch, through: session, &group)
        case .save(let checkpoint, let previous): save(checkpoint, from: previous, &group)
        case .saveLater: wake(after: options.limits.checkpointInterval, with: .checkpointDue, &group)
        case .limitDrain: wake(after: options.limits.drainTime, with: .drainExpired, &group)
        case .end: break
        }
        return nil
    }

    private func read(after position: GlobalPosition, _ group: inout Group) {
        let reading = SubscriptionOptions(batchLimit: options.limits.batchEvents, pollInterval: options.pollInterval)
        let subscription = Subscription(to: ports.store, after: position, options: reading)
        group.addTask {
            var iterator = subscription.makeAsyncIterator()
            return try await iterator.next().map { .read($0) }
        }
    }

    private func send(_ batch: OutgoingBatch, through session: Topic.Session?, _ group: inout Group) async throws {
        let delivery = batch.records.isEmpty ? nil : try await session?.submit(batch)
        ports.record.sent(batch)
        group.addTask {
            // Here, beside the loop, so that hashing costs the publisher no throughput on a second core.
            let digest = CompletenessDigest(of: batch.events)
            let outcome = await delivery?.outcome() ?? .acknowledged(offsets: [])
            return .delivered(batch: batch.number, outcome, digest: digest)
        }
    }

    private func save(_ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, _ group: inout Group) {
        group.addTask {
            let answer = try await ports.checkpoints.advance(checkpoint, from: previous, under: lease)
            if answer == .advanced { ports.record.saved() }
            return .saved(answer)
        }
    }

    private func wake(after duration: Duration, with input: Input, _ group: inout Group) {
        group.addTask {
            do { try await ports.time.sleep(for: duration) } catch { return nil }
            return input
        }
    }
}

extension PublishingRun {
    private func inspect(_ positions: [GlobalPosition]) async throws -> Input {
        let (head, events) = try await ports.store.events(at: positions)
        return .inspected(head, events)
    }

    private func measure(after start: GlobalPosition, through end: GlobalPosition) async throws -> CompletenessDigest {
        var digest = CompletenessDigest()
        var query: EventQuery? = EventQuery(after: start, through: end, limit: options.limits.batchEvents)
        while let pageQuery = query {
            let page = try await ports.store.read(pageQuery)
            digest = digest.adding(CompletenessDigest(of: page.events))
            query = pageQuery.next(after: page)
        }
        return digest
    }

    /// What was acknowledged before a disturbance is worth keeping: the next run has less to read again.
    private func saveLast(of machine: PublisherMachine, after end: RunEnd) async {
        switch end {
        case .superseded, .refused: return
        case .disturbed, .finished: break
        }
        guard let (checkpoint, previous) = machine.unsaved else { return }
        do {
            if try await ports.checkpoints.advance(checkpoint, from: previous, under: lease) == .advanced {
                ports.record.saved()
            }
        } catch {
            ports.logger.debug("the last checkpoint was not stored", metadata: ["error": "\(error)"])
        }
    }
}
