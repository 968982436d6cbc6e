import EventModel

/// What is known of an execution besides its visits: a join of everything that was reported.
struct ExecutionHead: Equatable, Sendable {
    private(set) var execution: ExecutionID?
    private(set) var workflow: WorkflowID?
    private(set) var hasStarted = false
    private(set) var pin: MappingPin?
    private(set) var trigger: String?
    private(set) var definitionDigest: String?
    private(set) var definitionRevision: String?
    private(set) var startedAt: Timestamp?
    private(set) var signal: LiveSignal?
    private(set) var waits: [WaitName: ExecutionWait] = [:]
    private(set) var completed: ExecutionEnding?
    private(set) var failed: ExecutionEnding?
    private(set) var cancelled: ExecutionEnding?
    private(set) var input = ContentVersions.none
    private(set) var output = ContentVersions.none
    private(set) var error = ContentVersions.none

    /// Takes in what a report says of the execution itself.
    mutating func join(_ report: ExecutionReport, _ contents: CanonicalContents) throws(ExecutionRejection) {
        try identify(report)
        if report.fact.impliesStart { hasStarted = true }
        guard report.fact.block == nil else { return }
        startedAt.lower(to: report.startedAt)
        if let signal = LiveSignal(report) { self.signal.raise(to: signal) }
        if try joinWait(report, contents) { return }
        join(report.fact, report)
        try input.join(contents.input)
        try output.join(contents.output)
        try error.join(contents.error)
    }

    /// Takes in a start that nobody has reported.
    mutating func joinImplied(_ report: ExecutionReport) throws(ExecutionRejection) {
        try identify(report)
        hasStarted = true
    }

    /// The first pin holds for good.
    mutating func pin(_ pin: MappingPin?) { self.pin = self.pin ?? pin }

    private mutating func identify(_ report: ExecutionReport) throws(ExecutionRejection) {
        if let execution, execution != report.execution {
            throw .otherExecution(known: execution, reported: report.execution)
        }
        execution = report.execution
        guard let reported = report.workflow else { return }
        if let workflow, workflow != reported { throw .otherWorkflow(known: workflow, reported: reported) }
        workflow = reported
    }

    private mutating func join(_ fact: ExecutionFact, _ report: ExecutionReport) {
        switch fact {
        case .started(let start):
            startedAt.lower(to: report.startedAt ?? report.at)
            trigger.lower(to: start.trigger)
            definitionDigest.lower(to: start.definition?.digest)
            definitionRevision.lower(to: start.definition?.revision)
        case .completed: completed.raise(to: Self.ending(report, code: nil))
        case .failed(let code): failed.raise(to: Self.ending(report, code: code))
        case .cancelled: cancelled.raise(to: Self.ending(report, code: nil))
        case .waitStarted, .resumed, .paused, .noted, .blockStarted, .blockCompleted, .blockFailed, .blockSkipped,
            .childWorkflowStarted:
            break
        }
    }

    /// What is said of a wait, with its contents: an execution may wait many times, and every time it is about something else.
    /// - Returns: whether the report is about a wait.
    private mutating func joinWait(
        _ report: ExecutionReport, _ contents: CanonicalContents
    ) throws(ExecutionRejection) -> Bool {
        guard let name = report.wait else { return false }
        guard waits[name] != nil || waits.count < ExecutionLimits.waits else {
            throw .tooManyWaits(limit: ExecutionLimits.waits)
        }
        var wait = waits[name] ?? ExecutionWait()
        if case .waitStarted(let fact) = report.fact { wait.begin(fact, at: report.at) }
        if case .resumed = report.fact { wait.end(at: report.at) }
        try wait.join(contents)
        waits[name] = wait
        return true
    }

    private static func ending(_ report: ExecutionReport, code: String?) -> ExecutionEnding {
        ExecutionEnding(at: report.endedAt ?? report.at ?? .earliest, word: report.original.word, code: code ?? "")
    }
}

