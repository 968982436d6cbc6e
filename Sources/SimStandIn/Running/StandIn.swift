import EventModel
import WorkflowDomain

/// A little Sim: workflows, runs and what is asked of them, as a value. Time is input; the same inputs in the same order lead to
/// the same state and the same events, which is how it comes back after it was killed.
struct StandIn: Sendable {
    /// How it runs workflows.
    struct Settings: Sendable, Equatable {
        /// How long each block takes.
        var blockDelay: Duration = .zero
        /// The longest wait of a `wait` block, whatever it says.
        var longestWait: Duration = .seconds(30 * 86_400)
        /// How it decides.
        var choices = Choices()
    }

    /// What is told to it.
    enum Input: Sendable, Equatable {
        case execute(workflow: String, input: JSONObject, run: String?, isQueued: Bool)
        case resume(workflow: String, run: String, context: String?, input: JSONValue?)
        case cancel(workflow: String, run: String)
        /// Time passes.
        case advance
        /// The next so many attempts to resume fail.
        case failResumes(Int)
        /// From now on these blocks decide so.
        case decide([String: [String]])
    }

    /// The most runs that it keeps, and the most steps of one run.
    static let runLimit = 100_000
    static let stepLimit = 100_000

    private(set) var settings: Settings
    let workflows: [String: WorkflowGraph]
    private(set) var runs: [String: StandInRun] = [:]
    /// The runs of which something happens by itself, and when.
    private var dues: [String: Timestamp] = [:]
    /// The ids of the runs in the order in which they were made.
    private(set) var order: [String] = []
    private var resumesToFail = 0
    private var now = Timestamp(microseconds: 0)
    /// The lines told by the input in hand.
    private var told: [JSONValue] = []

    init(_ workflows: [WorkflowGraph], _ settings: Settings = Settings()) {
        self.workflows = Dictionary(workflows.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        self.settings = settings
    }

    /// When something happens next by itself.
    var due: Timestamp? { next?.due }

    /// Of runs that are due at the same moment the one with the smaller id, in every process.
    private var next: (run: String, due: Timestamp)? {
        dues.min { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value) }
    }

    private mutating func keep(_ run: StandInRun) {
        runs[run.id] = run
        dues[run.id] = run.due
    }

    /// Takes `input` in at `moment`, after all that was due by then; answers it, and what is to be told as events.
    mutating func receive(_ input: Input, at moment: Timestamp) -> (answer: Answer, events: [JSONValue]) {
        told = []
        pass(until: max(now, moment))
        let answer = answer(input)
        pass(until: now)
        defer { told = [] }
        return (answer, told)
    }

    private mutating func answer(_ input: Input) -> Answer {
        switch input {
        case .execute(let workflow, let input, let run, let isQueued): return execute(workflow, input, run, isQueued)
        case .resume(let workflow, let run, let context, let input): return resume(workflow, run, context, input)
        case .cancel(let workflow, let run): return cancel(workflow, run)
        case .advance: return .done
        case .failResumes(let count):
            resumesToFail = max(0, count)
            return .done
        case .decide(let script):
            settings.choices.script.merge(script) { _, new in new }
            return .done
        }
    }

    private mutating func pass(until moment: Timestamp) {
        var steps = 0
        while let next, next.due <= moment, steps < Self.stepLimit {
            now = max(now, next.due)
            step(next.run)
            steps += 1
        }
        now = max(now, moment)
    }

    private mutating func execute(
        _ workflow: String, _ input: JSONObject, _ claimed: String?, _ isQueued: Bool
    ) -> Answer {
        guard workflows[workflow] != nil else { return .notFound("Workflow not found") }
        let id = claimed ?? "run-\(order.count + 1)"
        guard runs[id] == nil else { return .runTaken }
        guard order.count < Self.runLimit else { return .unavailable("more than \(Self.runLimit) runs") }
        keep(StandInRun(id: id, workflow: workflow, input: input, isQueued: isQueued, at: now))
        order.append(id)
        return .accepted(run: id, isQueued: isQueued)
    }

