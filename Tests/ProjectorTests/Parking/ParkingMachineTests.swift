import EventModel
import EventSourcing
import EventSourcingTesting
import ReadModels
import Testing

@testable import Projector

/// The decisions alone, for what only an order of steps can show.
@Suite struct `Parking by the machine` {
    private let lease = Lease(name: "projector/tally/v1", holder: "one", token: 1)
    private let incarnation = SequentialIDs.id(99)
    private let key = ParkingKey(row: RowKey([.text("tally-1"), .text("default")]))

    private func events(_ types: [String], streams: [String] = ["tally-1"]) -> EventBatch {
        var log = InMemoryLog()
        for (index, type) in types.enumerated() {
            let stream = StreamName(trusting: streams[index % streams.count])
            let request = AppendRequest([EventDraft.draft(type)], to: stream, expecting: .any)
            guard let append = try? CheckedAppend(request) else { continue }
            _ = try? log.append(append, at: Timestamp(microseconds: 0))
        }
        return log.read(EventQuery(limit: 1_000)).events
    }

    /// A machine under the lease, at the end of a log of 9 events, with keys parked.
    private func live(_ keys: [ParkingKey], limit: Int = 100) -> (ProjectorMachine, ProjectorMachine.Action) {
        var machine = ProjectorMachine(
            TallyProjection(), limits: ProjectorLimits(smallestBatch: 4, largestBatch: 16, parkedKeys: limit),
            random: SeededRandom(seed: 1))
        _ = machine.receive(.started)
        _ = machine.receive(.granted(LaneShare(lease)))
        var parked = ParkedKeys()
        for key in keys { parked.insert(key, in: ParkingKey(text: "sync:1")) }
        var progress = ConsumerProgress(of: ConsumerProgress.Key(of: TallyProjection()), incarnation: incarnation)
        progress.position = GlobalPosition(9)
        progress.lastEventID = SequentialIDs.id(9)
        progress.state = "live"
        let head = LogHead(
            position: GlobalPosition(9), incarnation: incarnation, systemIdentifier: "s", timeline: 1, recordedAt: nil)
        let action = machine.receive(
            .loaded(.init(progress: progress, head: head, eventID: progress.lastEventID, parked: parked)))
        return (machine, action)
    }

    private func parked(_ key: ParkingKey, at position: Int64 = 1) -> ParkedKey {
        let moment = Timestamp(microseconds: 0)
        let failure = ParkingFailure(
            position: GlobalPosition(position), type: EventType(trusting: "tally.broken"), eventID: SequentialIDs.id(1),
            cause: "why")
        return ParkedKey(
            key: key, scope: ParkingKey(text: "sync:1"), failure: failure, first: failure.position, queued: 3,
            parkedAt: moment, tries: 1, triedAt: moment, request: RetryRequest(actor: nil, at: moment))
    }

    @Test func `nobody looks for requests while nothing is parked`() {
        guard case .read(GlobalPosition(9), 4) = live([]).1 else { return fail() }
    }

    @Test func `while something is parked it looks before it waits, and waits no longer than it may`() {
        var (machine, action) = live([key])
        guard case .lookForRequest = action else { return fail() }
        guard case .poll(GlobalPosition(9), 4, let patience) = machine.receive(.requested(nil)) else { return fail() }
        #expect(patience == ProjectorLimits().requestPause)
        action = machine.receive(.read(.empty, head: GlobalPosition(9)))
        guard case .lookForRequest = action else { return fail() }
        #expect(machine.statistics.parkedKeys == 1)
    }

