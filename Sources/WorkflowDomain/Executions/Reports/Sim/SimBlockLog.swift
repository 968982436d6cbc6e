import EventModel

/// One entry of Sim's block logs: `logs` of an executor's result, `finalBlockLogs` of an event that ends an execution.
enum SimBlockLog {
    static func read(
        _ value: JSONValue, at path: JSONPath, of record: SimRecord, into reading: inout ReportReading
    ) throws(ReportFlaw) {
        var log = try ReportReader(value, at: path)
        guard let node = try log.id("blockId") else { throw .missing(path["blockId"]) }
        let type = try log.word("blockType")
        let visit = BlockVisit(
            SimNodeID.block(node), in: try SimPlace.ofLog(&log), order: try log.ordinal("executionOrder"))
        let block = BlockFact(visit, name: try log.word("blockName"), type: type)
        let error = log.value("error")
        let isHandled = try log.bool("errorHandled") ?? false
        let succeeded = try log.bool("success") ?? true
        let hasFailed = !succeeded || error?.string.map { !$0.isEmpty } ?? false
        let contents = SimContents(
            input: log.value("input"), output: log.value("output"), error: error?.string == "" ? nil : error,
            hasFailed: hasFailed)
        let spans = try log.elements("childTraceSpans", limit: ExecutionLimits.reports) ?? contents.childSpans
        var more = log.plain("durationMs", "tries", "childTraceDisabled")
        if node != visit.block.text { more["blockId"] = .string(node) }
        let startedAt = try log.time("startedAt")
        let endedAt = try log.time("endedAt")
        let fact: ExecutionFact = hasFailed ? .blockFailed(block, handled: isHandled) : .blockCompleted(block)
        let word: SimBlockStatus = hasFailed ? .error : .success
        try reading.add(
            ExecutionReport(
                fact, of: record.execution, workflow: record.workflow, at: endedAt, startedAt: startedAt,
                endedAt: endedAt, contents: contents.report(rest: log.rest),
                original: OriginalWord(source: record.source, word: word.rawValue, more: more)), at: path)
        let pausePath = path["output"]["_pauseMetadata"]
        if let wait = try record.wait(contents.pause, of: visit, at: pausePath, endedAt: endedAt) {
            try reading.add(wait, at: pausePath)
        }
        guard SimRecord.runsChildWorkflow(type) else { return }
        let inside = SimTraceSpan(record: record, base: visit.frames + [SimRecord.childRun(of: visit)])
        _ = try inside.read(spans, at: path["childTraceSpans"], into: &reading)
    }
}