    private mutating func resume(
        _ workflow: String, _ id: String, _ context: String?, _ input: JSONValue?
    ) -> Answer {
        guard var run = runs[id], run.workflow == workflow else { return .notFound("Run not found") }
        guard let context, !context.isEmpty else { return .badRequest("contextId is required") }
        guard !run.isOver else { return .conflict("RUN_NOT_PAUSED", "Run is \(run.status.rawValue)") }
        guard let place = run.pauses.firstIndex(where: { $0.context == context }) else {
            return .badRequest("Unknown pause context")
        }
        guard run.pauses[place].isOpen else { return .conflict("ALREADY_RESUMED", "Pause has been resumed") }
        run.resumptions += 1
        if resumesToFail > 0 {
            resumesToFail -= 1
            run.pauses[place].stuckBecause = "Automatic resume requires manual intervention: no worker took it"
            told.append(run.pauseRecord(run.pauses[place], "failed", input: nil, at: now))
            keep(run)
            return .failed("Resume failed")
        }
        goOn(&run, place, input)
        keep(run)
        return .resumed(run: id, attempt: "\(id)-r\(run.resumptions)", isQueued: run.isQueued)
    }

    private mutating func goOn(_ run: inout StandInRun, _ place: Int, _ input: JSONValue?) {
        run.pauses[place].isOpen = false
        let pause = run.pauses[place]
        told.append(run.pauseRecord(pause, "resumed", input: input, at: now))
        if let graph = workflows[run.workflow] {
            run.follow(pause.block, at: pause.level, outcome: .done(chosen: nil), in: graph)
        }
        run.phase = .running
        // A block of another branch that is at work is done when it is done.
        if run.work == nil { run.due = now }
    }

    private mutating func cancel(_ workflow: String, _ id: String) -> Answer {
        guard var run = runs[id], run.workflow == workflow else { return .notFound("Run not found") }
        if case .ended(let status) = run.phase { return .cancelled(run: id, over: status, wasPaused: false) }
        let wasPaused = run.phase == .waiting
        for place in run.pauses.indices { run.pauses[place].isOpen = false }
        end(&run, .cancelled, "execution:cancelled", ["duration": run.milliseconds(until: now)])
        keep(run)
        return .cancelled(run: id, over: nil, wasPaused: wasPaused)
    }
}

// MARK: steps

extension StandIn {
    /// What is due of one run happens.
    private mutating func step(_ id: String) {
        guard var run = runs[id], let graph = workflows[run.workflow] else { return }
        defer { keep(run) }
        run.due = nil
        switch run.phase {
        case .ended: return
        case .queued: start(&run, graph)
        case .waiting:
            // A pause for a time is over.
            guard let place = run.pauses.firstIndex(where: { $0.isOpen && $0.resumeAt.map { $0 <= now } ?? false })
            else { return }
            goOn(&run, place, nil)
        case .running:
            if let work = run.work { finish(work, &run, graph) } else { next(&run, graph) }
        }
    }

    private mutating func start(_ run: inout StandInRun, _ graph: WorkflowGraph) {
        run.phase = .running
        run.startedAt = now
        run.levels = [run.level(nil, in: graph)]
        tell(&run, "execution:started", ["startTime": .string(now.milliseconds3)])
        run.due = now
    }

    /// Begins the next block, the next iteration, or ends.
    private mutating func next(_ run: inout StandInRun, _ graph: WorkflowGraph) {
        guard let top = run.levels.indices.last else { return complete(&run) }
        guard run.lastOrder < Self.stepLimit else {
            return fail(&run, "EXECUTION_FAILED", "more than \(Self.stepLimit) blocks")
        }
        run.due = now
        if !run.levels[top].ready.isEmpty {
            let id = run.levels[top].ready.removeFirst()
            guard let block = graph.blocks[id] else { return }
            if block.isContainer { enter(block, &run, graph) } else { begin(block, &run) }
            return
        }
        guard !run.pauses.contains(where: { $0.isOpen && $0.level == top }) else { return pause(&run) }
        let level = run.levels[top]
        guard let container = level.container else { return complete(&run) }
        run.levels.removeLast()
        if level.index + 1 < level.count {
            var following = run.level(container, in: graph)
            (following.index, following.count) = (level.index + 1, level.count)
            run.levels.append(following)
        } else {
            run.follow(container, at: run.levels.count - 1, outcome: .done(chosen: nil), in: graph)
        }
    }

    private mutating func enter(_ block: Block, _ run: inout StandInRun, _ graph: WorkflowGraph) {
        let count = graph.containers[block.id]?.turns ?? 1
        guard count > 0, graph.scopes[block.id] != nil else {
            run.follow(block.id, at: run.levels.count - 1, outcome: .done(chosen: nil), in: graph)
            return
        }
        var level = run.level(block.id, in: graph)
        level.count = count
        run.levels.append(level)
    }

    private mutating func begin(_ block: Block, _ run: inout StandInRun) {
        run.lastOrder += 1
        run.visits[block.id, default: 0] += 1
        run.work = StandInRun.Work(
            block: block.id, order: run.lastOrder, visit: run.visits[block.id] ?? 1, startedAt: now)
        tell(&run, "block:started", run.naming(block, run.lastOrder))
        run.due = now.advanced(by: settings.blockDelay)
    }

