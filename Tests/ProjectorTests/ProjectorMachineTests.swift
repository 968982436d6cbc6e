import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import ReadModels
import Testing

@testable import Projector

/// The decisions alone: no store, no task, no clock.
@Suite struct `Projector machine` {
    private let lease = Lease(name: "projector/tally/v1", holder: "one", token: 1)
    private let incarnation = SequentialIDs.id(99)
    private let key = ConsumerProgress.Key(of: TallyProjection())

    private func machine(_ projection: any Projection = TallyProjection(), batch: ClosedRange<Int> = 4...16)
        -> ProjectorMachine
    {
        ProjectorMachine(
            projection,
            limits: ProjectorLimits(
                smallestBatch: batch.lowerBound, largestBatch: batch.upperBound, slowApply: .milliseconds(300),
                transientPause: .milliseconds(100)...(.seconds(1)), stoppedPause: .seconds(1)...(.seconds(8))),
            random: SeededRandom(seed: 1))
    }

    private func head(_ position: Int64) -> LogHead {
        LogHead(
            position: GlobalPosition(position), incarnation: incarnation, systemIdentifier: "s", timeline: 1,
            recordedAt: nil)
    }

    /// Events 1 … of these types, in one stream.
    private func events(_ types: [String], after position: Int64 = 0) -> EventBatch {
        var log = InMemoryLog()
        let drafts = types.map { EventDraft.draft($0) }
        let filler = (0..<position).map { _ in EventDraft.draft("other.thing") }
        for draft in filler + drafts {
            guard let append = try? CheckedAppend(AppendRequest([draft], to: "tally-1", expecting: .any)) else {
                continue
            }
            _ = try? log.append(append, at: Timestamp(microseconds: 0))
        }
        return log.read(EventQuery(after: GlobalPosition(position), limit: 1_000)).events
    }

    /// A machine that has the lease and was told to read behind position 0.
    private func reading(_ projection: any Projection = TallyProjection()) -> ProjectorMachine {
        var machine = machine(projection)
        _ = machine.receive(.started)
        _ = machine.receive(.granted(LaneShare(lease)))
        _ = machine.receive(.loaded(.init(progress: nil, head: head(9), eventID: nil)))
        return machine
    }

    @Test func `it asks for the lease, then for its place, then for events`() {
        var machine = machine()
        guard case .lead = machine.receive(.started) else { return fail() }
        guard case .load = machine.receive(.granted(LaneShare(lease))) else { return fail() }
        guard case .read(.start, 4) = machine.receive(.loaded(.init(progress: nil, head: head(9), eventID: nil))) else {
            return fail()
        }
    }

    @Test func `a batch needs its rows, is applied from the place it was read at, and the next one is read behind it`()
    {
        var machine = reading()
        guard case .fetch(let keys) = machine.receive(.read(events(["tally.up", "tally.up"]), head: GlobalPosition(9)))
        else {
            return fail()
        }
        #expect(keys == [RowKey([.text("tally-1"), .text("default")])])
        guard case .apply(let work) = machine.receive(.fetched([:])) else { return fail() }
        #expect(work.changes.upserts.map { $0.values[2] } == [.int(2)])
        #expect(work.from == .start)
        #expect(work.progress.position == GlobalPosition(2))
        #expect(work.progress.eventsHandled == 2)
        #expect(work.progress.state == "catching-up")
        #expect(work.readAhead?.after == GlobalPosition(2))
        guard case .read(GlobalPosition(2), _) = machine.receive(.applied(.advanced, .zero)) else { return fail() }
    }

    @Test func `the last batch of the log makes it live, and nothing is read ahead`() {
        var machine = reading(TimelineProjection())
        guard case .apply(let work) = machine.receive(.read(events(["tally.up"]), head: GlobalPosition(1))) else {
            return fail()
        }
        #expect(work.progress.state == "live")
        #expect(work.readAhead == nil)
    }

    @Test func `an append-only table needs no rows`() {
        var machine = reading(TimelineProjection())
        guard case .apply = machine.receive(.read(events(["tally.up"]), head: GlobalPosition(9))) else { return fail() }
    }

    @Test func `batches grow while applying is quick and shrink when it is slow, within the limits`() {
        var machine = reading(TimelineProjection())
        var position: Int64 = 0
        var asked: [Int] = [4]
        for duration in [1, 1, 1, 200, 1, 400, 400, 400] as [Int64] {
            let types = [String](repeating: "tally.up", count: asked[asked.count - 1])
            _ = machine.receive(.read(events(types, after: position), head: GlobalPosition(999)))
            position += Int64(types.count)
            guard case .read(_, let limit) = machine.receive(.applied(.advanced, .milliseconds(duration))) else {
                return fail()
            }
            asked.append(limit)
        }
        #expect(asked == [4, 8, 16, 16, 16, 16, 8, 4, 4])
    }

