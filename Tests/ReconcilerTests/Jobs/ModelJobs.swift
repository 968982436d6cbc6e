import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Synchronization
import Testing

@testable import Reconciler

/// Jobs in memory over executions of a model, with runners that can be struck.
final class ModelJobs: Sendable {
    let time = ManualTimekeeper()
    let leases: InMemoryEventStore
    let board: InMemoryJobBoard
    let listing: InMemoryComparisons
    let desk = ModelDesk()

    init(executions: Int = 7) {
        leases = InMemoryEventStore(time: time)
        board = InMemoryJobBoard(leases: leases, time: time)
        listing = InMemoryComparisons(time: time) { [leases] in leases.isNewest($0) }
        for number in 0..<executions { listing.show(Self.key(number)) }
    }

    static func key(_ number: Int) -> ExecutionKey {
        ExecutionKey(workspace: .default, execution: "run-\(number / 10)\(number % 10)")
    }

    func runner(
        _ holder: String = "a", board: (any JobBoard)? = nil, remembering comparisons: (any ComparisonStore)? = nil,
        concurrency: Int = 2, living: Bool = true
    ) -> JobRunner<MortalLeases> {
        JobRunner(
            board ?? self.board, listing: listing, desk: desk, remembering: comparisons ?? listing,
            leases: MortalLeases(base: leases, isAlive: living), holder: holder,
            limits: JobLimits(page: 3, concurrency: concurrency), time: time)
    }

    @discardableResult
    func file(_ selection: ExecutionSelection = ExecutionSelection()) async throws -> UUID {
        time.advance(by: .milliseconds(1))
        let id = IDSource(time: time, random: SeededRandom(seed: UInt64(time.steady() / .milliseconds(1)))).next()
        return try await board.file(JobRequest(id, selection: selection, requestedBy: "ada")).job.id
    }

    func job(_ id: UUID) async throws -> ReconcilingJob { try #require(try await board.job(id)) }

    /// Runs `body` while the clock goes from sleeper to sleeper.
    func passingTime<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        let clock = Task { [time] in
            while !Task.isCancelled {
                time.advanceToNextSleeper()
                await Task.yield()
            }
        }
        defer { clock.cancel() }
        return try await body()
    }
}

/// Leases of a process that may be killed, or stand still: it renews nothing then, and gives nothing up.
struct MortalLeases: LeaseStore {
    let base: InMemoryEventStore
    let isAlive: Bool

    func acquire(_ name: String, holder: String, for duration: Duration) async throws(StoreError) -> LeaseAnswer {
        try await base.acquire(name, holder: holder, for: duration)
    }
    func renew(_ lease: Lease, for duration: Duration) async throws(StoreError) -> Bool {
        isAlive ? try await base.renew(lease, for: duration) : true
    }
    func release(_ lease: Lease) async throws(StoreError) {
        if isAlive { try await base.release(lease) }
    }
}

/// Decides something about every second execution, once.
final class ModelDesk: JobDesk {
    private struct State {
        var looks: [ExecutionKey: Int] = [:]
        var actors: Set<String> = []
        var inHand = 0
        var mostInHand = 0
    }

    /// The policy of its notes.
    static let policy = ContentDigest(of: [1])

    private let state = Mutex(State())
    private let trouble = Mutex<(@Sendable (ExecutionKey, Int) async throws -> Void)?>(nil)

    /// Is asked before each look, with how often the execution was looked at before; throws a ``DeskFault``.
    func before(_ body: @escaping @Sendable (ExecutionKey, Int) async throws -> Void) { trouble.withLock { $0 = body } }

    var looks: [ExecutionKey: Int] { state.withLock(\.looks) }
    var actors: Set<String> { state.withLock(\.actors) }
    var mostInHand: Int { state.withLock(\.mostInHand) }

