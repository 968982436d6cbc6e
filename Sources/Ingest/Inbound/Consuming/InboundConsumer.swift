import EventModel
import EventSourcing
import Logging
import ServiceLifecycle
import Synchronization

/// Takes in what anybody writes to the inbound topic, for as long as the service runs.
///
/// One consumer of a topic leads, by lease; the others wait. Messages are appended first, refused ones are kept next, and the bookmarks move
/// last: after a death between any two of these steps the messages come again, and are recognised. While messages are being settled, the next
/// ones are already read.
public final class InboundConsumer<Topic: InboundTopic, Ledger: InboundLedger, Leases: LeaseStore>: Service {
    private let ports: InboundPorts<Topic, Ledger>
    private let keeper: LeaseKeeper<Leases>
    private let leaseName: String
    private let isLeading = Mutex(false)

    /// A consumer of `topic` for the streams of a desk.
    ///
    /// - Parameters:
    ///   - name: of the topic; a topic has one lease.
    ///   - holder: a name that no other process uses, for the lease.
    public init(
        of topic: Topic, name: String, for desk: InboundDesk<Ledger>, ledger: Ledger, leases: Leases, holder: String,
        timing: LeaseTiming = LeaseTiming(), backoff: Backoff = Backoff(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource(),
        logger: Logger = Logger(label: "lockstep.ingest")
    ) {
        ports = InboundPorts(
            topic: topic, desk: desk, ledger: ledger, backoff: backoff, time: time, random: random, logger: logger,
            record: InboundRecord())
        leaseName = "ingest:\(name)"
        keeper = LeaseKeeper(store: leases, holder: holder, time: time, timing: timing)
    }

    /// What has been done so far.
    public var statistics: InboundStatistics { ports.record.snapshot }

    /// Takes messages in until a graceful shutdown, which finishes those in hand.
    ///
    /// - Throws: every ``StoreError`` and ``InboundTopicError`` that waiting does not help.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.takeInUntilShutdown() }
            group.addTask {
                try? await gracefulShutdown()
                // A leader finishes what is in hand; who only waits for the lease has nothing to finish.
                while self.isLeading.withLock({ $0 }) { try await self.ports.time.sleep(for: .milliseconds(50)) }
            }
            defer { group.cancelAll() }
            do { try await group.next() } catch is CancellationError where Task.isShuttingDownGracefully {}
        }
    }

    private func takeInUntilShutdown() async throws {
        var backoff = ports.backoff
        while !Task.isShuttingDownGracefully {
            try Task.checkCancellation()
            let (logger, before) = (ports.logger, statistics.messages)
            let isFinished = try await keeper.hold(leaseName) { holder in
                logger.debug("waiting for the lease", metadata: ["holder": "\(holder)"])
            } _: { lease in
                self.isLeading.withLock { $0 = true }
                defer { self.isLeading.withLock { $0 = false } }
                return try await self.lead(under: lease)
            }
            if isFinished == true { return }
            logger.info("leadership of ingest lost; asking for it again")
            if statistics.messages != before { backoff.reset() }
            try await ports.time.sleep(for: backoff.next(ports.random))
        }
    }

    /// - Returns: whether a shutdown ended it; else somebody else leads.
    private func lead(under lease: Lease) async throws -> Bool {
        var backoff = ports.backoff
        while !Task.isShuttingDownGracefully {
            let before = statistics.messages
            let trouble: any Error
            do {
                return try await InboundRun(ports, lease: lease).perform() == .finished
            } catch let error as StoreError where error.isTransient {
                trouble = error
            } catch let error as InboundTopicError where error.isTransient {
                trouble = error
            }
            try Task.checkCancellation()
            if Task.isShuttingDownGracefully { break }
            if statistics.messages != before { backoff.reset() }
            ports.logger.info("ingest begins again", metadata: ["reason": "\(trouble)"])
            try await ports.time.sleep(for: backoff.next(ports.random))
        }
        return true
    }
}

/// What a consumer works with.
struct InboundPorts<Topic: InboundTopic, Ledger: InboundLedger>: Sendable {
    let topic: Topic
    let desk: InboundDesk<Ledger>
    let ledger: Ledger
    let backoff: Backoff
    let time: any Timekeeper
    let random: any RandomSource
    let logger: Logger
    let record: InboundRecord
}