    @Test(arguments: [ApplyAnswer.fenced(current: 2), .moved(actual: GlobalPosition(7))])
    func `whoever has lost leadership starts again by asking for it`(_ answer: ApplyAnswer) {
        var machine = reading(TimelineProjection())
        _ = machine.receive(.read(events(["tally.up"]), head: GlobalPosition(9)))
        guard case .stepDown(_, because: nil) = machine.receive(.applied(answer, .zero)) else { return fail() }
        guard case .lead = machine.receive(.rested) else { return fail() }
        #expect(machine.statistics.batches == 0)
    }

    @Test func `a transient fault is waited for without giving up the lease, longer each time up to the limit`() {
        var machine = machine()
        _ = machine.receive(.started)
        _ = machine.receive(.granted(LaneShare(lease)))
        var pauses: [Duration] = []
        for _ in 0..<12 {
            guard case .rest(let pause) = machine.receive(.failed(.unavailable(reason: "down"))) else { return fail() }
            pauses.append(pause)
            guard case .load = machine.receive(.rested) else { return fail() }
        }
        #expect(pauses[0] >= .milliseconds(50) && pauses[0] <= .milliseconds(100))
        #expect(pauses.allSatisfy { $0 <= .seconds(1) })
        #expect(pauses[11] >= .milliseconds(500))
    }

    @Test func `after an unknown outcome it asks the store where it is`() {
        var machine = reading(TimelineProjection())
        let batch = events(["tally.up"])
        _ = machine.receive(.read(batch, head: GlobalPosition(9)))
        guard case .rest = machine.receive(.failed(.unknownOutcome(reason: "lost"))) else { return fail() }
        guard case .load = machine.receive(.rested) else { return fail() }
        var stored = ConsumerProgress(of: key, incarnation: incarnation)
        stored.handle(batch[batch.startIndex])
        let start = ProjectorMachine.StartingPoint(progress: stored, head: head(9), eventID: stored.lastEventID)
        guard case .read(GlobalPosition(1), _) = machine.receive(.loaded(start)) else { return fail() }
    }

    @Test func `an event of a later program is approached, then said, then left to whoever can`() {
        var machine = reading()
        _ = machine.receive(.read(events(["tally.up", "tally.newer", "tally.up"]), head: GlobalPosition(9)))
        guard case .apply(let work) = machine.receive(.fetched([:])) else { return fail() }
        #expect(work.progress.position == GlobalPosition(1))
        #expect(work.readAhead == nil)
        guard case .fetch = machine.receive(.applied(.advanced, .zero)) else { return fail() }
        guard case .record(let progress) = machine.receive(.fetched([:])) else { return fail() }
        #expect(progress.progress.state == "stopped")
        #expect(progress.progress.position == GlobalPosition(1))
        #expect(progress.progress.lastError?.contains("position 2") == true)
        guard case .stepDown(let pause, .poison(let fault)?) = machine.receive(.recorded(.advanced)) else {
            return fail()
        }
        #expect(pause >= .milliseconds(500))
        #expect(fault.position == GlobalPosition(2))
        #expect(machine.statistics.state == .stopped)
        guard case .lead = machine.receive(.rested) else { return fail() }
    }

    @Test func `a reason that could not be recorded is kept and said again`() {
        var machine = reading()
        _ = machine.receive(.read(events(["tally.newer"]), head: GlobalPosition(9)))
        guard case .record = machine.receive(.fetched([:])) else { return fail() }
        guard case .stepDown(_, .poison?) = machine.receive(.failed(.unavailable(reason: "down"))) else {
            return fail()
        }
    }

    @Test(arguments: [
        StoreError.corrupt(at: GlobalPosition(3), reason: "a hole"), .failed(reason: "no permission"),
        .schemaMismatch(found: 1, needed: 2),
    ])
    func `a fault that does not go away by itself is said and left alone for longer`(_ error: StoreError) {
        var machine = reading()
        guard case .record(let progress) = machine.receive(.failed(error)) else { return fail() }
        #expect(progress.progress.lastError == error.description)
        guard case .stepDown(let pause, .store(error)?) = machine.receive(.recorded(.advanced)) else { return fail() }
        #expect(pause >= .milliseconds(500))
    }

