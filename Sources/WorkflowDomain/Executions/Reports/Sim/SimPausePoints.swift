import EventModel

/// A paused run with its pause points, each of which is resumed by itself.
enum SimPausePoints {
    static let source = "sim.pause_point"

    static func read(_ whole: ReportReader, into reading: inout ReportReading) throws(ReportFlaw) {
        var whole = whole
        let id = try whole.execution("executionId", "runId")
        guard let execution = id else { throw .missing(whole.path["executionId"]) }
        let workflow = try whole.workflow("workflowId")
        let seen = try whole.time("updatedAt") ?? reading.observedAt
        let points = try points(&whole)
        guard points.count <= ExecutionLimits.waits else {
            throw .tooMany(whole.path["pausePoints"], count: points.count, limit: ExecutionLimits.waits)
        }
        for (path, point) in points {
            let record = SimRecord(execution: execution, workflow: workflow, source: source)
            try read(try ReportReader(point, at: path), of: record, seen: seen, into: &reading)
        }
    }

    /// Sim answers a list, and stores an object by context.
    private static func points(_ whole: inout ReportReader) throws(ReportFlaw) -> [(JSONPath, JSONValue)] {
        guard let value = whole.value("pausePoints") else { return [] }
        let path = whole.path["pausePoints"]
        switch value {
        case .array(let points): return points.enumerated().map { (path[$0], $1) }
        case .object(let points): return points.members.map { (path[$0.key], $0.value) }
        case .null, .bool, .number, .string: throw .wrongType(path, wanted: "an array", found: value.kind)
        }
    }

    private static func read(
        _ point: ReportReader, of record: SimRecord, seen: Timestamp?, into reading: inout ReportReading
    ) throws(ReportFlaw) {
        var point = point
        let word = try point.requiredWord("resumeStatus")
        guard let status = SimResumeStatus(rawValue: word) else {
            throw .unexpected(point.path["resumeStatus"], value: word)
        }
        let context = try point.id("contextId")
        let wait = WaitFact(
            kind: try SimRecord.kind(&point, "pauseKind"), context: context, resumeAt: try point.time("resumeAt"),
            blockedOn: try point.id("blockId").map { SimNodeID.block($0) })
        let reason = point.value("automaticResumeWaitingReason")
        let contents = ReportContents(output: point.value("response"), rest: nil)
        let at = try point.time("registeredAt") ?? seen
        func add(_ fact: ExecutionFact, at: Timestamp?, _ contents: ReportContents) throws(ReportFlaw) {
            try reading.add(
                ExecutionReport(
                    fact, of: record.execution, workflow: record.workflow, at: at, contents: contents,
                    original: OriginalWord(source: record.source, word: word)), at: point.path)
        }
        try add(
            .waitStarted(wait), at: at,
            ReportContents(input: contents.input, output: contents.output, rest: point.rest))
        switch status {
        case .paused, .queued: break
        case .failed: try add(.paused, at: seen ?? at, ReportContents(error: reason))
        case .resumed, .resuming: try add(.resumed(context: context), at: seen ?? at, ReportContents())
        }
    }
}
