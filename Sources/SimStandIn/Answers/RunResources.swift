import EventModel
import StandInDoor
import WorkflowDomain

extension StandInRun {
    /// The run as one resource.
    var resource: JSONValue {
        .object(
            JSONObject(
                summary.members + [
                    .init(key: "paused", value: paused), .init(key: "error", value: failure),
                    .init(key: "output", value: .null), .init(key: "blockOutputs", value: .null),
                ]))
    }

    /// The run as one of a list.
    var summary: JSONObject {
        [
            "runId": .string(id), "workflowId": .string(workflow), "status": .string(status.rawValue),
            "trigger": "api", "startedAt": .string((startedAt ?? createdAt).milliseconds3),
            "endedAt": endedAt.map { .string($0.milliseconds3) } ?? .null,
            "durationMs": endedAt.map { milliseconds(until: $0) } ?? .null, "cost": .null,
        ]
    }

    private var paused: JSONValue {
        guard phase == .waiting, let pause = openPause else { return .null }
        return [
            "contextId": .string(pause.context), "pausedAt": .string(pause.at.milliseconds3),
            "resumeAt": pause.resumeAt.map { .string($0.milliseconds3) } ?? .null,
            "pauseKind": .string(pause.kind.rawValue), "blockedOnBlockId": .string(pause.block.text),
            "automaticResumeWaitingReason": pause.stuckBecause.map { .string($0) } ?? .null,
            "pausePointCount": .number(JSONNumber(pauses.count)),
            "resumedCount": .number(JSONNumber(pauses.count { !$0.isOpen })),
        ]
    }

    private var failure: JSONValue {
        error.map { ["message": .string($0.message), "code": .string($0.code)] } ?? .null
    }

    /// What a caller is told who has waited for the run.
    ///
    /// - Parameter attempt: the id of the resumed attempt, if it was one.
    func result(attempt: String? = nil) -> Reply {
        let told = status == .pending ? SimRunStatus.paused : status
        return Reply(
            200,
            [
                "data": [
                    "runId": .string(attempt ?? id), "workflowId": .string(workflow), "status": .string(told.rawValue),
                    "output": output, "error": failure, "startedAt": .string((startedAt ?? createdAt).milliseconds3),
                ]
            ], headers: ["X-Run-Id": attempt ?? id])
    }

    /// What a caller is told whose patience, not the run's, is at its end: success by HTTP, failure by the body, and the run goes on.
    func timeout(attempt: String? = nil) -> Reply {
        Reply(
            200,
            [
                "data": [
                    "runId": .string(attempt ?? id), "workflowId": .string(workflow), "status": "failed", "output": [:],
                    "error": ["code": "TIMEOUT", "message": "Execution timed out"],
                ]
            ], headers: ["X-Run-Id": attempt ?? id])
    }

    /// The log of the run with its spans.
    func log(_ graph: WorkflowGraph) -> JSONValue {
        var log = summary
        log["level"] = status == .failed ? "error" : "info"
        log["totalDurationMs"] = log["durationMs"]
        log = log.removing(["durationMs"])
        log["traceSpans"] = .array(records.map { span($0, graph) })
        log["finalOutput"] = isOver ? output : .null
        if let error { log["error"] = .string(error.message) }
        return .object(log)
    }

    private func span(_ record: Record, _ graph: WorkflowGraph) -> JSONValue {
        let block = graph.blocks[record.block]
        let container = record.place["iterationContainerId"]
        let isParallel = record.place["iterationType"]?.string == "parallel"
        return .object(
            JSONObject(omittingNil: [
                "id": .string("\(id)-\(record.order)"), "name": .string(block?.name ?? record.block.text),
                "type": .string(block?.type ?? ""), "blockId": .string(record.block.text),
                "executionOrder": .number(JSONNumber(record.order)),
                "startTime": .string(record.startedAt.milliseconds3), "endTime": .string(record.endedAt.milliseconds3),
                "duration": .number(JSONNumber(record.endedAt.milliseconds - record.startedAt.milliseconds)),
                "status": record.error == nil ? "success" : "error", "input": record.input, "output": record.output,
                "errorMessage": record.error.map { .string($0) },
                "errorHandled": record.error.map { _ in .bool(record.isHandled) },
                isParallel ? "parallelId" : "loopId": container, "iterationIndex": record.place["iterationCurrent"],
                "parentIterations": record.place["parentIterations"],
            ]))
    }
}
