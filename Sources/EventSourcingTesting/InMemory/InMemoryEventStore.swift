import EventModel
import EventSourcing
import FoundationEssentials
import Synchronization

/// A log in memory, with leases and checkpoints beside it: every port of the store, with the meaning that PostgreSQL's has.
///
/// Its clock is the server's clock: recorded times and the expiry of leases follow it.
public final class InMemoryEventStore: EventStore {
    private let state: Mutex<State>
    private let time: any Timekeeper
    private let identity: (incarnation: UUID, system: String)
    private let waiters = Waiters()

    private struct State {
        var log = InMemoryLog()
        var checkpoints = InMemoryCheckpoints()
        var members = InMemoryMembers()
    }

    /// An empty log.
    public init(time: any Timekeeper = SystemTimekeeper(), incarnation: UUID = UUID()) {
        self.time = time
        identity = (incarnation, "in-memory")
        state = Mutex(State())
    }

    /// The log as it is now.
    public var log: InMemoryLog { state.withLock { $0.log } }

    /// As the protocol says.
    public func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        guard !Task.isCancelled else { throw .cancelled }
        let answer: Result<AppendOutcome, AppendFlaw>
        do throws(AppendFlaw) {
            let append = try CheckedAppend(request)
            let now = time.now()
            answer = state.withLock { state in
                Result { () throws(AppendFlaw) in try state.log.append(append, at: now) }
            }
            waiters.grow(to: log.head)
            return try answer.get()
        } catch {
            throw .refused(error)
        }
    }

    /// As the protocol says.
    public func read(_ query: EventQuery) async throws(StoreError) -> EventPage { log.read(query) }

    /// As the protocol says.
    public func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage { log.read(query) }

    /// As the protocol says.
    public func head() async throws(StoreError) -> LogHead {
        state.withLock { state in
            LogHead(
                position: state.log.head, incarnation: identity.incarnation, systemIdentifier: identity.system,
                timeline: 1,
                recordedAt: state.log.recordedAt)
        }
    }

    /// As the protocol says.
    public func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [waiters] in await waiters.wait(beyond: position) }
            group.addTask { [time] in try? await time.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        guard !Task.isCancelled else { throw .cancelled }
    }
}

extension InMemoryEventStore: LeaseStore {
    /// Whether nobody has taken a lease since.
    public func isNewest(_ lease: Lease) -> Bool { state.withLock { $0.checkpoints.isNewest(lease) } }

    /// The newest token of a name, 0 for none.
    public func token(of name: String) -> Int64 { state.withLock { $0.checkpoints.token(of: name) } }

    /// Who holds a lease now.
    public func holder(of name: String) -> String? {
        let now = time.steady()
        return state.withLock { $0.checkpoints.lease(name, at: now)?.holder }
    }

    /// As the protocol says.
    public func acquire(
        _ name: String, holder: String, for duration: Duration
    ) async throws(StoreError) -> LeaseAnswer {
        let now = time.steady()
        return state.withLock { $0.checkpoints.acquire(name, holder: holder, for: duration, at: now) }
    }

    /// As the protocol says.
    public func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        let now = time.steady()
        return state.withLock { $0.checkpoints.renew(lease, for: duration, at: now) }
    }

    /// As the protocol says.
    public func release(_ lease: Lease) async throws(StoreError) {
        let now = time.steady()
        state.withLock { $0.checkpoints.release(lease, at: now) }
    }
}

extension InMemoryEventStore: LeaseSharing {
    /// As the protocol says.
    public func takePart(
        in share: ShareName, as holder: String, parts: [Int32], holding held: [Int32: Lease], for duration: Duration
    ) async throws(StoreError) -> ShareSurvey {
        let now = time.steady()
        return state.withLock { state in
            state.members.takePart(
                in: share, as: holder, parts: parts, holding: held, for: duration, leases: &state.checkpoints, at: now)
        }
    }

    /// As the protocol says.
    public func leave(_ share: ShareName, as holder: String) async throws(StoreError) {
        state.withLock { $0.members.leave(share, as: holder) }
    }
}

extension InMemoryEventStore: ProgressStore, PublishingCheckpointStore {
    /// As the protocol says.
    public func progress(of key: ConsumerProgress.Key) async throws(StoreError) -> ConsumerProgress? {
        state.withLock { $0.checkpoints.progress(of: key) }
    }

    /// As the protocol says.
    public func allProgress() async throws(StoreError) -> [ConsumerProgress] {
        state.withLock { $0.checkpoints.allProgress }
    }

    /// As the protocol says.
    public func advance(
        _ progress: ConsumerProgress, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        state.withLock { $0.checkpoints.advance(progress, from: previous, under: lease) }
    }

    /// As the protocol says.
    public func publishingCheckpoint(
        of key: ConsumerProgress.Key, topic: String
    ) async throws(StoreError) -> PublishingCheckpoint? {
        state.withLock { $0.checkpoints.publishingCheckpoint(of: key, topic: topic) }
    }

    /// As the protocol says.
    public func advance(
        _ checkpoint: PublishingCheckpoint, from previous: GlobalPosition, under lease: Lease
    ) async throws(StoreError) -> AdvanceAnswer {
        state.withLock { $0.checkpoints.advance(checkpoint, from: previous, under: lease) }
    }
}
