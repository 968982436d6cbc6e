import EventModel
import EventSourcing
import Logging
import Reconciliation
import ServiceLifecycle
import Synchronization

/// Keeps the two sides of executions together for as long as the service runs. It looks at an execution when something has happened to it, and from time
/// to time at those that are apart and at all open ones. It carries out what follows.
///
/// It is level-triggered: each look begins with what the streams say. What is remembered, a note of each look and how far each lane of the log was attended
/// to, only saves looks. Processes share the lanes of the log, so that no work is done twice. Two that look at the same execution for a moment do no harm:
/// what they record expects the versions that they have seen.
public final class Reconciler<Store: EventStore, Leases: LeaseStore & LeaseSharing, Listing: OpenExecutions>: Service {
    /// The work that the lanes' leases are named after.
    public static var shareName: ShareName { ShareName("reconciler") }

    let store: Store
    let desk: ReconcilingDesk<Store>
    let courier: Courier<Store>
    let listing: Listing
    let memory: ReconcilerMemory?
    let keeper: ShareKeeper<Leases, Leases>
    let limits: ReconcilingLimits
    let time: any Timekeeper
    let logger: Logger
    let agenda: Mutex<Agenda>
    let books: Mutex<LaneBooks>
    let notes = Mutex(NotesToWrite())
    let seen: Mutex<SeenEnds>
    let record = Mutex(ReconcilerStatistics())
    let meters = ReconcilerMeters()
    /// Whether the end of the log was read.
    let isLive = Mutex(false)

    /// A reconciler that shares its work with others over the same store.
    ///
    /// - Parameters:
    ///   - memory: where is remembered what was looked at; without it everything that happens before the process begins is for the passes.
    ///   - holder: a name that no other process uses, for the leases.
    public init(
        _ store: Store, desk: ReconcilingDesk<Store>, courier: Courier<Store>, listing: Listing,
        memory: ReconcilerMemory? = nil, leases: Leases, holder: String,
        limits: ReconcilingLimits = ReconcilingLimits(), timing: LeaseTiming = LeaseTiming(),
        time: any Timekeeper = SystemTimekeeper(), logger: Logger = Logger(label: "lockstep.reconciler")
    ) {
        self.store = store
        self.desk = desk
        self.courier = courier
        self.listing = listing
        self.memory = memory
        self.limits = limits
        self.time = time
        self.logger = logger
        agenda = Mutex(Agenda(quiet: limits.quiet, patience: limits.patience))
        books = Mutex(LaneBooks(count: limits.lanes))
        seen = Mutex(SeenEnds(limit: limits.waiting))
        keeper = ShareKeeper(
            of: Self.shareName, parts: (0..<Int32(limits.lanes)).map { $0 }, as: holder, sharing: leases,
            leases: leases,
            timing: timing, time: time
        ) { notice in
            switch notice {
            case .changed(let parts, let members):
                logger.notice("reconciling", metadata: ["lanes": "\(parts)", "processes": "\(members)"])
            case .unanswered(let error): logger.warning("the leases are not reached", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// What has been done so far.
    public var statistics: ReconcilerStatistics { record.withLock { $0 } }

    /// Works until a graceful shutdown, which finishes the looks under way.
    ///
    /// - Throws: every ``StoreError`` that waiting does not help.
    public func run() async throws {
        let result: Result<Void, any Error>
        do { result = .success(try await runUntilShutdown()) } catch { result = .failure(error) }
        await CancellationShield.run { await self.rememberAll() }
        await keeper.leave()
        do { try result.get() } catch is CancellationError where Task.isShuttingDownGracefully {}
    }

    private func runUntilShutdown() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.keeper.keep() }
            group.addTask { try await self.listen() }
            group.addTask { try await self.checkLightly() }
            group.addTask { try await self.pass() }
            group.addTask { try await self.cleanUp() }
            group.addTask { try await self.remember() }
            group.addTask { try await self.work() }
            // The others run until they are cancelled; the first that ends by itself is the work, which has nothing in hand then.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    func isOurs(_ key: ExecutionKey) -> Bool {
        keeper.held[key.lane(of: limits.lanes).rawValue] != nil
    }
}

/// Where a reconciler remembers what it was that it has looked at.
public struct ReconcilerMemory: Sendable {
    /// What looks have come to.
    let comparisons: any ComparisonStore
    /// How far each lane was attended to.
    let progress: any ProgressStore

    /// A memory by its parts.
    public init(comparisons: any ComparisonStore, progress: any ProgressStore) {
        self.comparisons = comparisons
        self.progress = progress
    }
}

/// What a reconciler has done since it was made.
public struct ReconcilerStatistics: Sendable, Hashable {
    /// Executions that were looked at.
    public var looks: Int64 = 0
    /// Looks that have recorded something.
    public var changes: Int64 = 0
    /// Decisions that were taken.
    public var resolutions: Int64 = 0
    /// Conflicts that were handed to a person.
    public var queued: Int64 = 0
    /// Executions that have become stale.
    public var stale: Int64 = 0
    /// Looks that have failed.
    public var failures: Int64 = 0
    /// What looks have come to and was written down.
    public var notes: Int64 = 0
    /// Events that were passed over because a look had seen them.
    public var passedOver: Int64 = 0

    /// Nothing yet.
    public init() {}
}
