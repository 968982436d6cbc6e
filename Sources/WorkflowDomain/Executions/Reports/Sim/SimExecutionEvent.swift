import EventModel

/// One event of Sim's stream of an execution: `{type, timestamp, executionId, eventId?, workflowId, data}`.
enum SimExecutionEvent {
    static let source = "sim.event"

    /// The types that are read. `stream:*` is dropped; see ``ExecutionReports``.
    enum Kind: String, CaseIterable {
        case executionStarted = "execution:started"
        case executionCompleted = "execution:completed"
        case executionPaused = "execution:paused"
        case executionError = "execution:error"
        case executionCancelled = "execution:cancelled"
        case blockStarted = "block:started"
        case blockCompleted = "block:completed"
        case blockError = "block:error"
        case childWorkflowStarted = "block:childWorkflowStarted"
    }

    static func read(_ whole: ReportReader, into reading: inout ReportReading) throws(ReportFlaw) {
        var whole = whole
        let word = try whole.requiredWord("type")
        guard let execution = try whole.execution("executionId") else { throw .missing(whole.path["executionId"]) }
        if word.hasPrefix("stream:") { return }
        guard let kind = Kind(rawValue: word) else { throw .unexpected(whole.path["type"], value: word) }
        let record = SimRecord(execution: execution, workflow: try whole.workflow("workflowId"), source: source)
        guard let at = try whole.time("timestamp") else { throw .missing(whole.path["timestamp"]) }
        let sequence = try whole.ordinal("eventId")
        guard var data = try whole.nested("data") else { throw .missing(whole.path["data"]) }
        let fact = try fact(kind, &data)
        if fact.block == nil { try readLogs(&data, of: record, into: &reading) }
        let more = data.plain("duration", "durationMs", "success", "iterationTotal", "childWorkflowName")
        let (start, end) = try times(fact, &data)
        let contents = contents(fact, &data)
        let rest = rest(whole, data)
        try reading.add(
            ExecutionReport(
                fact, of: execution, workflow: record.workflow, at: at, startedAt: start, endedAt: end,
                contents: contents.report(rest: rest),
                original: OriginalWord(source: source, word: word, sequence: sequence, more: more)), at: whole.path)
        guard case .blockCompleted(let block) = fact else { return }
        let pausePath = data.path["output"]["_pauseMetadata"]
        if let wait = try record.wait(contents.pause, of: block.visit, at: pausePath, endedAt: end ?? at) {
            try reading.add(wait, at: pausePath)
        }
    }

    private static func fact(_ kind: Kind, _ data: inout ReportReader) throws(ReportFlaw) -> ExecutionFact {
        switch kind {
        case .executionStarted: .started(ExecutionStart())
        // The executor ends so when blocks failed and nothing threw.
        case .executionCompleted: data.object["success"] == false ? .failed(code: nil) : .completed
        case .executionPaused: .waitStarted(WaitFact())
        case .executionError: .failed(code: nil)
        case .executionCancelled: .cancelled
        case .blockStarted: .blockStarted(try block(&data))
        case .blockCompleted: .blockCompleted(try block(&data))
        case .blockError: .blockFailed(try block(&data), handled: false)
        case .childWorkflowStarted: .childWorkflowStarted(try block(&data))
        }
    }

    private static func block(_ data: inout ReportReader) throws(ReportFlaw) -> BlockFact {
        guard let node = try data.id("blockId") else { throw .missing(data.path["blockId"]) }
        let visit = BlockVisit(
            SimNodeID.block(node), in: try SimPlace.ofEvent(&data), order: try data.ordinal("executionOrder"))
        return BlockFact(
            visit, name: try data.word("blockName"), type: try data.word("blockType"),
            instance: try data.id("childWorkflowInstanceId"))
    }

    private static func times(
        _ fact: ExecutionFact, _ data: inout ReportReader
    ) throws(ReportFlaw) -> (start: Timestamp?, end: Timestamp?) {
        guard fact.block == nil else { return (try data.time("startedAt"), try data.time("endedAt")) }
        let start = try data.time("startTime")
        // When an execution pauses it has not ended.
        if case .waitStarted = fact { return (start, nil) }
        return (start, try data.time("endTime"))
    }

    private static func contents(_ fact: ExecutionFact, _ data: inout ReportReader) -> SimContents {
        let error = data.value("error")
        let hasFailed = if case .blockFailed = fact { true } else { false }
        return SimContents(
            input: data.value("input"), output: data.value("output"), error: error?.string == "" ? nil : error,
            hasFailed: hasFailed)
    }

    private static func readLogs(
        _ data: inout ReportReader, of record: SimRecord, into reading: inout ReportReading
    ) throws(ReportFlaw) {
        let logs = try data.elements("finalBlockLogs", limit: ExecutionLimits.reports) ?? []
        let record = SimRecord(execution: record.execution, workflow: record.workflow, source: "sim.block_log")
        for (index, log) in logs.enumerated() {
            try SimBlockLog.read(log, at: data.path["finalBlockLogs"][index], of: record, into: &reading)
        }
    }

    private static func rest(_ whole: ReportReader, _ data: ReportReader) -> JSONValue? {
        guard let around = whole.rest?.object else { return data.rest }
        return .object(JSONObject((data.rest?.object ?? JSONObject()).members + around.members))
    }
}
