import EventModel
import EventSourcing
import EventSourcingTesting
import Synchronization

/// The server: carries out one transaction at a time, each in an instant.
final class SimulatedDatabase: Sendable {
    let world: World
    let clock: SimulatedClock
    let auditor: Auditor
    private let state: Mutex<DatabaseState>

    init(world: World, auditor: Auditor) {
        self.world = world
        self.auditor = auditor
        clock = SimulatedClock(world.scheduler)
        state = Mutex(DatabaseState(incarnation: SequentialIDs.id(1, space: 0xffff), mutation: world.mutation))
    }

    /// The server's state, for the auditor and for what the server itself does.
    func withState<R: Sendable>(_ body: (inout DatabaseState) -> R) -> R { state.withLock { body(&$0) } }

    var epoch: Int { state.withLock { $0.epoch } }

    /// Goes away for a while; what is under way is lost.
    func fail(for duration: Duration) {
        world.count(.databaseOutage)
        world.note("database away for \(duration)")
        state.withLock { state in
            state.epoch += 1
            state.isAway = true
            if state.mutation == .acknowledgedBeforeDurable { state.log = state.durableLog }
        }
        world.scheduler.plan(after: duration) { self.recover() }
    }

    func recover() { state.withLock { $0.isAway = false } }

    /// Carries out a transaction; `nil` when the server is away.
    func perform<R: Sendable>(_ transaction: @Sendable (inout DatabaseState) -> R) -> R? {
        state.withLock { state in
            guard !state.isAway else { return nil }
            return transaction(&state)
        }
    }

    /// Carries out appends of one commit.
    func append(_ batch: [CheckedAppend]) -> [Result<AppendOutcome, StoreError>]? {
        let now = clock.now()
        auditor.check(batch)
        let before = state.withLock { $0.log.head }
        let answers = perform { $0.append(batch, at: now) }
        if world.mutation == .positionsBeforeCommit { hideSome(after: before) }
        if answers != nil { auditor.committed(in: self) }
        return answers
    }

    private func hideSome(after position: GlobalPosition) {
        let head = state.withLock { $0.log.head.rawValue }
        guard head > position.rawValue, world.roll({ $0.chance(perMille: 300) }) else { return }
        state.withLock { _ = $0.hidden.insert(head) }
        world.scheduler.plan(after: world.roll { $0.duration(1_000...200_000) }) {
            self.state.withLock { _ = $0.hidden.remove(head) }
        }
    }
}