    private mutating func finish(_ work: StandInRun.Work, _ run: inout StandInRun, _ graph: WorkflowGraph) {
        run.work = nil
        run.due = now
        guard let block = graph.blocks[work.block] else { return }
        let top = run.levels.count - 1
        if settings.choices.fails(block, visit: work.visit, run: run.id) {
            let isHandled = graph.handlesFailure(of: block.id)
            let message = "\(block.name) failed"
            keep(work, block, &run, output: ["error": .string(message)], error: message, isHandled: isHandled)
            guard isHandled else { return fail(&run, "BLOCK_EXECUTION_FAILED", message) }
            return run.follow(block.id, at: top, outcome: .failed, in: graph)
        }
        if let pause = pause(at: block, &run, level: top) {
            keep(work, block, &run, output: ["_pauseMetadata": run.metadata(of: pause)], error: nil, isHandled: false)
            run.pauses.append(pause)
            return
        }
        let edges = graph.scopes[block.parentID]?.edges[block.id] ?? []
        let chosen = settings.choices.way(out: edges, of: block, visit: work.visit, run: run.id)
        let output = Self.output(of: block, chosen: chosen, input: run.input)
        keep(work, block, &run, output: output, error: nil, isHandled: false)
        run.output = output
        run.follow(block.id, at: top, outcome: .done(chosen: chosen), in: graph)
    }

    private func pause(at block: Block, _ run: inout StandInRun, level: Int) -> StandInRun.Pause? {
        let context = "ctx-\(run.id)-\(run.pauses.count + 1)"
        switch block.type {
        case "human_in_the_loop":
            return StandInRun.Pause(
                context: context, block: block.id, level: level, kind: .human, at: now, resumeAt: nil)
        case "wait":
            let resumeAt = now.advanced(by: min(block.wait, settings.longestWait))
            return StandInRun.Pause(
                context: context, block: block.id, level: level, kind: .time, at: now, resumeAt: resumeAt)
        default: return nil
        }
    }

    private static func output(of block: Block, chosen: String?, input: JSONObject) -> JSONValue {
        if block.isTrigger { return .object(input) }
        guard let chosen else { return ["result": .string("\(block.name) is done")] }
        return block.type == "condition"
            ? ["conditionResult": true, "selectedOption": .string(chosen)] : ["selectedRoute": .string(chosen)]
    }

    /// Notes that a block has ended, and tells it.
    private mutating func keep(
        _ work: StandInRun.Work, _ block: Block, _ run: inout StandInRun, output: JSONValue, error: String?,
        isHandled: Bool
    ) {
        let input: JSONValue = ["block": .string(block.name)]
        run.records.append(
            StandInRun.Record(
                block: block.id, order: work.order, startedAt: work.startedAt, endedAt: now, input: input,
                output: output,
                error: error, isHandled: isHandled, place: run.place))
        var data = run.naming(block, work.order)
        data["input"] = input
        if let error { data["error"] = .string(error) } else { data["output"] = output }
        data["durationMs"] = .number(JSONNumber(now.milliseconds - work.startedAt.milliseconds))
        data["startedAt"] = .string(work.startedAt.milliseconds3)
        data["endedAt"] = .string(now.milliseconds3)
        tell(&run, error == nil ? "block:completed" : "block:error", data)
    }

    private mutating func pause(_ run: inout StandInRun) {
        run.phase = .waiting
        run.due = run.pauses.filter(\.isOpen).compactMap(\.resumeAt).min()
        tell(&run, "execution:paused", run.span(until: now))
    }

    private mutating func complete(_ run: inout StandInRun) {
        var data = run.span(until: now)
        data["success"] = true
        data["output"] = run.output
        end(&run, .completed, "execution:completed", data)
    }

    private mutating func fail(_ run: inout StandInRun, _ code: String, _ message: String) {
        run.error = (code, message)
        end(&run, .failed, "execution:error", ["error": .string(message), "duration": run.milliseconds(until: now)])
    }

    private mutating func end(_ run: inout StandInRun, _ status: SimRunStatus, _ type: String, _ data: JSONObject) {
        run.phase = .ended(status)
        run.endedAt = now
        run.due = nil
        run.work = nil
        run.levels = []
        tell(&run, type, data)
    }

    private mutating func tell(_ run: inout StandInRun, _ type: String, _ data: JSONObject) {
        run.lastEvent += 1
        told.append(run.event(type, number: run.lastEvent, at: now, data))
    }
}
