import EventModel
import WorkflowDomain

extension StandInRun {
    /// One event of the execution, in Sim's form.
    func event(_ type: String, number: Int, at now: Timestamp, _ data: JSONObject) -> JSONValue {
        [
            "type": .string(type), "timestamp": .string(now.milliseconds3), "executionId": .string(id),
            "workflowId": .string(workflow), "eventId": .number(JSONNumber(number)), "data": .object(data),
        ]
    }

    /// A pause of the run in the form in which Sim shows paused runs: how others learn that it was resumed, which no event says.
    func pauseRecord(_ pause: Pause, _ status: String, input: JSONValue?, at now: Timestamp) -> JSONValue {
        let point = JSONObject(omittingNil: [
            "contextId": .string(pause.context), "blockId": .string(pause.block.text),
            "pauseKind": .string(pause.kind.rawValue), "resumeStatus": .string(status),
            "registeredAt": .string(pause.at.milliseconds3),
            "resumeAt": pause.resumeAt.map { .string($0.milliseconds3) },
            "automaticResumeWaitingReason": pause.stuckBecause.map { .string($0) }, "response": input,
        ])
        return [
            "executionId": .string(id), "workflowId": .string(workflow), "updatedAt": .string(now.milliseconds3),
            "pausePoints": [.object(point)],
        ]
    }

    /// What the output of a block that pauses says of it.
    func metadata(of pause: Pause) -> JSONValue {
        .object(
            JSONObject(omittingNil: [
                "contextId": .string(pause.context), "blockId": .string(pause.block.text),
                "pauseKind": .string(pause.kind.rawValue), "timestamp": .string(pause.at.milliseconds3),
                "resumeAt": pause.resumeAt.map { .string($0.milliseconds3) },
            ]))
    }

    /// Which block, and where it runs.
    func naming(_ block: Block, _ order: Int) -> JSONObject {
        JSONObject(
            [
                .init(key: "blockId", value: .string(block.id.text)),
                .init(key: "blockName", value: .string(block.name)),
                .init(key: "blockType", value: .string(block.type)),
                .init(key: "executionOrder", value: .number(JSONNumber(order))),
            ] + place.members)
    }

    /// The iterations around what runs now, as events name them.
    var place: JSONObject {
        let frames = levels.compactMap { level in
            level.container.map { container in
                JSONObject([
                    .init(key: "iterationContainerId", value: .string(container.text)),
                    .init(key: "iterationType", value: .string(level.isParallel ? "parallel" : "loop")),
                    .init(key: "iterationCurrent", value: .number(JSONNumber(level.index))),
                    .init(key: "iterationTotal", value: .number(JSONNumber(level.count))),
                ])
            }
        }
        guard var own = frames.last else { return JSONObject() }
        if frames.count > 1 { own["parentIterations"] = .array(frames.dropLast().map { .object($0) }) }
        return own
    }

    func span(until now: Timestamp) -> JSONObject {
        [
            "duration": milliseconds(until: now), "startTime": .string((startedAt ?? createdAt).milliseconds3),
            "endTime": .string(now.milliseconds3),
        ]
    }

    func milliseconds(until now: Timestamp) -> JSONValue {
        .number(JSONNumber(now.milliseconds - (startedAt ?? createdAt).milliseconds))
    }
}

extension Timestamp {
    /// RFC 3339 with milliseconds, as Sim writes times.
    var milliseconds3: String { String(decoding: rfc3339.dropLast(4), as: UTF8.self) + "Z" }
}
