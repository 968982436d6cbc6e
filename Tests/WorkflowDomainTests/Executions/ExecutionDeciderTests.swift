import EventModel
import Testing
import WorkflowDomain

@Suite("The execution decider") struct ExecutionDeciderTests {
    private let execution = RandomRun.execution
    private let b1 = BlockFact(BlockVisit("b1", order: 1))

    private func report(
        _ fact: ExecutionFact, at: Int? = nil, output: JSONValue? = nil, error: JSONValue? = nil,
        workflow: String? = nil,
        word: String = "w"
    ) -> ExecutionReport {
        ExecutionReport(
            fact, of: execution, workflow: workflow.flatMap { WorkflowID($0) }, at: at.map(RandomRun.moment),
            contents: ReportContents(output: output, error: error),
            original: OriginalWord(source: "neutral", word: word))
    }

    private func state(_ reports: ExecutionReport...) throws -> ExecutionState {
        var state = ExecutionState()
        for outcome in ExecutionDecider.decide(reports, on: &state) { _ = try outcome.get() }
        return state
    }

    private func status(_ reports: ExecutionReport...) throws -> ExecutionStatus? {
        var state = ExecutionState()
        for outcome in ExecutionDecider.decide(reports, on: &state) { _ = try outcome.get() }
        return state.standing?.status
    }

    @Test func `nothing is known of an execution that nobody reported`() {
        #expect(ExecutionState().standing == nil)
    }

    @Test func `every status is reached`() throws {
        #expect(try status(report(.noted(.queued), at: 1)) == .queued)
        #expect(try status(report(.started(ExecutionStart()), at: 1)) == .running)
        #expect(try status(report(.waitStarted(WaitFact()), at: 1)) == .waiting)
        #expect(try status(report(.paused, at: 1)) == .paused)
        #expect(try status(report(.completed, at: 1)) == .completed)
        #expect(try status(report(.failed(code: nil), at: 1)) == .failed)
        #expect(try status(report(.cancelled, at: 1)) == .cancelled)
    }

    @Test func `a block that is reported first implies the start, which pins the mapping`() throws {
        let pin = MappingPin(mapping: "m", version: 4)
        let events = try ExecutionDecider.decide(.report(report(.blockStarted(b1), at: 2), pin: pin), ExecutionState())
        #expect(events.map(\.type.rawValue) == ["workflow_execution.started", "workflow_execution.block_started"])
        #expect(events.map(\.pin) == [pin, nil] && events.map(\.isImplied) == [true, false])
        let state = ExecutionDecider.fold(ExecutionDecider.initialState, events)
        #expect(state.pin == pin && state.hasStarted && state.standing?.startedAt == nil)
        let start = report(.started(ExecutionStart(trigger: "api")), at: 1)
        let more = try ExecutionDecider.decide(.report(start, pin: MappingPin(mapping: "m", version: 5)), state)
        #expect(more.count == 1 && more.first?.pin == nil && more.first?.isImplied == false)
        #expect(more.first?.standing.startedAt == RandomRun.moment(1))
    }

    @Test func `an execution in the queue has not begun`() throws {
        let pin = MappingPin(mapping: "m", version: 4)
        let events = try ExecutionDecider.decide(.report(report(.noted(.queued)), pin: pin), ExecutionState())
        #expect(events.map(\.type.rawValue) == ["workflow_execution.noted"] && events.first?.pin == nil)
    }