    func look(at key: ExecutionKey, for job: ReconcilingJob) async throws(DeskFault) -> JobLook {
        let known = state.withLock { state in
            state.inHand += 1
            state.mostInHand = max(state.mostInHand, state.inHand)
            state.actors.insert(job.requestedBy)
            defer { state.looks[key, default: 0] += 1 }
            return state.looks[key, default: 0]
        }
        defer { state.withLock { $0.inHand -= 1 } }
        await Task.yield()
        do { try await trouble.withLock { $0 }?(key, known) } catch let fault as DeskFault { throw fault } catch {
            throw .store(.cancelled)
        }
        let isApart = key.execution.utf8.last.map({ $0 % 2 == 1 }) ?? false
        let note = ComparisonNote(
            key, workflow: nil, ends: ComparisonNote.Ends(), policy: Self.policy,
            counts: ComparisonNote.Counts(differing: isApart ? 1 : 0), lookedAt: Timestamp(microseconds: Int64(known)))
        guard isApart else { return JobLook(.converged, note: note) }
        return JobLook(
            .underWay, resolutions: known == 0 ? 1 : 0, line: Array("\"\(key.execution)\"".utf8), note: note)
    }

    func line(about fault: DeskFault, at key: ExecutionKey) -> [UInt8] { Array("\"\(key.execution) failed\"".utf8) }
}

/// A board that is struck at one of the calls: before it is carried out, or behind it, when the answer is on its way.
final class StruckBoard: JobBoard {
    private let base: InMemoryJobBoard
    private let strike: Int
    private let isBehind: Bool
    private let fault: StoreError
    private let calls = Mutex(0)

    init(_ base: InMemoryJobBoard, at strike: Int, behind isBehind: Bool, by fault: StoreError = .cancelled) {
        self.base = base
        self.strike = strike
        self.isBehind = isBehind
        self.fault = fault
    }

    /// Whether it came to that.
    var wasStruck: Bool { calls.withLock { $0 > strike } }

    private func struck<R>(_ body: () async throws(StoreError) -> R) async throws(StoreError) -> R {
        let isNow = calls.withLock { calls in
            calls += 1
            return calls - 1 == strike
        }
        guard isNow else { return try await body() }
        if isBehind { _ = try await body() }
        throw fault
    }

    func file(_ request: JobRequest) async throws(StoreError) -> (job: ReconcilingJob, isNew: Bool) {
        try await base.file(request)
    }
    func job(_ id: UUID) async throws(StoreError) -> ReconcilingJob? {
        try await struck { () async throws(StoreError) in try await base.job(id) }
    }
    func jobs(unfinished: Bool, in workspace: Workspace?, limit: Int) async throws(StoreError) -> [ReconcilingJob] {
        try await struck { () async throws(StoreError) in
            try await base.jobs(unfinished: unfinished, in: workspace, limit: limit)
        }
    }
    func unfinishedJobs() async throws(StoreError) -> UnfinishedJobs { try await base.unfinishedJobs() }
    func record(_ step: JobStep, of id: UUID, under lease: Lease) async throws(StoreError) -> JobAnswer {
        try await struck { () async throws(StoreError) in try await base.record(step, of: id, under: lease) }
    }
    func cancel(_ id: UUID) async throws(StoreError) -> ReconcilingJob? { try await base.cancel(id) }
    func lines(of id: UUID, after number: Int64, limit: Int) async throws(StoreError) -> [JobLine] {
        try await base.lines(of: id, after: number, limit: limit)
    }
}

/// A cache that takes no notes, or takes them only after a while.
final class RefusingComparisons: ComparisonStore {
    private let base: InMemoryComparisons
    private let fault: StoreError
    private let refused = Mutex(0)
    private let limit: Int

    /// - Parameter limit: how often it refuses at most.
    init(_ base: InMemoryComparisons, by fault: StoreError, atMost limit: Int = .max) {
        self.base = base
        self.fault = fault
        self.limit = limit
    }

    /// How often it was told something.
    var refusals: Int { refused.withLock { $0 } }

    func note(_ notes: [LeasedNote]) async throws(StoreError) -> Int {
        let isRefused = refused.withLock { refused in
            guard refused < limit else { return false }
            refused += 1
            return true
        }
        guard !isRefused else { throw fault }
        return try await base.note(notes)
    }
    func notes(of keys: [ExecutionKey]) async throws(StoreError) -> [ExecutionKey: ComparisonNote] {
        try await base.notes(of: keys)
    }
    func moved(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        try await base.moved(after: last, limit: limit)
    }
    func apart(after last: ExecutionKey?, limit: Int) async throws(StoreError) -> [ExecutionKey] {
        try await base.apart(after: last, limit: limit)
    }
    func drift() async throws(StoreError) -> [Drift] { try await base.drift() }
    func stale() async throws(StoreError) -> [Workspace: Int64] { try await base.stale() }
}
