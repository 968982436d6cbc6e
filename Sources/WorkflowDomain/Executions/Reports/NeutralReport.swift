import EventModel

/// Our own form, for engines that are not Sim: `Schemas/ingest/workflow_execution.neutral.v1.json`.
enum NeutralReport {
    static let source = "neutral"

    /// The types that there are.
    enum Kind: String, CaseIterable {
        case queued, running, started, waiting, resumed, paused, completed, failed, cancelled
        case blockStarted = "block_started"
        case blockCompleted = "block_completed"
        case blockFailed = "block_failed"
        case blockSkipped = "block_skipped"
        case childWorkflowStarted = "child_workflow_started"
    }

    static func read(_ whole: ReportReader, into reading: inout ReportReading) throws(ReportFlaw) {
        var whole = whole
        let word = try whole.requiredWord("type")
        guard let kind = Kind(rawValue: word) else { throw .unexpected(whole.path["type"], value: word) }
        guard let execution = try whole.execution("execution") else { throw .missing(whole.path["execution"]) }
        let workflow = try whole.workflow("workflow")
        guard let at = try whole.time("at") else { throw .missing(whole.path["at"]) }
        let subject = try whole.id("subject")
        let more = whole.plain("id")
        let sequence = try whole.ordinal("sequence")
        var data = try whole.nestedOrEmpty("data")
        let fact = try fact(kind, &whole, &data)
        let startedAt = try data.time("startedAt")
        let endedAt = try data.time("endedAt")
        let contents = ReportContents(
            input: data.value("input"), output: data.value("output"), error: data.value("error"),
            rest: rest(whole, data))
        let report = ExecutionReport(
            fact, of: execution, workflow: workflow, subject: subject, at: at, startedAt: startedAt, endedAt: endedAt,
            contents: contents,
            original: OriginalWord(source: source, word: word, sequence: sequence, more: more))
        try reading.add(report, at: whole.path)
    }

    private static func rest(_ whole: ReportReader, _ data: ReportReader) -> JSONValue? {
        guard let around = whole.rest?.object else { return data.rest }
        return .object(JSONObject((data.rest?.object ?? JSONObject()).members + around.members))
    }

    private static func fact(
        _ kind: Kind, _ whole: inout ReportReader, _ data: inout ReportReader
    ) throws(ReportFlaw) -> ExecutionFact {
        switch kind {
        case .queued: .noted(.queued)
        case .running: .noted(.running)
        case .started: .started(try start(&data))
        case .waiting: .waitStarted(try wait(&data))
        case .resumed: .resumed(context: try data.id("context"))
        case .paused: .paused
        case .completed: .completed
        case .failed: .failed(code: try data.id("code"))
        case .cancelled: .cancelled
        case .blockStarted: .blockStarted(try block(&whole, &data))
        case .blockCompleted: .blockCompleted(try block(&whole, &data))
        case .blockFailed: .blockFailed(try block(&whole, &data), handled: try data.bool("handled") ?? false)
        case .blockSkipped: .blockSkipped(try block(&whole, &data))
        case .childWorkflowStarted: .childWorkflowStarted(try block(&whole, &data))
        }
    }

    private static func start(_ data: inout ReportReader) throws(ReportFlaw) -> ExecutionStart {
        var definition: DefinitionReference?
        if var reader = try data.nested("definition") {
            definition = DefinitionReference(digest: try reader.id("digest"), revision: try reader.id("revision"))
        }
        return ExecutionStart(trigger: try data.id("trigger"), definition: definition)
    }

    private static func wait(_ data: inout ReportReader) throws(ReportFlaw) -> WaitFact {
        let kind = try data.id("kind")
        guard kind == nil || kind.flatMap(WaitKind.init) != nil else {
            throw .unexpected(data.path["kind"], value: kind ?? "")
        }
        return WaitFact(
            kind: kind.flatMap(WaitKind.init), context: try data.id("context"), resumeAt: try data.time("resumeAt"),
            blockedOn: try data.id("blockedOn").map { ElementID($0) })
    }

    private static func block(_ whole: inout ReportReader, _ data: inout ReportReader) throws(ReportFlaw) -> BlockFact {
        guard let block = whole.value("block") else { throw .missing(whole.path["block"]) }
        var id = block.string
        var name: String?
        var type: String?
        if id == nil {
            var reader = try ReportReader(block, at: whole.path["block"])
            id = try reader.id("id")
            name = try reader.word("name")
            type = try reader.word("type")
        }
        guard let id, !id.isEmpty else { throw .missing(whole.path["block"]["id"]) }
        guard id.utf8.count <= ExecutionLimits.idBytes else {
            throw .tooLong(whole.path["block"], bytes: id.utf8.count, limit: ExecutionLimits.idBytes)
        }
        let attempt = try whole.ordinal("attempt") ?? 1
        guard attempt > 0 else {
            throw .outOfRange(whole.path["attempt"], value: attempt, limit: ExecutionLimits.ordinal)
        }
        return BlockFact(
            BlockVisit(ElementID(id), in: try frames(&whole), order: try whole.ordinal("order")), attempt: attempt,
            name: name, type: type, instance: try data.id("instance"))
    }

    private static func frames(_ whole: inout ReportReader) throws(ReportFlaw) -> [IterationFrame] {
        let elements = try whole.elements("iteration", limit: ExecutionLimits.frames) ?? []
        var frames: [IterationFrame] = []
        for (index, element) in elements.enumerated() {
            frames.append(try frame(try ReportReader(element, at: whole.path["iteration"][index])))
        }
        return frames
    }

    private static func frame(_ reader: ReportReader) throws(ReportFlaw) -> IterationFrame {
        var reader = reader
        let kind = try reader.requiredWord("kind")
        if kind == "child" {
            guard let run = try reader.id("run") else { throw .missing(reader.path["run"]) }
            return .child(run)
        }
        guard let container = try reader.id("container") else { throw .missing(reader.path["container"]) }
        guard let index = try reader.ordinal("index") else { throw .missing(reader.path["index"]) }
        switch kind {
        case "loop": return .loop(ElementID(container), index: index)
        case "parallel": return .parallel(ElementID(container), index: index)
        default: throw .unexpected(reader.path["kind"], value: kind)
        }
    }
}
