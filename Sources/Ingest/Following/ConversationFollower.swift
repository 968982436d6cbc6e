import EventModel
import EventSourcing
import Logging
import ServiceLifecycle
import Synchronization

/// Takes in what happens in the conversations of a server, for as long as the service runs.
///
/// One follower of a server leads, by lease; the others wait. What was said is appended first, the conversation's bookmark moves next: after a
/// death between the two it is said again, and recognised.
public final class ConversationFollower<
    Server: ConversationServer, Ledger: InboundLedger & ConversationCheckpoints, Leases: LeaseStore
>: Service {
    private let ports: FollowingPorts<Server, Ledger>
    private let keeper: LeaseKeeper<Leases>
    private let isLeading = Mutex(false)

    /// A follower of `server` for the streams of a desk.
    ///
    /// - Parameters:
    ///   - name: of the server: its bookmarks are kept under it, and there is one lease for it.
    ///   - holder: a name that no other process uses, for the lease.
    public init(
        of server: Server, name: String, for desk: InboundDesk<Ledger>, ledger: Ledger, leases: Leases, holder: String,
        limits: FollowingLimits = FollowingLimits(), timing: LeaseTiming = LeaseTiming(),
        time: any Timekeeper = SystemTimekeeper(), random: any RandomSource = SystemRandomSource(),
        logger: Logger = Logger(label: "lockstep.follower")
    ) {
        ports = FollowingPorts(
            server: server, name: name, desk: desk, ledger: ledger, limits: limits, time: time, random: random,
            logger: logger, record: FollowingRecord())
        keeper = LeaseKeeper(store: leases, holder: holder, time: time, timing: timing)
    }

    /// What has been done so far.
    public var statistics: FollowingStatistics { ports.record.snapshot }

    /// Follows until a graceful shutdown, which finishes what is in hand.
    ///
    /// - Throws: every ``StoreError`` and ``ConversationServerError`` that waiting does not help.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.followUntilShutdown() }
            group.addTask {
                try? await gracefulShutdown()
                // A leader finishes what is in hand; who only waits for the lease has nothing to finish.
                while self.isLeading.withLock({ $0 }) { try await self.ports.time.sleep(for: .milliseconds(50)) }
            }
            defer { group.cancelAll() }
            do { try await group.next() } catch is CancellationError where Task.isShuttingDownGracefully {}
        }
    }

    private func followUntilShutdown() async throws {
        var backoff = ports.limits.backoff
        while !Task.isShuttingDownGracefully {
            try Task.checkCancellation()
            let (ports, before) = (ports, statistics.reports)
            let end = try await keeper.hold(FollowingProgress.leaseName(of: ports.name)) { holder in
                ports.logger.debug("waiting for the lease", metadata: ["holder": "\(holder)"])
            } _: { lease in
                self.isLeading.withLock { $0 = true }
                defer { self.isLeading.withLock { $0 = false } }
                ports.logger.notice("following conversations", metadata: ["server": "\(ports.name)"])
                return try await FollowingRun(ports, lease: lease).perform()
            }
            if end == .finished { return }
            ports.logger.info("leadership of following lost; asking for it again")
            if statistics.reports != before { backoff.reset() }
            try await ports.time.sleep(for: backoff.next(ports.random))
        }
    }
}

/// What a follower works with.
struct FollowingPorts<Server: ConversationServer, Ledger: InboundLedger & ConversationCheckpoints>: Sendable {
    let server: Server
    let name: String
    let desk: InboundDesk<Ledger>
    let ledger: Ledger
    let limits: FollowingLimits
    let time: any Timekeeper
    let random: any RandomSource
    let logger: Logger
    let record: FollowingRecord
}

/// What a follower has done since it was made.
public struct FollowingStatistics: Sendable, Hashable {
    /// Conversations that are followed.
    public var followed = 0
    /// Conversations that stand at something that was refused.
    public var standing = 0
    /// Reports that were settled.
    public var reports: Int64 = 0
    /// Events that they became.
    public var events: Int64 = 0
    /// Reports that were refused, as a whole or in part.
    public var rejected: Int64 = 0

    /// Nothing yet.
    public init() {}
}

/// Statistics that tasks share.
final class FollowingRecord: Sendable {
    private let statistics = Mutex(FollowingStatistics())

    var snapshot: FollowingStatistics { statistics.withLock { $0 } }

    func note(followed: Int, standing: Int) {
        statistics.withLock { ($0.followed, $0.standing) = (followed, standing) }
    }

    func add(_ verdicts: [InboundVerdict]) {
        statistics.withLock { statistics in
            for verdict in verdicts {
                statistics.reports += 1
                statistics.events += Int64(verdict.events)
                if verdict.rejection != nil { statistics.rejected += 1 }
            }
        }
    }
}