    @Test func `a refused batch is halved until one event is left, whose key is parked`() {
        var machine = reading()
        var sizes: [Int] = []
        var action = machine.receive(.read(events([String](repeating: "tally.up", count: 8)), head: GlobalPosition(9)))
        while true {
            switch action {
            case .fetch: action = machine.receive(.fetched([:]))
            case .apply(let work):
                sizes.append(Int(work.progress.position.rawValue))
                guard let parked = work.parking.parked.first else {
                    action = machine.receive(.applied(.refused(reason: "too long"), .zero))
                    continue
                }
                #expect(sizes == [8, 4, 2, 1, 1])
                #expect(work.changes.isEmpty)
                #expect(parked.key == ParkingKey(row: RowKey([.text("tally-1"), .text("default")])))
                #expect(parked.failure.cause.contains("event at position 1 (tally.up): too long"))
                // A store that cannot even take that is at fault itself.
                guard case .record(let stopped) = machine.receive(.applied(.refused(reason: "no"), .zero)) else {
                    return fail()
                }
                #expect(stopped.progress.position == .start && stopped.progress.state == "stopped")
                return
            default: return fail()
            }
        }
    }

    @Test func `a view of another history is not touched`() {
        var stored = ConsumerProgress(of: key, incarnation: incarnation)
        for event in events(["tally.up", "tally.up"]) { stored.handle(event) }
        let id = stored.lastEventID
        var foreign = stored
        foreign.incarnation = UUID()
        let cases: [(ConsumerProgress, Int64, UUID?, HistoryFault)] = [
            (stored, 1, nil, .aheadOfLog(position: GlobalPosition(2), head: GlobalPosition(1))),
            (
                stored, 5, SequentialIDs.id(7),
                .otherEvent(position: GlobalPosition(2), remembered: id, found: SequentialIDs.id(7))
            ),
            (stored, 5, nil, .otherEvent(position: GlobalPosition(2), remembered: id, found: nil)),
            (
                foreign, 5, id,
                .otherIncarnation(position: GlobalPosition(2), remembered: foreign.incarnation, found: incarnation)
            ),
        ]
        for (progress, end, found, expected) in cases {
            var machine = machine()
            _ = machine.receive(.started)
            _ = machine.receive(.granted(LaneShare(lease)))
            let start = ProjectorMachine.StartingPoint(progress: progress, head: head(end), eventID: found)
            guard case .record(let said) = machine.receive(.loaded(start)) else { return fail() }
            #expect(said.progress.position == GlobalPosition(2))
            #expect(said.progress.lastError?.contains("lockstep projections rebuild tally") == true)
            #expect(machine.statistics.fault == .history(expected, projection: "tally"))
        }
    }

    @Test func `a view that has seen nothing fits any log`() {
        var machine = machine()
        _ = machine.receive(.started)
        _ = machine.receive(.granted(LaneShare(lease)))
        let stored = ConsumerProgress(of: key, incarnation: UUID())
        guard case .read = machine.receive(.loaded(.init(progress: stored, head: head(3), eventID: nil))) else {
            return fail()
        }
        guard case .apply(let work) = machine.receive(.read(events(["other.thing"]), head: GlobalPosition(3))) else {
            return fail()
        }
        #expect(work.progress.incarnation == incarnation)
    }

    @Test func `at the end of the log it says that it is live, once`() {
        var machine = machine()
        _ = machine.receive(.started)
        _ = machine.receive(.granted(LaneShare(lease)))
        let start = ProjectorMachine.StartingPoint(progress: nil, head: head(0), eventID: nil)
        guard case .record(let progress) = machine.receive(.loaded(start)) else { return fail() }
        #expect(progress.progress.state == "live")
        guard case .read = machine.receive(.recorded(.advanced)) else { return fail() }
        guard case .read = machine.receive(.loaded(.init(progress: progress.progress, head: head(0), eventID: nil)))
        else {
            return fail()
        }
        #expect(machine.statistics.isCaughtUp)
    }

    @Test func `after a shutdown nothing is begun`() {
        var machine = reading()
        guard case .finish = machine.receive(.shutdown) else { return fail() }
        guard case .finish = machine.receive(.read(events(["tally.up"]), head: GlobalPosition(9))) else {
            return fail()
        }
        guard case .finish = machine.receive(.rested) else { return fail() }
    }

    private func fail(sourceLocation: SourceLocation = #_sourceLocation) {
        Issue.record("another action was expected", sourceLocation: sourceLocation)
    }
}