    @Test func `an end outlasts whatever is said later`() throws {
        #expect(
            try status(
                report(.completed, at: 3), report(.noted(.running), at: 9), report(.waitStarted(WaitFact()), at: 10),
                report(.blockStarted(b1), at: 11)) == .completed)
        let visit = try state(report(.blockCompleted(b1), at: 3), report(.blockStarted(b1), at: 9)).visits.values.first
        #expect(visit?.status == .completed)
    }

    @Test func `of two ends the later counts, and the contradiction shows`() throws {
        let timedOut = report(.failed(code: "TIMEOUT"), at: 3)
        let both = try state(timedOut, report(.completed, at: 5))
        #expect(both.standing?.status == .completed && both.standing?.code == nil)
        #expect(both.standing?.tally.contradictions == 1 && Set(both.endings.keys) == [.failed, .completed])
        #expect(try status(report(.completed, at: 3), timedOut) == .failed)
        #expect(try status(report(.cancelled, at: 3), report(.completed, at: 3)) == .cancelled)
    }

    @Test func `of two ends of a visit the later counts, and the contradiction shows`() throws {
        let later = try state(report(.blockFailed(b1, handled: false), at: 3), report(.blockCompleted(b1), at: 4))
        #expect(later.visits.values.first?.status == .completed && later.standing?.tally.contradictions == 1)
        let same = try state(report(.blockCompleted(b1), at: 4), report(.blockFailed(b1, handled: true), at: 4))
        #expect(same.visits.values.first?.status == .failed && same.visits.values.first?.isContradictory == true)
        #expect(try state(report(.blockCompleted(b1), at: 4)).standing?.tally.contradictions == 0)
    }

    @Test func `a later attempt counts, and is no contradiction`() throws {
        let second = BlockFact(BlockVisit("b1", order: 1), attempt: 2)
        let state = try state(
            report(.blockCompleted(second), at: 9), report(.blockFailed(b1, handled: false), at: 3),
            report(.blockStarted(b1), at: 1))
        #expect(state.visits.values.first?.status == .completed && state.standing?.tally.contradictions == 0)
        #expect(
            try self.state(report(.blockFailed(b1, handled: false), at: 3), report(.blockStarted(second), at: 4))
                .visits.values.first?.status == .started)
    }

    @Test func `one block in two iterations is two visits`() throws {
        let visits = (0...1).map { BlockFact(BlockVisit("b1", in: [.loop("l", index: $0)])) }
        let state = try state(report(.blockCompleted(visits[0]), at: 1), report(.blockStarted(visits[1]), at: 2))
        #expect(state.standing?.tally.completed == 1 && state.standing?.tally.running == 1)
        #expect(state.current == [visits[1].visit] && visits[1].visit.description == "b1@l[1]")
    }

    @Test func `a wait is over when it is resumed, or when a block begins later`() throws {
        let wait = report(
            .waitStarted(WaitFact(kind: .time, context: "c", resumeAt: RandomRun.moment(9), blockedOn: "b1")), at: 3)
        #expect(
            try state(wait).standing?.wait
                == OpenWait(kind: .time, context: "c", resumeAt: RandomRun.moment(9), blockedOn: "b1"))
        #expect(try status(wait, report(.resumed(context: "c"), at: 4)) == .running)
        #expect(try status(report(.resumed(context: "c"), at: 4), wait) == .running)
        #expect(try status(wait, report(.blockStarted(b1), at: 4)) == .running)
        #expect(try status(wait, report(.blockStarted(b1), at: 2)) == .waiting)
        #expect(
            try status(wait, report(.resumed(context: "c"), at: 4), report(.waitStarted(WaitFact(context: "d")), at: 5))
                == .waiting)
        #expect(try status(wait, report(.paused, at: 4)) == .paused)
    }

    @Test func `waits that follow each other keep what was asked and answered`() throws {
        var reports: [ExecutionReport] = []
        for round in 0..<20 {
            let word = OriginalWord(source: "neutral", word: "w")
            let question = ReportContents(output: .string("question \(round)"))
            let answer = ReportContents(input: .string("answer \(round)"))
            let (asked, answered) = (RandomRun.moment(2 * round), RandomRun.moment(2 * round + 1))
            reports.append(
                ExecutionReport(.waitStarted(WaitFact()), of: execution, at: asked, contents: question, original: word))
            reports.append(
                ExecutionReport(.resumed(context: nil), of: execution, at: answered, contents: answer, original: word))
        }
        var state = ExecutionState()
        for outcome in ExecutionDecider.decide(reports.reversed(), on: &state) { _ = try outcome.get() }
        #expect(state.waits[.unnamed(RandomRun.moment(6))]?.output.preferred == "question 3")
        #expect(state.waits[.unnamed(RandomRun.moment(39))]?.input.preferred == "answer 19")
        #expect(state.standing?.status == .running && state.standing?.wait == nil)
    }

    @Test func `of a wait that two report the one with a name is shown, and none that is over`() throws {
        let named = WaitFact(kind: .human, context: "c", blockedOn: "b2")
        let shown = OpenWait(kind: .human, context: "c", blockedOn: "b2")
        let both = [report(.waitStarted(named), at: 3), report(.waitStarted(WaitFact()), at: 4)]
        #expect(try state(both[0], both[1]).standing?.wait == shown)
        let again = report(.waitStarted(WaitFact(kind: .time)), at: 7)
        let later = try state(both[0], both[1], report(.blockStarted(b1), at: 5), again)
        #expect(later.standing?.wait == OpenWait(kind: .time))
    }

    @Test func `a late word about an earlier wait does not bring it back`() throws {
        #expect(
            try status(report(.noted(.running), at: 5), report(.waitStarted(WaitFact(kind: .human)), at: 3)) == .running
        )
    }

    @Test func `of different outputs all are kept, and the fullest is preferred`() throws {
        let state = try state(
            report(.completed, at: 1, output: ["a": 1, "b": "long"]), report(.completed, at: 1, output: ["a": 1]),
            report(.completed, at: 1), report(.completed, at: 1, output: ["b": "long", "a": 1]))
        #expect(state.output == .known([["a": 1] as JSONValue, ["a": 1, "b": "long"]].map { $0.canonicalBytes() }))
        #expect(state.output.preferred == ["a": 1, "b": "long"])
    }

    @Test func `a report about another execution or workflow is refused`() throws {
        let known = try state(report(.completed, at: 1, workflow: "w1"))
        #expect(throws: ExecutionRejection.otherWorkflow(known: try id("w1"), reported: try id("w2"))) {
            try ExecutionDecider.decide(.report(report(.completed, at: 1, workflow: "w2"), pin: nil), known)
        }
        let other = try #require(ExecutionID("e2"))
        let foreign = ExecutionReport(.completed, of: other, original: OriginalWord(source: "neutral", word: "w"))
        #expect(throws: ExecutionRejection.otherExecution(known: execution, reported: other)) {
            try ExecutionDecider.decide(.report(foreign, pin: nil), known)
        }
    }

    private func id(_ text: String) throws -> WorkflowID { try #require(WorkflowID(text)) }

    @Test func `limits are refused by name, and refused reports do not hold up others`() throws {
        let large = JSONValue.string(String(repeating: "x", count: ExecutionLimits.contentBytes))
        let bytes = large.compactBytes().count
        var state = ExecutionState()
        let outcomes = ExecutionDecider.decide(
            [report(.completed, at: 1, output: large), report(.completed, at: 2)], on: &state)
        #expect(outcomes[0] == .failure(.contentTooLarge(bytes: bytes, limit: ExecutionLimits.contentBytes)))
        #expect(try outcomes[1].get().count == 2 && state.standing?.status == .completed)
        func refusal(_ reports: [ExecutionReport]) -> ExecutionRejection? {
            var state = ExecutionState()
            for case .failure(let rejection) in ExecutionDecider.decide(reports, on: &state) { return rejection }
            return nil
        }
        let versions = (0...ExecutionLimits.versions).map { report(.completed, at: 1, output: .number(JSONNumber($0))) }
        #expect(refusal(versions) == .tooManyVersions(limit: ExecutionLimits.versions))
        #expect(refusal(versions.dropLast()) == nil)
        let attempts = (0...ExecutionLimits.attempts).map {
            report(.blockStarted(BlockFact(BlockVisit("b"), attempt: $0 + 1)))
        }
        #expect(refusal(attempts) == .tooManyAttempts(limit: ExecutionLimits.attempts))
        let waits = (0...ExecutionLimits.waits).map { report(.waitStarted(WaitFact(context: "c\($0)")), at: 1) }
        #expect(refusal(waits) == .tooManyWaits(limit: ExecutionLimits.waits))
        let runs = (0...ExecutionLimits.instances).map {
            report(.childWorkflowStarted(BlockFact(BlockVisit("b"), instance: "i\($0)")))
        }
        #expect(refusal(runs) == .tooManyInstances(limit: ExecutionLimits.instances))
    }

    @Test func `a refused report leaves the state as it was`() throws {
        var state = try state(report(.completed, at: 1, workflow: "w1"))
        let before = state
        _ = ExecutionDecider.decide([report(.failed(code: "X"), at: 9, workflow: "w2")], on: &state)
        #expect(state == before)
    }
}
