import EventModel

/// What Sim's executor answers: `{success, output, error?, logs, metadata?}`. Which execution it is must be said in it or beside it.
enum SimExecutionResult {
    static func read(_ whole: ReportReader, into reading: inout ReportReading) throws(ReportFlaw) {
        var whole = whole
        var metadata = try whole.nestedOrEmpty("metadata")
        let (beside, inside) = (try whole.execution("executionId", "runId"), try metadata.execution("executionId"))
        guard let execution = beside ?? inside else { throw .missing(whole.path["executionId"]) }
        let (outer, inner) = (try whole.workflow("workflowId"), try metadata.workflow("workflowId"))
        let workflow = outer ?? inner
        try read(whole, metadata, of: execution, workflow: workflow, into: &reading)
    }

    private static func read(
        _ whole: ReportReader, _ metadata: ReportReader, of execution: ExecutionID, workflow: WorkflowID?,
        into reading: inout ReportReading
    ) throws(ReportFlaw) {
        var (whole, metadata) = (whole, metadata)
        let logs = try whole.elements("logs", limit: ExecutionLimits.reports) ?? []
        let record = SimRecord(execution: execution, workflow: workflow, source: "sim.block_log")
        for (index, log) in logs.enumerated() {
            try SimBlockLog.read(log, at: whole.path["logs"][index], of: record, into: &reading)
        }
        let startedAt = try metadata.time("startTime")
        let lastEnd = reading.reports.suffix(logs.count).compactMap(\.endedAt).max()
        let endedAt = try metadata.time("endTime") ?? lastEnd
        let (inner, outer) = (try metadata.word("status"), try whole.word("status"))
        let status = inner ?? outer
        let success = try whole.bool("success") ?? false
        let fact: ExecutionFact =
            switch status {
            case "paused": .waitStarted(WaitFact())
            case "cancelled": .cancelled
            default: success ? .completed : .failed(code: nil)
            }
        let isPaused = status == "paused"
        var more = metadata.plain("duration", "requestId", "executionMode")
        more["success"] = .bool(success)
        var rest = whole.rest?.object ?? JSONObject()
        rest["metadata"] = metadata.rest
        rest["output"] = nil
        rest["error"] = nil
        try reading.add(
            ExecutionReport(
                fact, of: execution, workflow: workflow, at: endedAt ?? reading.observedAt, startedAt: startedAt,
                endedAt: isPaused ? nil : endedAt,
                contents: ReportContents(
                    output: whole.value("output"), error: whole.value("error"),
                    rest: rest.isEmpty ? nil : .object(rest)),
                original: OriginalWord(source: "sim.result", word: status ?? "success:\(success)", more: more)),
            at: whole.path)
    }
}
