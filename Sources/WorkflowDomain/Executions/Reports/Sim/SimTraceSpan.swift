import EventModel

/// Sim's trace spans: a tree in which blocks hang under the loops, parallels and child workflows that they ran in.
///
/// Loops, parallels and their iterations are drawn around the blocks by Sim when it builds the tree; they have no log of their own and
/// are places here, not visits. Calls of models and tools below a block are its contents.
struct SimTraceSpan {
    let record: SimRecord
    /// The frames around the tree: those of the block that runs this child workflow.
    let base: [IterationFrame]

    /// Reads spans and what is below them.
    /// - Returns: those that are no place and no visit, nor hold any.
    func read(
        _ spans: [JSONValue], at path: JSONPath, in places: [IterationFrame] = [], container: String? = nil,
        into reading: inout ReportReading
    ) throws(ReportFlaw) -> [JSONValue] {
        var left: [JSONValue] = []
        for (index, span) in spans.enumerated() {
            let reader = try ReportReader(span, at: path[index])
            let isTaken = try read(reader, in: places, container: container, into: &reading)
            if !isTaken { left.append(span) }
        }
        return left
    }

    private func read(
        _ reader: ReportReader, in places: [IterationFrame], container: String?, into reading: inout ReportReading
    ) throws(ReportFlaw) -> Bool {
        var span = reader
        if let node = try span.id("blockId") {
            try readBlock(span, node, in: places, into: &reading)
            return true
        }
        let type = try span.word("type")
        let id = try span.word("id", limit: 4 * ExecutionLimits.idBytes) ?? ""
        let children = try span.elements("children", limit: ExecutionLimits.reports) ?? []
        let below = span.path["children"]
        switch type {
        case "workflow": _ = try read(children, at: below, in: places, container: container, into: &reading)
        case "loop" where id.hasPrefix("loop-execution-"), "parallel" where id.hasPrefix("parallel-execution-"):
            let name = String(id.dropFirst(type == "loop" ? 15 : 19))
            _ = try read(children, at: below, in: places, container: name, into: &reading)
        case "loop-iteration", "parallel-iteration":
            guard let container, let index = iteration(id, of: container) else {
                throw .unexpected(span.path["id"], value: id)
            }
            guard places.count < ExecutionLimits.frames else {
                throw .tooMany(span.path, count: places.count + 1, limit: ExecutionLimits.frames)
            }
            let block = SimNodeID.block(container)
            let place: IterationFrame =
                type == "loop-iteration" ? .loop(block, index: index) : .parallel(block, index: index)
            _ = try read(children, at: below, in: places + [place], into: &reading)
        default: return false
        }
        return true
    }

    private func iteration(_ id: String, of container: String) -> Int? {
        let prefix = container + "-iteration-"
        guard id.hasPrefix(prefix), let index = Int(id.dropFirst(prefix.count)),
            (0...ExecutionLimits.ordinal).contains(index)
        else { return nil }
        return index
    }

    private func readBlock(
        _ reader: ReportReader, _ node: String, in places: [IterationFrame], into reading: inout ReportReading
    ) throws(ReportFlaw) {
        var span = reader
        let own = try SimPlace.ofLog(&span)
        let visit = BlockVisit(
            SimNodeID.block(node), in: base + (places.isEmpty ? own : places), order: try span.ordinal("executionOrder")
        )
        guard visit.frames.count <= ExecutionLimits.frames else {
            throw .tooMany(span.path, count: visit.frames.count, limit: ExecutionLimits.frames)
        }
        let type = try span.word("type")
        let status = try status(&span)
        let isHandled = try span.bool("errorHandled") ?? false
        let message = span.value("errorMessage")
        let contents = SimContents(
            input: span.value("input"), output: span.value("output"), error: message,
            hasFailed: status.status == .failed)
        let children = try children(&span, type, contents, visit, into: &reading)
        var more = span.plain("id", "duration", "relativeStartMs", "tries", "childExecutionId")
        if node != visit.block.text { more["blockId"] = .string(node) }
        let block = BlockFact(visit, name: try span.word("name"), type: type)
        let startedAt = try span.time("startTime")
        let endedAt = try span.time("endTime")
        var rest = span.rest?.object ?? JSONObject()
        if !children.isEmpty { rest["children"] = .array(children) }
        try reading.add(
            ExecutionReport(
                status == .error ? .blockFailed(block, handled: isHandled) : .blockCompleted(block),
                of: record.execution, workflow: record.workflow, at: endedAt, startedAt: startedAt, endedAt: endedAt,
                contents: contents.report(rest: .object(rest)),
                original: OriginalWord(source: record.source, word: status.rawValue, more: more)), at: span.path)
        let pausePath = span.path["output"]["_pauseMetadata"]
        if let wait = try record.wait(contents.pause, of: visit, at: pausePath, endedAt: endedAt) {
            try reading.add(wait, at: pausePath)
        }
    }

    private func status(_ span: inout ReportReader) throws(ReportFlaw) -> SimBlockStatus {
        let word = try span.requiredWord("status")
        guard let status = SimBlockStatus(rawValue: word) else { throw .unexpected(span.path["status"], value: word) }
        return status
    }

    /// Reads the blocks of a child workflow below this block, and answers the spans that are the block's contents.
    private func children(
        _ span: inout ReportReader, _ type: String?, _ contents: SimContents, _ visit: BlockVisit,
        into reading: inout ReportReading
    ) throws(ReportFlaw) -> [JSONValue] {
        let children = try span.elements("children", limit: ExecutionLimits.reports) ?? []
        guard SimRecord.runsChildWorkflow(type) else { return children }
        let inside = SimTraceSpan(record: record, base: visit.frames + [SimRecord.childRun(of: visit)])
        _ = try inside.read(contents.childSpans, at: span.path["output"]["childTraceSpans"], into: &reading)
        return try inside.read(children, at: span.path["children"], into: &reading)
    }
}
