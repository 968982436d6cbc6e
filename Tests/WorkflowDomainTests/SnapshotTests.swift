import EventModel
import Testing
import WorkflowDomain

@Suite("Snapshots of workflows and executions") struct SnapshotTests {
    /// What a snapshot of `state` is taken up as, from its bytes.
    private func again<State: Snapshotable>(_ state: State) throws -> State {
        let bytes = state.snapshot.compactBytes()
        let taken = try State(snapshot: PayloadReader(JSONValue(bytes)))
        #expect(taken.snapshot.compactBytes() == bytes)
        return taken
    }

    /// Whether every cut of a history leads to the same state.
    private func check<D: Decider>(
        _ events: [D.Event], by decider: D.Type, _ comment: Comment
    ) throws where D.State: Snapshotable {
        let whole = D.fold(D.initialState, events)
        var state = D.initialState
        #expect(try again(state) == state, comment)
        for (index, event) in events.enumerated() {
            D.evolve(&state, by: event)
            let taken = try again(state)
            #expect(taken == state, comment)
            #expect(D.fold(taken, events[(index + 1)...]) == whole, comment)
        }
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `an execution goes on from any of its events as if all had been folded`(_ seed: UInt64) throws {
        var state = ExecutionState()
        var events: [ExecutionEvent] = []
        let reports = RandomRun(seed: seed, count: 30).reports
        for outcome in ExecutionDecider.decide(reports, pin: MappingPin(mapping: "w1", version: 2), on: &state) {
            events += try outcome.get()
        }
        try check(events, by: ExecutionDecider.self, "seed \(seed)")
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `and one whose blocks run child workflows`(_ seed: UInt64) throws {
        let run = RandomChildRun(seed: seed)
        var state = ExecutionState()
        var events: [ExecutionEvent] = []
        for outcome in ExecutionDecider.decide(try run.live() + run.log(), on: &state) { events += try outcome.get() }
        try check(events, by: ExecutionDecider.self, "seed \(seed)")
        #expect(try again(state).visits == state.visits)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a workflow goes on from any of its events as if all had been folded`(_ seed: UInt64) throws {
        var history = WorkflowHistory()
        try history.apply(RandomWorkflow(seed: seed).reading().command)
        var edits = RandomEdits(seed: seed)
        for step in 0..<24 {
            _ = try? history.edit(edits.next(over: history.definition))
            if step == 6 { try history.apply(.publish(label: "v1")) }
            if step == 12 { try history.apply(RandomWorkflow(seed: seed + 1_000).reading().command) }
            if step == 18 { try history.apply(.unpublish) }
        }
        try history.apply(.archive)
        try check(history.events, by: WorkflowDecider.self, "seed \(seed)")
    }

    @Test func `what is hidden stays hidden, and what was told in several forms stays so`() throws {
        let block = BlockFact(BlockVisit("a", order: 1))
        let sealed = SealedValue(subject: "execution:e1", key: "1", ciphertext: "AAAA").value
        var state = ExecutionState()
        for (fact, output) in [
            (ExecutionFact.blockCompleted(block), "a" as JSONValue),
            (.blockCompleted(block), ["a": "\u{1F600}\n\u{7}"]),
            (.completed, sealed),
        ] {
            let report = ExecutionReport(
                fact, of: RandomRun.execution, contents: ReportContents(output: output),
                original: OriginalWord(source: "neutral", word: "w"))
            _ = try ExecutionDecider.decide(.report(report, pin: nil), on: &state)
        }
        #expect(state.output == .hidden)
        #expect(state.visits.values.first?.latest?.output.preferred == ["a": "\u{1F600}\n\u{7}"])
        #expect(try again(state) == state)
    }

    @Test(arguments: ["null", "[]", "{}", "\"x\"", "{\"head\":{}}", "{\"definition\":{},\"digest\":\"00\"}"])
    func `what was not written by them is refused`(_ text: String) throws {
        let reader = PayloadReader(try JSONValue(text: text))
        #expect(throws: EventFlaw.self) { _ = try ExecutionState(snapshot: reader) }
        if text != "null" { #expect(throws: EventFlaw.self) { _ = try WorkflowDecider.State(snapshot: reader) } }
    }
}
