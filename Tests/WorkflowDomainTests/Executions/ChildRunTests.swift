import EventModel
import Testing
import WorkflowDomain

@Suite("A child workflow's run, told by live events and by the log") struct ChildRunTests {
    private func state(_ reports: [ExecutionReport]) throws -> ExecutionState {
        var state = ExecutionState()
        for outcome in ExecutionDecider.decide(reports, on: &state) { _ = try outcome.get() }
        return state
    }

    private func names(_ state: ExecutionState) -> Set<String> { Set(state.visits.keys.map(\.description)) }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `is one run, in whatever order both come and however often`(_ seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed &+ 900)
        let run = RandomChildRun(seed: seed)
        let (live, log) = (try run.live(), try run.log())
        let whole = try state(live + log)
        #expect(names(whole) == run.visits)
        #expect(whole.visits.values.allSatisfy { $0.status == .completed && $0.latest?.endedAt != nil })
        #expect(try names(state(log)) == run.visits)
        #expect(try names(state(live)) == run.visits)
        for _ in 0..<6 {
            let again = (live + log + live.prefix(Int.random(in: 0...live.count, using: &numbers)))
                .shuffled(using: &numbers)
            let shuffled = try state(again)
            #expect(shuffled == whole && shuffled.visits == whole.visits, "seed \(seed)")
        }
    }

    @Test func `is called as it is told until somebody says which block began it`() throws {
        let run = ExecutionID("e1").unsafelyPresent
        func report(_ fact: ExecutionFact) -> ExecutionReport {
            ExecutionReport(fact, of: run, original: OriginalWord(source: "neutral", word: "x"))
        }
        let child = report(.blockCompleted(BlockFact(BlockVisit("in", in: [.child("r-1")], order: 2))))
        let began = report(.childWorkflowStarted(BlockFact(BlockVisit("pay", order: 1), instance: "r-1")))
        #expect(try names(state([child])) == ["in@child(r-1)#2"])
        #expect(try names(state([child, began])) == ["pay#1", "in@child(pay#1)#2"])
        // The same word without the running number says less, and changes nothing; another block that claims the run makes it nobody's.
        let vague = report(.childWorkflowStarted(BlockFact(BlockVisit("pay"), instance: "r-1")))
        #expect(try names(state([vague, child, began])).contains("in@child(pay#1)#2"))
        let rival = report(.childWorkflowStarted(BlockFact(BlockVisit("other", order: 4), instance: "r-1")))
        #expect(try names(state([rival, child, began])).contains("in@child(r-1)#2"))
    }

    @Test func `that is said to have begun itself is called as it is told`() throws {
        let run = ExecutionID("e1").unsafelyPresent
        let own = ExecutionReport(
            .childWorkflowStarted(BlockFact(BlockVisit("in", in: [.child("r")], order: 2), instance: "r")), of: run,
            original: OriginalWord(source: "neutral", word: "x"))
        #expect(try state([own]).visits.count == 1)
    }
}

/// An execution whose blocks run child workflows, some of them in loops and some inside each other, as Sim tells of it: once live, and
/// once more in its log.
struct RandomChildRun {
    private struct Step {
        let block: String
        let order: Int
        let loop: (id: String, index: Int)?
        /// The engine's name of the run that it begins, and what is in it.
        let run: String?
        let inside: [Step]
    }

    private var numbers: SeededNumbers
    private var order = 0
    private var steps: [Step] = []

    init(seed: UInt64) {
        numbers = SeededNumbers(seed: seed)
        steps = made(depth: 3)
    }

    private mutating func made(depth: Int) -> [Step] {
        (0..<Int.random(in: 1...3, using: &numbers)).map { place in
            order += 1
            let mine = order
            let loop =
                Int.random(in: 0..<3, using: &numbers) == 0
                ? ("l\(place)", Int.random(in: 0..<2, using: &numbers)) : nil
            let isChild = depth > 1 && (place == 0 || Bool.random(using: &numbers))
            return Step(
                block: "b\(place)", order: mine, loop: loop, run: isChild ? "run-\(mine)" : nil,
                inside: isChild ? made(depth: depth - 1) : [])
        }
    }

    /// What the visits are called.
    var visits: Set<String> {
        func names(_ steps: [Step], in frames: [IterationFrame]) -> [String] {
            steps.flatMap { step -> [String] in
                let own = frames + (step.loop.map { [.loop(ElementID($0.id), index: $0.index)] } ?? [])
                let child = IterationFrame.child("\(step.block)#\(step.order)")
                return ["\(BlockVisit(ElementID(step.block), in: own, order: step.order))"]
                    + names(step.inside, in: own + [child])
            }
        }
        return Set(names(steps, in: []))
    }

    /// The events as they come over the wire.
    func live() throws -> [ExecutionReport] { try events(steps, inside: nil).flatMap { try ExecutionReports.read($0) } }

    private func events(_ steps: [Step], inside run: String?) -> [JSONValue] {
        steps.flatMap { step -> [JSONValue] in
            var events = [event("block:started", step, inside: run, [:])]
            if let began = step.run {
                events.append(
                    event("block:childWorkflowStarted", step, inside: run, ["childWorkflowInstanceId": .string(began)]))
            }
            events += self.events(step.inside, inside: step.run)
            let end: JSONObject = [
                "output": output(step), "startedAt": time(step.order), "endedAt": time(step.order + 100),
            ]
            return events + [event("block:completed", step, inside: run, end)]
        }
    }

    private func event(_ type: String, _ step: Step, inside run: String?, _ more: JSONObject) -> JSONValue {
        var data: JSONObject = [
            "blockId": .string(step.block), "blockName": .string(step.block), "blockType": blockType(step),
            "executionOrder": .number(JSONNumber(step.order)),
        ]
        data["childWorkflowBlockId"] = run.map(JSONValue.string)
        if let loop = step.loop {
            data["iterationContainerId"] = .string(loop.id)
            data["iterationType"] = "loop"
            data["iterationCurrent"] = .number(JSONNumber(loop.index))
        }
        for member in more.members { data[member.key] = member.value }
        return [
            "type": .string(type), "timestamp": time(step.order), "executionId": "e1", "workflowId": "w1",
            "data": .object(data),
        ]
    }

    /// The log, when all is over.
    func log() throws -> [ExecutionReport] {
        try ExecutionReports.read([
            "runId": "e1", "workflowId": "w1", "status": "completed", "startedAt": time(0), "endedAt": time(200),
            "traceSpans": .array(spans(steps)),
        ])
    }

    private func spans(_ steps: [Step]) -> [JSONValue] {
        steps.map { step in
            var span: JSONObject = [
                "id": .string("span-\(step.order)"), "blockId": .string(step.block), "name": .string(step.block),
                "type": blockType(step), "status": "success", "executionOrder": .number(JSONNumber(step.order)),
                "startTime": time(step.order), "endTime": time(step.order + 100), "output": output(step),
            ]
            if let loop = step.loop {
                span["loopId"] = .string(loop.id)
                span["iterationIndex"] = .number(JSONNumber(loop.index))
            }
            if step.run != nil { span["children"] = .array(spans(step.inside)) }
            return .object(span)
        }
    }

    private func blockType(_ step: Step) -> JSONValue { step.run == nil ? "function" : "workflow" }
    private func output(_ step: Step) -> JSONValue { ["order": .number(JSONNumber(step.order))] }
    private func time(_ number: Int) -> JSONValue { .string(RandomRun.moment(number).description) }
}
