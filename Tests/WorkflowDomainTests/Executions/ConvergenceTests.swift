import EventModel
import Testing
import WorkflowDomain

@Suite("Reports about one execution") struct ConvergenceTests {
    private let pin = MappingPin(mapping: "w1", version: 2)

    /// What the reports lead to, with all checks that hold for every history on the way.
    private func take(_ reports: [ExecutionReport], seed: UInt64) throws -> (ExecutionState, [ExecutionEvent]) {
        var state = ExecutionState()
        var events: [ExecutionEvent] = []
        for outcome in ExecutionDecider.decide(reports, pin: pin, on: &state) { events += try outcome.get() }
        #expect(ExecutionDecider.fold(ExecutionDecider.initialState, events) == state, "seed \(seed)")
        #expect(events.last?.standing == state.standing, "seed \(seed)")
        return (state, events)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `lead to the same state in every order and however often they come`(_ seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed &+ 7_000)
        let reports = RandomRun(seed: seed).reports
        let (state, _) = try take(reports, seed: seed)
        for _ in 0..<8 {
            let again = (reports + reports.prefix(Int.random(in: 0...reports.count, using: &numbers)))
                .shuffled(using: &numbers)
            #expect(try take(again, seed: seed).0 == state, "seed \(seed)")
        }
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `add nothing when they come again`(_ seed: UInt64) throws {
        let reports = RandomRun(seed: seed).reports
        var state = try take(reports, seed: seed).0
        let before = state
        for outcome in ExecutionDecider.decide(reports, pin: pin, on: &state) { #expect(try outcome.get() == []) }
        #expect(state == before)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `are read back from their events as they were`(_ seed: UInt64) throws {
        let (state, events) = try take(RandomRun(seed: seed).reports, seed: seed)
        var copy = ExecutionState()
        for event in events {
            let read = try ExecutionEvent(
                decoding: event.encoded(), type: event.type, schemaVersion: event.schemaVersion)
            #expect(read == event)
            copy.receive(read)
        }
        #expect(copy == state)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `are counted in every event as the state counts them`(_ seed: UInt64) throws {
        let (_, events) = try take(RandomRun(seed: seed, count: 40).reports, seed: seed)
        var state = ExecutionState()
        var running: Set<String> = []
        for event in events {
            state.receive(event)
            #expect(event.standing == state.standing)
            let own = state.visits.filter(\.key.isOwn)
            func count(_ status: VisitStatus) -> Int { own.values.count { $0.status == status } }
            let contradictions = own.values.count { $0.isContradictory } + (state.endings.count > 1 ? 1 : 0)
            #expect(
                [
                    event.standing.tally.running, event.standing.tally.completed, event.standing.tally.failed,
                    event.standing.tally.skipped, event.standing.tally.contradictions,
                ] == [count(.started), count(.completed), count(.failed), count(.skipped), contradictions])
            if let change = event.change, let visit = event.visit, visit.isOwn {
                #expect((change.before == .started) == running.contains(visit.description))
                running.remove(visit.description)
                if change.after == .started { running.insert(visit.description) }
            }
            #expect(running == Set(state.current.map(\.description)))
        }
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `pin the mapping once, in the first start`(_ seed: UInt64) throws {
        let (state, events) = try take(RandomRun(seed: seed).reports, seed: seed)
        let starts = events.filter { if case .started = $0.report.fact { true } else { false } }
        #expect(starts.first?.pin == pin && starts.dropFirst().allSatisfy { $0.pin == nil && !$0.isImplied })
        #expect(state.pin == pin)
        let first = try #require(events.firstIndex { $0.report.fact != .noted(.queued) })
        #expect(events[first] == starts.first)
    }
}

extension ExecutionEvent {
    /// The visit that the event is about.
    var visit: BlockVisit? {
        switch report.fact {
        case .blockStarted(let block), .blockCompleted(let block), .blockFailed(let block, _), .blockSkipped(let block),
            .childWorkflowStarted(let block):
            block.visit
        case .started, .waitStarted, .resumed, .paused, .completed, .failed, .cancelled, .noted: nil
        }
    }
}