extension ExecutionHead {
    /// The end that counts. Of contradictory ends the later one; at the same time a failure before a cancellation before a completion.
    var ending: (status: ExecutionStatus, ending: ExecutionEnding)? {
        let ends: [(rank: Int, status: ExecutionStatus, ending: ExecutionEnding)] = [
            completed.map { (0, .completed, $0) }, cancelled.map { (1, .cancelled, $0) },
            failed.map { (2, .failed, $0) },
        ].compactMap(\.self)
        return ends.max { ($0.ending.at, $0.rank) < ($1.ending.at, $1.rank) }.map { ($0.status, $0.ending) }
    }

    /// Whether the execution is said to have ended in different ways.
    var isContradictory: Bool { [completed, failed, cancelled].count { $0 != nil } > 1 }

    /// The waits that are open, and after which no block began.
    func openWaits(lastStart: Timestamp?) -> [WaitName: ExecutionWait] {
        waits.filter { _, wait in wait.isOpen && !wait.isOver(lastStart) }
    }

    /// The wait to show: of those that are open, and after which no block began, one that can be resumed by name before one that
    /// cannot, then the one that ends first.
    func openWait(lastStart: Timestamp?) -> (name: WaitName, wait: ExecutionWait)? {
        openWaits(lastStart: lastStart).min { left, right in
            let order = { (wait: (key: WaitName, value: ExecutionWait)) in
                (wait.key.context == nil ? 1 : 0, wait.value.resumeAt ?? .latest, wait.key)
            }
            return order(left) < order(right)
        }.map { ($0.key, $0.value) }
    }
}

extension ExecutionWait {
    /// Whether a block that began at that time says that the execution went on.
    fileprivate func isOver(_ lastStart: Timestamp?) -> Bool {
        guard let lastStart, let startedAt else { return false }
        return lastStart > startedAt
    }
}

extension ExecutionHead: Snapshotable {
    var snapshot: JSONValue {
        let waits = waits.sorted { $0.key < $1.key }.map { name, wait -> JSONValue in
            ["name": name.snapshot, "wait": wait.snapshot]
        }
        return .object(
            JSONObject(omittingNil: [
                "execution": (execution?.text).map(JSONValue.string),
                "workflow": (workflow?.text).map(JSONValue.string),
                "hasStarted": .bool(hasStarted), "pin": pin?.value, "trigger": trigger.map(JSONValue.string),
                "definitionDigest": definitionDigest.map(JSONValue.string),
                "definitionRevision": definitionRevision.map(JSONValue.string), "startedAt": startedAt?.snapshot,
                "signal": signal?.snapshot, "waits": .array(waits), "completed": completed?.snapshot,
                "failed": failed?.snapshot, "cancelled": cancelled?.snapshot, "input": input.snapshot,
                "output": output.snapshot, "error": error.snapshot,
            ]))
    }

    init(snapshot: PayloadReader) throws(EventFlaw) {
        execution = snapshot.has("execution") ? try snapshot.parsed("execution", ExecutionID.init) : nil
        workflow = snapshot.has("workflow") ? try snapshot.parsed("workflow", WorkflowID.init(_:)) : nil
        hasStarted = try snapshot.bool("hasStarted")
        pin = try snapshot.optionalNested("pin").map { reader throws(EventFlaw) in try MappingPin(reader) }
        trigger = try snapshot.optionalText("trigger")
        definitionDigest = try snapshot.optionalText("definitionDigest")
        definitionRevision = try snapshot.optionalText("definitionRevision")
        startedAt = try snapshot.optionalMoment("startedAt")
        signal = try snapshot.optionalPart("signal")
        for wait in try snapshot.elements("waits") { waits[try wait.part("name")] = try wait.part("wait") }
        completed = try snapshot.optionalPart("completed")
        failed = try snapshot.optionalPart("failed")
        cancelled = try snapshot.optionalPart("cancelled")
        input = try snapshot.part("input")
        output = try snapshot.part("output")
        error = try snapshot.part("error")
    }
}
