import EventModel
import EventSourcing
import PostgresDriver

/// The log in PostgreSQL.
///
/// Appends go through one writer, which ``run()`` drives: without it they wait. Reads borrow connections from a pool and need no ``run()``,
/// but wake only by polling then.
public final class PostgresEventStore: EventStore, Sendable {
    let pool: PostgresPool
    let kinds = KindRegistry()
    let signal = AppendSignal()
    private let configuration: PostgresConfiguration
    private let appends: GroupCommit
    private let reader: EventReader
    private let time: any Timekeeper
    private let random: any RandomSource

    /// A store over the database that `configuration` names. Nothing is opened before it is needed.
    public init(
        _ configuration: PostgresConfiguration, poolLimits: PoolLimits = PoolLimits(),
        appendLimits: GroupCommitLimits = GroupCommitLimits(), time: any Timekeeper = SystemTimekeeper(),
        random: any RandomSource = SystemRandomSource()
    ) {
        self.configuration = configuration
        self.time = time
        self.random = random
        pool = PostgresPool(configuration: configuration, limits: poolLimits)
        appends = GroupCommit(limits: appendLimits)
        reader = EventReader(pool: pool, kinds: kinds, signal: signal)
    }

    /// As the protocol says.
    public func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        let checked: CheckedAppend
        do throws(AppendFlaw) { checked = try CheckedAppend(request) } catch { throw .refused(error) }
        return try await appends.append(checked)
    }

    /// As the protocol says.
    public func read(_ query: EventQuery) async throws(StoreError) -> EventPage { try await reader.read(query) }

    /// As the protocol says.
    public func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { try await reader.read(query) }

    /// As the protocol says.
    public func read(_ queries: [StreamQuery]) async throws(StoreError) -> [StreamPage] {
        try await reader.read(queries)
    }

    /// As the protocol says.
    public func head() async throws(StoreError) -> LogHead { try await reader.head() }

    /// As the protocol says.
    public func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.signal.wait(beyond: position) }
            group.addTask { try? await self.time.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        if Task.isCancelled { throw .cancelled }
    }

    /// Appends that wait for the writer, and their bytes.
    public var waitingAppends: (appends: Int, bytes: Int) { appends.waiting }

    /// Drives the writer and the notifications, until ``shutdown()`` has been called and everything that waited is committed, or until the
    /// task is cancelled. Runs once.
    public func run() async {
        // The writer lives on its connection's thread: a lone caller's append is two changes of thread, not four.
        let thread = try? ConnectionThread()
        let writer = LogWriter(configuration: configuration, kinds: kinds, signal: signal, thread: thread)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.announceCommits() }
            group.addTask { await self.listen() }
            await withTaskCancellationHandler {
                await withTaskExecutorPreference(thread?.taskExecutor) {
                    await appends.run(turn: Self.letPoolRun) { batch in await writer.commit(batch) }
                }
            } onCancel: {
                appends.close()
            }
            group.cancelAll()
        }
        await writer.close()
    }

    /// Waits until the pool, where callers live, has run what was ready before.
    private static func letPoolRun() async {
        await withTaskExecutorPreference(globalConcurrentExecutor) { await Task.yield() }
    }

    /// Lets the writer finish what waits, and ``run()`` return. Appends that come later are refused.
    public func shutdown() { appends.close() }

    /// Closes the pool's connections, after everything else.
    public func close() async { await pool.shutdown() }
}

// MARK: Notifications

extension PostgresEventStore {
    /// The channel on which the end of the log is announced, as decimal text.
    static let channel = "lockstep_events"
    /// At most one notification in this time: the next one covers what was committed meanwhile. The first after a pause goes out at once.
    private static let announcementInterval = Duration.milliseconds(5)

    /// Tells other processes of this one's commits, after the fact and on another connection, so that it costs an append nothing. Errors
    /// are ignored: a reader that hears nothing looks by itself.
    private func announceCommits() async {
        while let position = await signal.nextAnnouncement() {
            try? await pool.withConnection { connection in
                var parameters = PostgresParameters()
                parameters.append(Self.channel)
                parameters.append(position.description)
                _ = try await connection.query("select pg_notify($1, $2)", parameters)
            }
            guard (try? await time.sleep(for: Self.announcementInterval)) != nil else { return }
        }
    }

    private func listen() async {
        var backoff = EventSourcing.Backoff(base: .milliseconds(100), cap: .seconds(10))
        while !Task.isCancelled {
            do {
                for try await news in PostgresListener(configuration: configuration, channels: [Self.channel]) {
                    backoff.reset()
                    switch news {
                    case .notification(let notification):
                        if let position = Int64(notification.payload) { signal.heard(of: GlobalPosition(position)) }
                    case .connected, .reconnected: signal.wakeAll()
                    }
                }
            } catch {
                // Without notifications readers poll; nothing is lost.
            }
            guard (try? await time.sleep(for: backoff.next(random))) != nil else { return }
        }
    }
}
