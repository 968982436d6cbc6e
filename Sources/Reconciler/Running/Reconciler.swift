import EventModel
import EventSourcing
import Logging
import Reconciliation
import ServiceLifecycle
import Synchronization

/// Keeps the two sides of executions together for as long as the service runs: looks at an execution when something has happened to it, and at all open
/// ones from time to time, and carries out what follows.
///
/// It is level-triggered: nothing is remembered that would be lost with the process. Processes share the lanes of the log among them so that they do not do
/// the same work; that two look at the same execution for a moment does no harm, because what they record expects the versions that they have seen.
public final class Reconciler<Store: EventStore, Leases: LeaseStore & LeaseSharing, Listing: OpenExecutions>: Service {
    /// The work that the lanes' leases are named after.
    public static var shareName: ShareName { ShareName("reconciler") }

    private let store: Store
    private let desk: ReconcilingDesk<Store>
    private let courier: Courier<Store>
    private let listing: Listing
    private let keeper: ShareKeeper<Leases, Leases>
    private let limits: ReconcilingLimits
    private let time: any Timekeeper
    private let logger: Logger
    private let agenda: Mutex<Agenda>
    private let record = Mutex(ReconcilerStatistics())

    /// A reconciler that shares its work with others over the same store.
    ///
    /// - Parameter holder: a name that no other process uses, for the leases.
    public init(
        _ store: Store, desk: ReconcilingDesk<Store>, courier: Courier<Store>, listing: Listing, leases: Leases,
        holder: String, limits: ReconcilingLimits = ReconcilingLimits(), timing: LeaseTiming = LeaseTiming(),
        time: any Timekeeper = SystemTimekeeper(), logger: Logger = Logger(label: "lockstep.reconciler")
    ) {
        self.store = store
        self.desk = desk
        self.courier = courier
        self.listing = listing
        self.limits = limits
        self.time = time
        self.logger = logger
        agenda = Mutex(Agenda(quiet: limits.quiet, patience: limits.patience))
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
        await keeper.leave()
        do { try result.get() } catch is CancellationError where Task.isShuttingDownGracefully {}
    }

    private func runUntilShutdown() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.keeper.keep() }
            group.addTask { try await self.listen() }
            group.addTask { try await self.pass() }
            group.addTask { try await self.work() }
            // The others run until they are cancelled; the first that ends is the work, which has nothing in hand then.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func isOurs(_ key: ExecutionKey) -> Bool {
        keeper.held[key.lane(of: limits.lanes).rawValue] != nil
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
    /// Looks that have failed.
    public var failures: Int64 = 0

    /// Nothing yet.
    public init() {}
}

// MARK: What is to be looked at

extension Reconciler {
    private static var categories: Set<String> { ["workflow_execution", "journey_session", "reconciliation"] }

    /// Notes every execution that something happens to. What happened before is for the passes.
    private func listen() async throws {
        var start: GlobalPosition?
        while !Task.isCancelled {
            do throws(StoreError) {
                var position = if let start { start } else { try await store.head().position }
                start = position
                let subscription = Subscription(to: store, after: position)
                var batches = subscription.makeAsyncIterator()
                while let batch = try await batches.next() {
                    note(batch.events)
                    if let last = batch.events.last { position = last.position }
                    start = position
                }
                throw .cancelled
            } catch .cancelled {
                throw CancellationError()
            } catch {
                guard error.isTransient else { throw error }
                logger.warning("the log is not reached", metadata: ["reason": "\(error)"])
                try await time.sleep(for: limits.retryPause)
            }
        }
    }

    private func note(_ events: EventBatch) {
        let now = time.steady()
        for event in events where Self.categories.contains(event.category.rawValue) {
            let key = ExecutionKey(workspace: event.workspace, execution: event.stream.syncKey)
            guard isOurs(key) else { continue }
            agenda.withLock { $0.touch(key, at: now) }
        }
    }

    /// Puts all open executions on the agenda, again and again; at once when other lanes are ours.
    private func pass() async throws {
        while !Task.isCancelled {
            let (begun, lanes) = (time.steady(), Set(keeper.held.keys))
            do throws(StoreError) {
                var last: ExecutionKey?
                repeat {
                    let page = try await listing.open(after: last, limit: limits.page)
                    for key in page where isOurs(key) { agenda.withLock { $0.look(at: key, by: begun) } }
                    last = page.count < limits.page ? nil : page.last
                } while last != nil
            } catch {
                guard error.isTransient else { throw error }
                logger.warning("open executions cannot be listed", metadata: ["reason": "\(error)"])
            }
            let due = max(time.steady() + limits.retryPause / 5, begun + limits.passInterval)
            while time.steady() < due, Set(keeper.held.keys) == lanes { try await time.sleep(for: Self.tick * 5) }
        }
    }
}

// MARK: Looking

extension Reconciler {
    /// Between two looks at the agenda when nothing is due.
    private static var tick: Duration { .milliseconds(20) }

    private func work() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var lanes = Set(keeper.held.keys)
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                let held = Set(keeper.held.keys)
                if held != lanes {
                    lanes = held
                    agenda.withLock { $0.forget { !isOurs($0) } }
                }
                // A look that is under way there does no harm; a lane that is not given back is nobody's. One may have to be given back more than once.
                await keeper.giveBack()
                let now = time.steady()
                let due = agenda.withLock { $0.takeDue(at: now, atMost: limits.concurrency - $0.inHand) }
                for key in due {
                    group.addTask {
                        let again = await self.look(at: key)
                        self.agenda.withLock { $0.finish(key, again: again) }
                    }
                }
                if due.isEmpty { try await time.sleep(for: Self.tick) }
            }
        }
    }

    /// Looks, carries out what follows, and looks again when that has ended at once; a few times, so that nobody is kept from his turn.
    ///
    /// - Returns: when to look again although nothing happens, by the steady clock.
    private func look(at key: ExecutionKey) async -> Duration? {
        do throws(DeskFault) {
            for _ in 0..<4 {
                let report = try await desk.examine(key)
                count(report)
                let visit = try await courier.attend(to: report)
                guard !visit.hasEnded else { continue }
                return [report.examined.again, visit.again].compactMap { $0 }.min().map(steady)
            }
            return time.steady() + limits.quiet
        } catch {
            record.withLock { $0.failures += 1 }
            logger.warning(
                "an execution could not be looked at",
                metadata: ["execution": "\(key.execution)", "reason": "\(error)"])
            return time.steady() + limits.retryPause
        }
    }

    private func steady(_ moment: Timestamp) -> Duration {
        time.steady() + max(.milliseconds(1), time.now().duration(to: moment))
    }

    private func count(_ report: ReconcilingDesk<Store>.Report) {
        record.withLock { record in
            record.looks += 1
            guard report.positions != nil else { return }
            record.changes += 1
            for event in report.events {
                switch event {
                case .resolved: record.resolutions += 1
                case .conflictQueued: record.queued += 1
                default: break
                }
            }
        }
    }
}
