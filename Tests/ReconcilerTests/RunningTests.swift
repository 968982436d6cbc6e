import EventModel
import EventSourcing
import EventSourcingTesting
import JourneyDomain
import Reconciliation
import Testing

@testable import Reconciler

/// A reconciler as it runs, over a log in memory, on a clock that is moved from sleeper to sleeper.
@Suite(.timeLimit(.minutes(15))) struct RunningTests {
    private typealias Reconciling = Reconciler<InMemoryEventStore, InMemoryEventStore, InMemoryComparisons>

    private let engines = TwoEngines()
    private let comparisons: InMemoryComparisons

    init() {
        let store = engines.store
        comparisons = InMemoryComparisons(time: engines.time) { store.isNewest($0) }
    }

    private func reconciler(
        _ holder: String = "a", light: Duration = .seconds(3_600), pass: Duration = .seconds(3_600),
        cleanUp: Duration = .seconds(3_600), staleAfter: Duration = .seconds(86_400), isConnected: Bool = false,
        remembering notes: (any ComparisonStore)? = nil
    ) throws -> Reconciling {
        let desk = try engines.desk()
        return Reconciling(
            engines.store, desk: desk,
            courier: isConnected
                ? engines.courier(desk)
                : Courier(desk, to: Engines(workflow: nil, journey: nil), time: engines.time),
            listing: comparisons,
            memory: ReconcilerMemory(comparisons: notes ?? comparisons, progress: engines.store),
            leases: engines.store, holder: holder,
            limits: ReconcilingLimits(
                lightInterval: light, passInterval: pass, cleanUpInterval: cleanUp, staleAfter: staleAfter, lanes: 3),
            time: engines.time)
    }

    /// Runs until something is so, but no longer than two hours, and ends it in order.
    private func run(_ reconciler: Reconciling, until isSo: @escaping @Sendable (Reconciling) async throws -> Bool)
        async throws
    {
        let end = engines.time.steady() + .seconds(7_200)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await reconciler.run() }
            while try await !isSo(reconciler) {
                guard engines.time.steady() < end else {
                    Issue.record("it never came to that: \(comparisons.all) \(reconciler.statistics)")
                    break
                }
                engines.time.advanceToNextSleeper()
                for _ in 0..<8 { await Task.yield() }
            }
            group.cancelAll()
        }
    }

    private func lanes() async throws -> [ConsumerProgress] {
        try await engines.store.allProgress().filter { $0.key.kind == "reconciler" }
    }

    private func isAttended(to head: GlobalPosition) async throws -> Bool {
        let lanes = try await lanes()
        return lanes.count == 3 && lanes.allSatisfy { $0.position >= head }
    }

    private var bad: ExecutionKey { ExecutionKey(workspace: .default, execution: "run-bad") }

    @Test
    func `what happened while nobody ran is looked at, although no listing shows it, and every lane comes to the end`()
        async throws
    {
        try await engines.prepare()
        try await engines.report(.cancelled)
        let head = try await engines.store.head().position
        try await run(reconciler()) { _ in try await isAttended(to: head) }
        let note = try #require(comparisons.all[engines.key])
        #expect(note.ends.workflow?.version == StreamVersion(3) && note.workflow == "refund")
        #expect(try await lanes().map(\.eventsHandled).reduce(0, +) >= head.rawValue)
    }

    @Test func `who comes after it begins where it was attended to, and looks at nothing twice`() async throws {
        try await engines.prepare()
        try await run(reconciler()) { _ in
            try await isAttended(to: engines.store.head().position) && comparisons.all[engines.key] != nil
        }
        // What is apart is looked at in any case.
        var note = try #require(comparisons.all[engines.key])
        note.counts = ComparisonNote.Counts()
        let lane = engines.key.lane(of: 3)
        let name = Reconciling.shareName.lease(of: lane.rawValue)
        guard case .granted(let lease) = try await engines.store.acquire(name, holder: "test", for: .milliseconds(1))
        else { throw CancellationError() }
        #expect(try await comparisons.note([LeasedNote(note, lane: lane, under: lease)]) == 1)
        let again = try reconciler("b")
        try await run(again) { _ in
            guard again.keeper.held.count == 3 else { return false }
            return again.books.withLock { $0.leases.count == 3 && $0.start == engines.store.log.head }
        }
        #expect(again.statistics.looks == 0 && again.statistics.passedOver == 0)
    }

    @Test func `what a job has looked at no reconciler looks at again that begins behind it`() async throws {
        try await engines.prepare()
        // Nothing is to be done about them.
        try await engines.report(.cancelled)
        let (desk, board) = (try engines.desk(), InMemoryJobBoard(leases: engines.store, time: engines.time))
        comparisons.show(engines.key)
        let runner = JobRunner(
            board, listing: comparisons, desk: NotingDesk(desk: desk), remembering: comparisons, leases: engines.store,
            holder: "job", limits: JobLimits(lanes: 3), time: engines.time)
        let request = JobRequest(
            IDSource(time: engines.time).next(), selection: ExecutionSelection(), requestedBy: "ada")
        let id = try await board.file(request).job.id
        #expect(try await runner.run(id))
        let note = try #require(comparisons.all[engines.key])
        comparisons.show(engines.key, note.ends)
        #expect(!note.counts.isApart && note.counts.pending == 0, "\(note)")
        let later = try reconciler("b")
        let head = try await engines.store.head().position
        try await run(later) { _ in try await isAttended(to: head) }
        #expect(later.statistics.looks == 0 && later.statistics.passedOver > 0, "\(later.statistics)")
    }

    @Test func `what somebody has noted with an effect under way is looked at all the same by who begins behind it`()
        async throws
    {
        try await engines.prepare()
        var note = try await engines.desk().examine(engines.key).note
        // Nothing but the effect gives cause for it, and no listing shows it.
        note.counts = ComparisonNote.Counts(pending: 1)
        guard case .granted(let lease) = try await engines.store.acquire("job", holder: "x", for: .seconds(60))
        else { throw CancellationError() }
        #expect(try await comparisons.note([LeasedNote(note, lane: engines.key.lane(of: 3), under: lease)]) == 1)
        let later = try reconciler("b")
        let head = try await engines.store.head().position
        try await run(later) { later in
            guard later.statistics.looks > 0 else { return false }
            return try await isAttended(to: head)
        }
    }

    @Test func `an execution that cannot be looked at keeps its lane back, is named, and stops nobody else`()
        async throws
    {
        _ = try await engines.store.append(
            AppendRequest(
                [.draft("workflow_execution.started", data: #"{"bad":1}"#)], to: "workflow_execution-run-bad",
                expecting: .noStream))
        try await engines.prepare()
        let running = try reconciler()
        try await run(running) { _ in
            let named = try await lanes().contains { $0.lastError?.contains("run-bad") == true }
            return named && comparisons.all[engines.key] != nil
        }
        let stuck = try await lanes().filter { $0.key.lane == Int(bad.lane(of: 3).rawValue) }
        #expect(stuck.map(\.position) == [.start])
        #expect(running.statistics.failures > 0)
    }

    @Test func `who visits many executions gives way to what is due, but not for ever`() async throws {
        let running = try reconciler()
        try await running.giveWay()
        running.agenda.withLock { $0.touch(engines.key, at: engines.time.steady()) }
        try await running.giveWay()
        engines.time.advance(by: .seconds(1))
        let waiting = Task { try await running.giveWay() }
        await engines.time.waitForSleepers(1)
        let due = running.agenda.withLock { $0.takeDue(at: engines.time.steady(), atMost: 1) }
        #expect(due == [engines.key])
        engines.time.advanceToNextSleeper()
        try await waiting.value
        running.agenda.withLock { $0.touch(bad, at: .zero) }
        let patient = Task { try await running.giveWay() }
        await engines.time.waitForSleepers(1)
        engines.time.advance(by: running.limits.patience)
        try await patient.value
    }

    @Test func `a light check looks again and again at what is apart`() async throws {
        try await together()
        try await engines.answer("email", "a@example.org", in: "ask", offset: 10)
        try await engines.walk(to: "check")
        let running = try reconciler(light: .seconds(5))
        try await run(running) { _ in
            comparisons.all[engines.key]?.counts.isToBeVisited == true && running.statistics.looks > 4
        }
        #expect(running.statistics.changes == 1, "the run is to be resumed, and nobody does that")
    }

    @Test func `a light check does not look again and again at what waits for nobody but a person`() async throws {
        try await together()
        try await engines.report(.completed)
        try await close()
        let running = try reconciler(light: .seconds(5))
        let begun = engines.time.steady()
        try await run(running) { _ in engines.time.steady() > begun + .seconds(120) }
        let counts = try #require(comparisons.all[engines.key]?.counts)
        #expect(counts == ComparisonNote.Counts(differing: 1, queued: 1) && running.statistics.looks <= 2)
    }

    /// Both stand at the block that asks, and agree.
    private func together() async throws {
        try await engines.prepare()
        try await engines.bind()
        try await engines.walk(to: "start")
        try await engines.comeToAsk()
        try await engines.walk(to: "ask")
        let desk = try engines.desk()
        let courier = engines.courier(desk)
        for _ in 0..<4 { _ = try await courier.attend(to: desk.examine(engines.key)) }
    }

    private func close() async throws {
        try await engines.tell([.closed(SessionClosing(reason: .deleted, at: engines.time.now()))])
    }

    @Test
    func `an execution that waits for somebody whom to tell is not apart, and left alone until something happens`()
        async throws
    {
        try await engines.prepare()
        let running = try reconciler(light: .seconds(5))
        let start = engines.time.steady()
        try await run(running) { _ in
            comparisons.all[engines.key] != nil && engines.time.steady() > start + .seconds(60)
        }
        let counts = try #require(comparisons.all[engines.key]?.counts)
        #expect(counts.notYet > 0 && counts == ComparisonNote.Counts(notYet: counts.notYet))
        #expect(running.statistics.looks == 1)
    }

    @Test func `what a look has recorded itself is not looked at again, what anybody else records is`() async throws {
        try await engines.prepare()
        try await engines.comeToAsk()
        try await engines.bind()
        let running = try reconciler()
        let before = engines.store.log.head
        // One look puts the agreement on record; the reconciler hears that like everything else.
        try await run(running) { _ in
            let head = engines.store.log.head
            guard head > before else { return false }
            return try await isAttended(to: head)
        }
        #expect(running.statistics.looks == 1 && running.statistics.passedOver > 0)
        try await engines.walk(to: "check")
        try await run(reconciler("b")) { other in other.statistics.looks > 0 }
    }

    @Test func `what has moved unnoticed is looked at`() async throws {
        try await engines.prepare()
        try await run(reconciler()) { _ in try await isAttended(to: engines.store.head().position) }
        let before = try #require(comparisons.all[engines.key])
        var ends = before.ends
        ends.workflow = StreamEnd(version: StreamVersion(99), position: GlobalPosition(99))
        comparisons.show(engines.key, ends)
        let again = try reconciler("b")
        try await run(again) { _ in again.statistics.looks > 0 }
    }

    // MARK: What is over and not done with

    @Test func `an effect under way gets its end although both sides are over and whoever asked for it is gone`()
        async throws
    {
        try await engines.prepare()
        try await engines.bind()
        try await engines.walk(to: "start")
        comparisons.show(engines.key)
        // The conversation is to be told the amount, and nobody does that.
        try await run(reconciler("a")) { _ in comparisons.all[engines.key]?.counts.pending == 1 }
        try await engines.report(.cancelled)
        try await close()
        let head = engines.store.log.head
        try await run(reconciler("b")) { _ in
            guard comparisons.all[engines.key]?.ends.journey?.position == head else { return false }
            return try await isAttended(to: head)
        }
        let left = try #require(comparisons.all[engines.key])
        #expect(left.counts == ComparisonNote.Counts(pending: 1))
        comparisons.show(engines.key, left.ends)
        comparisons.end(engines.key)
        let (stale, confirmed) = (ReconciliationEvent.Kind.effectStale, ReconciliationEvent.Kind.effectConfirmed)
        try await run(reconciler("c", light: .seconds(5), isConnected: true)) { _ in
            let stream = StreamName(trusting: "reconciliation-run-1")
            let recorded = try await engines.store.read(StreamQuery(stream)).events
            return recorded.contains { [stale.type, confirmed.type].contains($0.type) }
        }
    }

    @Test func `a conflict of an execution that is over waits, is passed over by light checks, and becomes stale`()
        async throws
    {
        try await together()
        try await engines.report(.completed)
        try await close()
        comparisons.show(engines.key)
        let first = try cleaning("a")
        try await run(first) { _ in comparisons.all[engines.key]?.counts.queued == 1 }
        let note = try #require(comparisons.all[engines.key])
        comparisons.show(engines.key, note.ends)
        comparisons.end(engines.key)
        try await run(cleaning("b")) { _ in comparisons.all[engines.key]?.movement.isStale == true }
        #expect(try await recordedStaleness().count == 1)
        let second = try cleaning("c")
        let begun = engines.time.steady()
        try await run(second) { _ in engines.time.steady() > begun + .seconds(30) }
        #expect(second.statistics.looks == 0)
        #expect(try await engines.desk().preview(engines.key).ledger.queue.count == 1, "it goes on waiting")
    }

    @Test(arguments: [1, 3])
    func `what could not be noted is noted later, and no checkpoint moves over it before`(_ refusals: Int) async throws
    {
        try await engines.prepare()
        let notes = RefusingComparisons(comparisons, by: .unavailable(reason: "x"), atMost: refusals)
        let head = engines.store.log.head
        let running = try reconciler(remembering: notes)
        try await run(running) { _ in
            let isNoted = comparisons.all[engines.key] != nil
            let isAttended = try await isAttended(to: head)
            #expect(isNoted || !isAttended)
            return isNoted || isAttended
        }
        #expect(comparisons.all[engines.key] != nil && notes.refusals == refusals)
    }

    // MARK: What nothing moves in

    private func recordedStaleness() async throws -> [WentStale] {
        let stream = StreamName(trusting: "reconciliation-run-1")
        return try await engines.store.read(StreamQuery(stream, limit: 100)).events.compactMap { event in
            if case .wentStale(let stale) = try ReconciliationEvent(event) { stale } else { nil }
        }
    }

    private func cleaning(_ holder: String) throws -> Reconciling {
        try reconciler(
            holder, light: .seconds(2), pass: .seconds(3), cleanUp: .seconds(4), staleAfter: .seconds(20))
    }

    @Test func `an execution in which nothing moves becomes stale once, and is left alone until a side moves`()
        async throws
    {
        try await engines.prepare()
        comparisons.show(engines.key)
        let silentSince = engines.time.now()
        let first = try cleaning("a")
        try await run(first) { _ in comparisons.all[engines.key]?.movement.isStale == true }
        let recorded = try await recordedStaleness()
        #expect(recorded.map(\.since) == [silentSince] && recorded.map(\.patience) == [20])
        #expect(recorded.map(\.workflow) == [StreamVersion(2)] && recorded.map(\.journey) == [nil])
        // Not before its patience is over.
        let found = try #require(recorded.first?.at)
        #expect(silentSince.duration(to: found) >= .seconds(20))
        #expect(first.statistics.stale == 1)
        let second = try cleaning("b")
        let begun = engines.time.steady()
        try await run(second) { _ in engines.time.steady() > begun + .seconds(30) }
        #expect(second.statistics.looks == 0, "neither light checks, passes nor clean-ups look at it")
        #expect(try await recordedStaleness() == recorded)

        try await engines.report(.cancelled)
        let third = try cleaning("c")
        try await run(third) { _ in comparisons.all[engines.key]?.ends.workflow?.version == StreamVersion(3) }
        #expect(third.statistics.looks > 0 && comparisons.all[engines.key]?.movement == ComparisonNote.Movement.none)
    }

    @Test func `one that has moved again becomes stale again, and a note that was lost costs looks and no event`()
        async throws
    {
        try await engines.prepare()
        comparisons.show(engines.key)
        try await run(cleaning("a")) { _ in comparisons.all[engines.key]?.movement.isStale == true }
        try await engines.complete("start")
        try await run(cleaning("b")) { _ in try await recordedStaleness().count == 2 }
        #expect(try await recordedStaleness().map(\.workflow?.rawValue) == [2, 3])
        let emptied = InMemoryComparisons(time: engines.time) { engines.store.isNewest($0) }
        emptied.show(engines.key)
        let desk = try engines.desk()
        let again = Reconciling(
            engines.store, desk: desk, courier: engines.courier(desk), listing: emptied,
            memory: ReconcilerMemory(comparisons: emptied, progress: engines.store), leases: engines.store,
            holder: "c",
            limits: ReconcilingLimits(cleanUpInterval: .seconds(4), staleAfter: .seconds(20), lanes: 3),
            time: engines.time)
        try await run(again) { _ in emptied.all[engines.key]?.movement.isStale == true }
        #expect(try await recordedStaleness().count == 2)
    }

    @Test func `nobody becomes stale where the patience is zero`() async throws {
        try await engines.prepare()
        comparisons.show(engines.key)
        let running = try reconciler(pass: .seconds(3), cleanUp: .seconds(1), staleAfter: .zero)
        let begun = engines.time.steady()
        try await run(running) { _ in engines.time.steady() > begun + .seconds(30) }
        #expect(try await recordedStaleness().isEmpty && running.statistics.looks > 3)
    }
}

/// Looks as jobs do, and says nothing.
private struct NotingDesk: JobDesk {
    let desk: ReconcilingDesk<InMemoryEventStore>

    func look(at key: ExecutionKey, for job: ReconcilingJob) async throws(DeskFault) -> JobLook {
        JobLook(.converged, note: try await desk.examine(key, actor: job.requestedBy).note)
    }

    func line(about fault: DeskFault, at key: ExecutionKey) -> [UInt8] { [] }
}
