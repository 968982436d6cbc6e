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
    private(set) var now = Timestamp(microseconds: 0)
    /// The lines told by the input in hand.
    var told: [JSONValue] = []

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

    mutating func keep(_ run: StandInRun) {
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

    mutating func goOn(_ run: inout StandInRun, _ place: Int, _ input: JSONValue?) {
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
