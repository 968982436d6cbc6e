import EventModel

/// A run as Sim's API shows it: the run resource, a log with its trace spans, the answer of a synchronous call.
enum SimRun {
    static func read(_ whole: ReportReader, into reading: inout ReportReading) throws(ReportFlaw) {
        var whole = whole
        let id = try whole.execution("runId", "executionId")
        guard let execution = id else { throw .missing(whole.path["runId"]) }
        let workflow = try whole.workflow("workflowId")
        let isLog = whole.object["traceSpans"] != nil
        let record = SimRecord(execution: execution, workflow: workflow, source: isLog ? "sim.log" : "sim.run")
        let (status, word) = try status(&whole)
        let before = reading.reports.count
        let left = try spans(&whole, of: record, into: &reading)
        let lastEnd = reading.reports[before...].compactMap(\.endedAt).max()
        let times = Times(
            startedAt: try whole.time("startedAt", "startTime"),
            endedAt: try whole.time("endedAt", "endTime"), lastEnd: lastEnd,
            observedAt: reading.observedAt)
        try readStart(&whole, status, word, times, of: record, into: &reading)
        try readStatus(&whole, status, word, times, left, of: record, into: &reading)
    }

    private struct Times {
        let startedAt, endedAt: Timestamp?
        /// When the last block that is shown ended.
        let lastEnd, observedAt: Timestamp?
    }

    private static func status(_ whole: inout ReportReader) throws(ReportFlaw) -> (SimRunStatus, String) {
        if let word = try whole.word("status") {
            guard let status = SimRunStatus(rawValue: word) else {
                throw .unexpected(whole.path["status"], value: word)
            }
            return (status, word)
        }
        guard let success = try whole.bool("success") else { throw .missing(whole.path["status"]) }
        return (success ? .completed : .failed, "success:\(success)")
    }

    private static func spans(
        _ whole: inout ReportReader, of record: SimRecord, into reading: inout ReportReading
    ) throws(ReportFlaw) -> [JSONValue] {
        let spans = try whole.elements("traceSpans", limit: ExecutionLimits.reports) ?? []
        let inside = SimTraceSpan(record: record, base: [])
        return try inside.read(spans, at: whole.path["traceSpans"], into: &reading)
    }

    private static func readStart(
        _ whole: inout ReportReader, _ status: SimRunStatus, _ word: String, _ times: Times, of record: SimRecord,
        into reading: inout ReportReading
    ) throws(ReportFlaw) {
        let trigger = try whole.id("trigger")
        let version = try whole.id("deploymentVersionId")
        let hasBegun = times.lastEnd != nil || (status != .queued && status != .pending)
        guard hasBegun, let startedAt = times.startedAt else { return }
        let definition = version.map { DefinitionReference(digest: nil, revision: $0) }
        try reading.add(
            ExecutionReport(
                .started(ExecutionStart(trigger: trigger, definition: definition)), of: record.execution,
                workflow: record.workflow, at: startedAt, startedAt: startedAt,
                original: OriginalWord(source: record.source, word: word)), at: whole.path)
    }

    private static func readStatus(
        _ whole: inout ReportReader, _ status: SimRunStatus, _ word: String, _ times: Times, _ left: [JSONValue],
        of record: SimRecord, into reading: inout ReportReading
    ) throws(ReportFlaw) {
        // The graph that was run is a definition, not a part of the run's history.
        _ = whole.value("workflowState")
        let more = whole.plain("level", "durationMs", "totalDurationMs", "success")
        let pause = try Pause(&whole)
        let output = whole.first("output", "finalOutput")?.value
        var error = whole.value("error")
        let code = error?["code"]?.string.flatMap { $0.utf8.count <= ExecutionLimits.wordBytes ? $0 : nil }
        if let message = error?["message"], error?.object?.count == 1 { error = message }
        var rest = whole.rest?.object ?? JSONObject()
        if !left.isEmpty { rest["spans"] = .array(left) }
        rest["paused"] = pause?.rest
        let facts = facts(status, pause, times, code: code)
        for (index, (fact, at)) in facts.enumerated() {
            let isLast = index == facts.count - 1
            let ended = if case .waitStarted = fact { false } else { true }
            try reading.add(
                ExecutionReport(
                    fact, of: record.execution, workflow: record.workflow, at: at,
                    endedAt: ended && status.status.isTerminal ? times.endedAt : nil,
                    contents: isLast
                        ? ReportContents(
                            output: output, error: error ?? (fact == .paused ? pause?.reason : nil),
                            rest: rest.isEmpty ? nil : .object(rest)) : ReportContents(),
                    original: OriginalWord(source: record.source, word: word, more: more)), at: whole.path)
        }
    }

    /// What a status says, and when that was.
    private static func facts(
        _ status: SimRunStatus, _ pause: Pause?, _ times: Times, code: String?
    ) -> [(ExecutionFact, at: Timestamp?)] {
        var ours = pause.map { status.status(pausedStuck: $0.reason != nil) } ?? status.status
        // In a log an ordinary pause reads `pending`; one that shows blocks has begun, so it is a pause.
        if pause == nil, status == .pending, times.lastEnd != nil { ours = .waiting }
        let since = pause?.at ?? times.lastEnd ?? times.observedAt ?? times.startedAt
        switch ours {
        case .queued: return [(.noted(.queued), times.startedAt ?? times.observedAt)]
        case .running: return [(.noted(.running), times.observedAt ?? times.startedAt)]
        case .waiting: return [(.waitStarted(pause?.wait ?? WaitFact()), since)]
        case .paused:
            let wait: [(ExecutionFact, at: Timestamp?)] = pause.map { [(.waitStarted($0.wait), since)] } ?? []
            return wait + [(.paused, times.observedAt ?? since)]
        case .completed: return [(.completed, times.endedAt ?? times.observedAt)]
        case .failed: return [(.failed(code: code), times.endedAt ?? times.observedAt)]
        case .cancelled: return [(.cancelled, times.endedAt ?? times.observedAt)]
        }
    }

    /// The pause that a run resource shows beside its status.
    private struct Pause {
        let wait: WaitFact
        let at: Timestamp?
        let reason: JSONValue?
        let rest: JSONValue?

        init?(_ whole: inout ReportReader) throws(ReportFlaw) {
            guard var reader = try whole.nested("paused") else { return nil }
            wait = WaitFact(
                kind: try SimRecord.kind(&reader, "pauseKind"), context: try reader.id("contextId"),
                resumeAt: try reader.time("resumeAt"),
                blockedOn: try reader.id("blockedOnBlockId").map { SimNodeID.block($0) })
            at = try reader.time("pausedAt")
            reason = reader.value("automaticResumeWaitingReason")
            rest = reader.rest
        }
    }
}