    @Test
    func `a part of a queue is one transaction that leaves the checkpoint where it is, then the log has its turn`() {
        var (machine, _) = live([key])
        guard case .loadQueue(let asked, 4) = machine.receive(.requested(parked(key))) else { return fail() }
        #expect(asked.parked.key == key)
        let queue = Array(events(["tally.up", "tally.up", "tally.up"]))
        guard case .fetch(let rows) = machine.receive(.queued(.init(queue, hasMore: true), .none)) else {
            return fail()
        }
        #expect(rows == [RowKey([.text("tally-1"), .text("default")])])
        guard case .apply(let work) = machine.receive(.fetched([:])) else { return fail() }
        #expect(work.from == GlobalPosition(9) && work.progress.position == GlobalPosition(9))
        #expect(work.changes.upserts.map { $0.values[2] } == [.int(3)])
        let settlement = ParkingChanges.Settlement(key, from: GlobalPosition(1), through: GlobalPosition(3))
        #expect(work.parking == ParkingChanges(settlement) && work.readAhead == nil)
        guard case .poll(GlobalPosition(9), _, .zero) = machine.receive(.applied(.advanced, .zero)) else {
            return fail()
        }
        // An event of the key that arrives between two parts waits behind them.
        let tenth = events([String](repeating: "tally.up", count: 10)).dropFirst(9)
        guard case .fetch = machine.receive(.read(tenth, head: GlobalPosition(10))) else { return fail() }
        guard case .apply(let live) = machine.receive(.fetched([:])) else { return fail() }
        #expect(live.changes.isEmpty && live.parking.queued.map(\.key) == [key])
        guard case .lookForRequest = machine.receive(.applied(.advanced, .zero)) else { return fail() }
    }

    @Test(arguments: [ApplyAnswer.fenced(current: 2), .moved(actual: GlobalPosition(2))])
    func `a retry that somebody else has overtaken starts again by asking for the lease`(_ answer: ApplyAnswer) {
        var (machine, _) = live([key])
        _ = machine.receive(.requested(parked(key)))
        _ = machine.receive(.queued(.init(Array(events(["tally.up"])), hasMore: false), .none))
        _ = machine.receive(.fetched([:]))
        guard case .stepDown(_, because: nil) = machine.receive(.applied(answer, .zero)) else { return fail() }
    }

    @Test
    func `a queue that does not begin where the key says, or is empty, or of a key that is not known, is read anew`() {
        for (asked, found) in [(parked(key), [2]), (parked(key), []), (parked(ParkingKey(text: "other")), [1])] {
            var (machine, _) = live([key])
            var action = machine.receive(.requested(asked))
            if case .loadQueue = action {
                let all = events(["tally.up", "tally.up"])
                let queue = all.filter { found.contains(Int($0.position.rawValue)) }
                action = machine.receive(.queued(.init(queue, hasMore: false), .none))
            }
            guard case .stepDown(_, because: nil) = action else { return fail() }
        }
    }

    @Test func `at the limit one request follows the other, because the next event could stop the projection`() {
        let other = ParkingKey(text: "[\"other\"]")
        var (machine, _) = live([key, other], limit: 1)
        _ = machine.receive(.requested(parked(key)))
        _ = machine.receive(.queued(.init(Array(events(["tally.up"])), hasMore: false), .none))
        _ = machine.receive(.fetched([:]))
        guard case .lookForRequest = machine.receive(.applied(.advanced, .zero)) else { return fail() }
        #expect(machine.statistics.parkedKeys == 1)
    }

    @Test func `a store that cannot even say why a retry was refused is at fault itself`() {
        var (machine, _) = live([key])
        _ = machine.receive(.requested(parked(key)))
        _ = machine.receive(.queued(.init(Array(events(["tally.up", "tally.up"])), hasMore: false), .none))
        _ = machine.receive(.fetched([:]))
        // Two events, then one, then the reason alone.
        guard case .fetch = machine.receive(.applied(.refused(reason: "no"), .zero)) else { return fail() }
        guard case .apply = machine.receive(.fetched([:])) else { return fail() }
        guard case .apply(let said) = machine.receive(.applied(.refused(reason: "no"), .zero)) else { return fail() }
        #expect(said.changes.isEmpty && said.parking.settlement?.failure?.cause.contains("no; install") == true)
        guard case .record(let stopped) = machine.receive(.applied(.refused(reason: "no"), .zero)) else {
            return fail()
        }
        #expect(stopped.progress.state == "stopped")
    }

    private func fail(sourceLocation: SourceLocation = #_sourceLocation) {
        Issue.record("another action was expected", sourceLocation: sourceLocation)
    }
}
