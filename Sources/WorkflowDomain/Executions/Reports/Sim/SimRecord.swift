import EventModel

/// What all reports that are read from one record of Sim's share.
struct SimRecord {
    let execution: ExecutionID
    let workflow: WorkflowID?
    /// The form of the record, for ``OriginalWord/source``.
    let source: String

    /// Whether blocks of this type run child workflows whose blocks are reported with them. A published block keeps its inside to
    /// itself: what its log carries of it Sim does not hand on, and neither do we.
    static func runsChildWorkflow(_ type: String?) -> Bool { type == "workflow" || type == "workflow_input" }

    /// The name that the blocks of a child workflow are kept under when only the block that runs it is known.
    static func childRun(of visit: BlockVisit) -> IterationFrame {
        .child(visit.block.text + (visit.order.map { "#\($0)" } ?? ""))
    }

    /// A wait that a block's output tells of.
    func wait(_ pause: JSONValue?, of visit: BlockVisit, at path: JSONPath, endedAt: Timestamp?) throws(ReportFlaw)
        -> ExecutionReport?
    {
        guard visit.isOwn, let pause, pause.object != nil else { return nil }
        var reader = try ReportReader(pause, at: path)
        let fact = WaitFact(
            kind: try SimRecord.kind(&reader, "pauseKind"), context: try reader.id("contextId"),
            resumeAt: try reader.time("resumeAt"), blockedOn: visit.block)
        let began = try reader.time("timestamp") ?? endedAt
        return ExecutionReport(
            .waitStarted(fact), of: execution, workflow: workflow, at: began,
            original: OriginalWord(source: source, word: "_pauseMetadata"))
    }

    static func kind(_ reader: inout ReportReader, _ key: String) throws(ReportFlaw) -> WaitKind? {
        guard let word = try reader.word(key) else { return nil }
        guard let kind = WaitKind(rawValue: word) else { throw .unexpected(reader.path[key], value: word) }
        return kind
    }
}
