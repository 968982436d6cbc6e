import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Synchronization
import Testing

/// When calls to the stores fail. Log and views of one process share it.
final class FaultPlan: Sendable {
    /// What happens at the chosen call.
    enum Fault: Sendable, CaseIterable {
        /// It is not performed, and fails.
        case before
        /// It is performed, and its answer is lost.
        case after
    }

    private struct State {
        var calls = 0
        var isDead = false
    }

    private let state = Mutex(State())
    private let call: Int
    private let fault: Fault
    private let kills: Bool

    /// The call with that number, from 1, fails; when it `kills`, all later calls fail as well.
    init(call: Int, fault: Fault, kills: Bool) {
        self.call = call
        self.fault = fault
        self.kills = kills
    }

    /// Tries every kind of fault at every call, one run for each, until a run is over before the call.
    static func everywhere(kills: Bool, _ run: (FaultPlan) async throws -> Void) async throws {
        for fault in Fault.allCases {
            var call = 0
            var plan: FaultPlan
            repeat {
                call += 1
                plan = FaultPlan(call: call, fault: fault, kills: kills)
                try await run(plan)
            } while plan.wasReached
            #expect(call > 10, "the run was too short to prove anything")
        }
    }

    /// Whether the chosen call was made.
    var wasReached: Bool { state.withLock { $0.calls >= call } }
    /// Whether the process is dead.
    var isDead: Bool { state.withLock { $0.isDead } }

    /// Which call, for messages.
    var title: String { "call \(call), \(fault)" }

    func run<R: Sendable>(_ work: () async throws(StoreError) -> R) async throws(StoreError) -> R {
        let (number, wasDead) = state.withLock { state in
            state.calls += 1
            defer { if state.calls == call, kills { state.isDead = true } }
            return (state.calls, state.isDead)
        }
        guard !wasDead else { throw .unavailable(reason: "dead") }
        guard number == call else { return try await work() }
        if fault == .after { _ = try await work() }
        throw fault == .after ? .unknownOutcome(reason: "injected") : .unavailable(reason: "injected")
    }
}

/// A log whose calls fail by plan.
struct FaultyLog<Base: EventStore>: EventStore {
    let base: Base
    let plan: FaultPlan

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        try await plan.run { () async throws(StoreError) in try await base.append(request) }
    }
    func read(_ query: EventQuery) async throws(StoreError) -> EventPage {
        try await plan.run { () async throws(StoreError) in try await base.read(query) }
    }
    func read(_ query: StreamQuery) async throws(StoreError) -> StreamPage {
        try await plan.run { () async throws(StoreError) in try await base.read(query) }
    }
    func head() async throws(StoreError) -> LogHead {
        try await plan.run { () async throws(StoreError) in try await base.head() }
    }
    func waitForEvents(after position: GlobalPosition, atMost limit: Duration) async throws(StoreError) {
        try await base.waitForEvents(after: position, atMost: limit)
    }
}

/// Views whose calls fail by plan.
struct FaultyViews<Base: ProjectionStore>: ForwardingViews {
    let base: Base
    let plan: FaultPlan

    func progress(of keys: [ConsumerProgress.Key]) async throws(StoreError) -> [ConsumerProgress] {
        try await plan.run { () async throws(StoreError) in try await base.progress(of: keys) }
    }
    func rows(for keys: [RowKey], in table: TableDefinition) async throws(StoreError) -> [RowKey: Row] {
        try await plan.run { () async throws(StoreError) in try await base.rows(for: keys, in: table) }
    }
    func apply(
        _ changes: RowChanges, moving moves: [CheckpointMove]
    ) async throws(StoreError) -> ApplyAnswer {
        try await plan.run { () async throws(StoreError) in
            try await base.apply(changes, moving: moves)
        }
    }
    func recordState(_ states: [CheckpointMove]) async throws(StoreError) -> AdvanceAnswer {
        try await plan.run { () async throws(StoreError) in try await base.recordState(states) }
    }
    func parkedKeys(
        of consumer: ConsumerProgress.Key, after key: ParkingKey?, limit: Int
    ) async throws(StoreError) -> [ParkedKey] {
        try await plan.run { () async throws(StoreError) in
            try await base.parkedKeys(of: consumer, after: key, limit: limit)
        }
    }
    func parkedKey(_ key: ParkingKey, of consumer: ConsumerProgress.Key) async throws(StoreError) -> ParkedKey? {
        try await plan.run { () async throws(StoreError) in try await base.parkedKey(key, of: consumer) }
    }
    func queue(
        of key: ParkingKey, of consumer: ConsumerProgress.Key, after position: GlobalPosition, limit: Int
    ) async throws(StoreError) -> [GlobalPosition] {
        try await plan.run { () async throws(StoreError) in
            try await base.queue(of: key, of: consumer, after: position, limit: limit)
        }
    }
    func nextRetry(of consumers: [ConsumerProgress.Key]) async throws(StoreError) -> RequestedRetry? {
        try await plan.run { () async throws(StoreError) in try await base.nextRetry(of: consumers) }
    }
}

/// Views that hold an apply back until they are told to let it through, as a paused process does; they remember its answer.
final class PausingViews<Base: ProjectionStore>: ForwardingViews {
    private struct State {
        var isPaused = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var arrived: [CheckedContinuation<Void, Never>] = []
        var answers: [ApplyAnswer] = []
        var hasArrived = false
    }

    let base: Base
    private let state: Mutex<State>

    init(_ base: Base, paused: Bool) {
        self.base = base
        state = Mutex(State(isPaused: paused))
    }

    /// The answers to all applies so far.
    var answers: [ApplyAnswer] { state.withLock { $0.answers } }

    /// Returns once an apply is held back.
    func waitForArrival() async {
        await withCheckedContinuation { continuation in
            let hasArrived = state.withLock { state in
                if !state.hasArrived { state.arrived.append(continuation) }
                return state.hasArrived
            }
            if hasArrived { continuation.resume() }
        }
    }

    /// Lets everything through from now on.
    func resume() {
        let waiting = state.withLock { state in
            state.isPaused = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private func pause() async {
        await withCheckedContinuation { continuation in
            let (isPaused, arrived) = state.withLock { state in
                if state.isPaused { state.waiting.append(continuation) }
                defer { state.arrived = [] }
                state.hasArrived = true
                return (state.isPaused, state.arrived)
            }
            for watcher in arrived { watcher.resume() }
            if !isPaused { continuation.resume() }
        }
    }

    func apply(
        _ changes: RowChanges, moving moves: [CheckpointMove]
    ) async throws(StoreError) -> ApplyAnswer {
        await pause()
        // A driver sends nothing for a task that is cancelled.
        guard !Task.isCancelled else { throw .cancelled }
        let answer = try await base.apply(changes, moving: moves)
        state.withLock { $0.answers.append(answer) }
        return answer
    }
}

/// Views that cannot hold a row whose count is negative.
struct RefusingViews<Base: ProjectionStore>: ForwardingViews {
    let base: Base

    func apply(
        _ changes: RowChanges, moving moves: [CheckpointMove]
    ) async throws(StoreError) -> ApplyAnswer {
        guard !changes.upserts.contains(where: { $0.values[2] == .int(-1) }) else {
            return .refused(reason: "count must not be negative")
        }
        return try await base.apply(changes, moving: moves)
    }
}

extension RefusingViews: GenerationStore where Base: GenerationStore {}
