import EventModel

extension ExecutionEvent {
    /// The event's data by the schema of its type. Members without a value are left out.
    public var payload: JSONValue {
        var data = JSONObject()
        report.write(into: &data)
        report.fact.write(into: &data)
        if case .started = report.fact {
            data["implied"] = .bool(isImplied)
            data["mapping"] = pin?.value
        }
        if let change {
            var object = JSONObject()
            object["before"] = change.before.map { .string($0.rawValue) }
            object["after"] = .string(change.after.rawValue)
            data["change"] = .object(object)
        }
        data["standing"] = standing.value
        return .object(data)
    }
}

extension ExecutionReport {
    fileprivate func write(into data: inout JSONObject) {
        data["execution"] = .string(execution.text)
        data["workflow"] = (workflow?.text).map(JSONValue.string)
        data["subject"] = .string(subject)
        data["at"] = at?.value
        data["startedAt"] = startedAt?.value
        data["endedAt"] = endedAt?.value
        data["input"] = contents.input
        data["output"] = contents.output
        data["error"] = contents.error
        data["rest"] = contents.rest
        data["original"] = original.value
    }
}

extension OriginalWord {
    fileprivate var value: JSONValue {
        var object = JSONObject()
        object["source"] = .string(source)
        object["word"] = .string(word)
        object["sequence"] = sequence.map { .number(JSONNumber($0)) }
        if !more.isEmpty { object["more"] = .object(more) }
        return .object(object)
    }
}

extension ExecutionFact {
    fileprivate func write(into data: inout JSONObject) {
        switch self {
        case .started(let start):
            data["trigger"] = start.trigger.map(JSONValue.string)
            data["definition"] = start.definition?.value
        case .blockStarted(let block), .blockCompleted(let block), .blockSkipped(let block),
            .childWorkflowStarted(let block):
            block.write(into: &data)
        case .blockFailed(let block, let handled):
            block.write(into: &data)
            data["handled"] = .bool(handled)
        case .waitStarted(let wait): data["wait"] = wait.value
        case .resumed(let context): data["context"] = context.map(JSONValue.string)
        case .failed(let code): data["code"] = code.map(JSONValue.string)
        case .noted(let status): data["status"] = .string(status.rawValue)
        case .paused, .completed, .cancelled: break
        }
    }
}

extension DefinitionReference {
    fileprivate var value: JSONValue {
        var object = JSONObject()
        object["digest"] = digest.map(JSONValue.string)
        object["revision"] = revision.map(JSONValue.string)
        return .object(object)
    }
}

extension BlockFact {
    fileprivate func write(into data: inout JSONObject) {
        var block = JSONObject()
        block["id"] = .string(visit.block.text)
        block["name"] = name.map(JSONValue.string)
        block["type"] = type.map(JSONValue.string)
        data["block"] = .object(block)
        if !visit.frames.isEmpty { data["iteration"] = .array(visit.frames.map(\.value)) }
        data["order"] = visit.order.map { .number(JSONNumber($0)) }
        data["attempt"] = .number(JSONNumber(attempt))
        data["instance"] = instance.map(JSONValue.string)
        data["visit"] = .string(visit.description)
        data["own"] = .bool(visit.isOwn)
    }
}

extension IterationFrame {
    var value: JSONValue {
        switch self {
        case .loop(let container, let index):
            ["kind": "loop", "container": .string(container.text), "index": .number(JSONNumber(index))]
        case .parallel(let container, let index):
            ["kind": "parallel", "container": .string(container.text), "index": .number(JSONNumber(index))]
        case .child(let run): ["kind": "child", "run": .string(run)]
        }
    }
}

extension WaitFact {
    fileprivate var value: JSONValue {
        OpenWait(kind: kind, context: context, resumeAt: resumeAt, blockedOn: blockedOn).value
    }
}

extension OpenWait {
    fileprivate var value: JSONValue {
        var object = JSONObject()
        object["kind"] = kind.map { .string($0.rawValue) }
        object["context"] = context.map(JSONValue.string)
        object["resumeAt"] = resumeAt?.value
        object["blockedOn"] = blockedOn.map { .string($0.text) }
        return .object(object)
    }
}

extension ExecutionStanding {
    fileprivate var value: JSONValue {
        var object = JSONObject()
        object["status"] = .string(status.rawValue)
        object["word"] = word.map(JSONValue.string)
        object["startedAt"] = startedAt?.value
        object["endedAt"] = endedAt?.value
        object["code"] = code.map(JSONValue.string)
        object["wait"] = wait?.value
        object["visits"] = tally.value
        return .object(object)
    }
}

extension MappingPin {
    var value: JSONValue { ["id": .string(mapping), "version": .number(JSONNumber(version))] }
}

extension VisitTally {
    var value: JSONValue {
        [
            "running": .number(JSONNumber(running)), "completed": .number(JSONNumber(completed)),
            "failed": .number(JSONNumber(failed)), "skipped": .number(JSONNumber(skipped)),
            "contradictions": .number(JSONNumber(contradictions)),
        ]
    }
}

extension Timestamp {
    fileprivate var value: JSONValue { .string(description) }
}
