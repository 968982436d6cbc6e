import EventModel
import EventSourcing
import Logging
import ServiceLifecycle
import Synchronization

/// Takes in what anybody writes to the inbound topic, for as long as the service runs.
///
/// The consumers of a topic share its partitions by lease, each an equal number. Messages are appended first, refused ones are told of next,
/// and the bookmarks move last, with what is remembered and kept: after a death between any two of these steps the messages come again, and
/// are recognised. While messages are being settled, the next ones are already read, and the partitions of a process are read side by side.
public final class InboundConsumer<
    Topic: InboundTopic, Ledger: InboundLedger & InboundCheckpoints, Store: LeaseStore & LeaseSharing
>: Service {
    /// How often in a row reading may fail before the partitions are left to others.
    private static var patience: Int { 3 }
    /// How often somebody without a partition looks whether there is one.
    private static var pause: Duration { .milliseconds(100) }
    /// How often it is asked which partitions the topic has.
    private static var partitionsInterval: Duration { .seconds(30) }

    private let ports: InboundPorts<Topic, Ledger>
    private let leases: Store
    private let holder: String
    private let timing: LeaseTiming
    private let readings: Int
    private let isBusy = Mutex(false)

    /// A consumer of `topic`.
    ///
    /// - Parameters:
    ///   - desks: where messages are taken in, by tenant.
    ///   - workspaces: the tenants for which messages are taken in.
    ///   - sealing: of what is refused.
    ///   - leases: where consumers of the topic share its partitions.
    ///   - holder: a name that no other process uses.
    ///   - readings: in how many readings side by side its partitions are read.
    public init(
        of topic: Topic, at desks: InboundDesks<Ledger>, for workspaces: InboundWorkspaces = .any, ledger: Ledger,
        sealing: RejectionSealing, leases: Store, holder: String, timing: LeaseTiming = LeaseTiming(),
        readings: Int = InboundLimits.readings, backoff: Backoff = Backoff(), time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource(), logger: Logger = Logger(label: "lockstep.ingest")
    ) {
        ports = InboundPorts(
            topic: topic, desks: desks, workspaces: workspaces, ledger: ledger, sealing: sealing, backoff: backoff,
            time: time, random: random, logger: logger)
        self.leases = leases
        self.holder = holder
        self.timing = timing
        self.readings = readings
    }

    /// What has been done so far.
    public var statistics: InboundStatistics { ports.tally.snapshot }

    /// Takes messages in until a graceful shutdown, which finishes those in hand.
    ///
    /// - Throws: every ``StoreError`` and ``InboundTopicError`` that waiting does not help.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.takeInUntilShutdown() }
            group.addTask {
                try? await gracefulShutdown()
                // Who reads finishes what is in hand; who only waits for a partition has nothing to finish.
                while self.isBusy.withLock({ $0 }) { try await self.ports.time.sleep(for: .milliseconds(50)) }
            }
            defer { group.cancelAll() }
            do { try await group.next() } catch is CancellationError where Task.isShuttingDownGracefully {}
        }
    }

    private func takeInUntilShutdown() async throws {
        var backoff = ports.backoff
        while !Task.isShuttingDownGracefully {
            try Task.checkCancellation()
            let before = statistics.messages
            guard let trouble = try await Self.trouble(in: takePart) else { return }
            if Task.isShuttingDownGracefully { return }
            if statistics.messages != before { backoff.reset() }
            ports.logger.info("the partitions are left to others for a while", metadata: ["reason": "\(trouble)"])
            try await ports.time.sleep(for: backoff.next(ports.random))
        }
    }

    /// - Returns: what waiting helps; `nil` when there was no trouble.
    private static func trouble(in body: () async throws -> Void) async throws -> (any Error)? {
        do {
            try await body()
            return nil
        } catch let error where error.isInboundTrouble {
            return error
        }
    }

    /// Takes part in reading the topic until a shutdown, or until reading fails again and again.
    private func takePart() async throws {
        let name = try await ports.topic.prepare()
        let ownership = ShareKeeper(
            of: name.share, parts: try await ports.topic.partitions(), as: holder, sharing: leases, leases: leases,
            timing: timing, time: ports.time, notice: { [logger = ports.logger] in logger.tell($0, of: name) })
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await ownership.keep() }
                group.addTask { try await self.watchPartitions(ownership) }
                group.addTask { try await self.read(name, ownership) }
                defer { group.cancelAll() }
                try await group.next()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await ownership.leave()
        try result.get()
    }

    private func watchPartitions(_ ownership: ShareKeeper<Store, Store>) async throws {
        while true {
            try await ports.time.sleep(for: Self.partitionsInterval)
            // When the broker does not answer, reading notices.
            if let partitions = try? await ports.topic.partitions() { ownership.found(partitions) }
        }
    }

    private func read(_ name: InboundTopicName, _ ownership: ShareKeeper<Store, Store>) async throws {
        var backoff = ports.backoff
        var failures = 0
        while !Task.isShuttingDownGracefully {
            await ownership.giveBack()
            let held = ownership.held
            guard !held.isEmpty else {
                try await ports.time.sleep(for: Self.pause)
                continue
            }
            let before = statistics.messages
            var end = InboundEnd.reassigned
            let trouble = try await Self.trouble {
                end = try await self.busy(
                    InboundReadings(ports, of: name, under: held, atMost: readings) { ownership.allows(held) })
            }
            if statistics.messages != before { (failures, backoff) = (0, ports.backoff) }
            if let trouble {
                failures += 1
                guard failures < Self.patience else { throw trouble }
                ports.logger.info("ingest begins again", metadata: ["reason": "\(trouble)"])
                try await ports.time.sleep(for: backoff.next(ports.random))
                continue
            }
            switch end {
            case .finished: return
            case .reassigned: break
            case .lost(let partition):
                ports.logger.info("somebody else reads a partition", metadata: ["partition": "\(partition)"])
                ownership.lose(partition)
            }
        }
    }

    private func busy(_ readings: InboundReadings<Topic, Ledger>) async throws -> InboundEnd {
        isBusy.withLock { $0 = true }
        defer { isBusy.withLock { $0 = false } }
        return try await readings.perform()
    }
}

extension Logger {
    fileprivate func tell(_ notice: ShareNotice, of topic: InboundTopicName) {
        switch notice {
        case .changed(let parts, let members):
            self.notice(
                "partitions of this process",
                metadata: ["topic": "\(topic.topic)", "partitions": "\(parts)", "members": "\(members)"])
        case .unanswered(let error):
            info("the store does not answer about partitions", metadata: ["reason": "\(error)"])
        }
    }
}
