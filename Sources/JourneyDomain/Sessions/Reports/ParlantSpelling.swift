import EventModel

extension ReportedEvent {
    /// The event as Parlant spells it: what was reported, up to the canonical form, without the server's own traceback.
    public var parlantValue: JSONValue {
        var object = rest?.object ?? JSONObject()
        object["id"] = .string(envelope.id)
        object["source"] = .string(envelope.source)
        object["kind"] = .string(envelope.kind)
        object["offset"] = JSONValue(envelope.offset)
        object["creation_utc"] = envelope.at.map(JSONValue.string)
        object["trace_id"] = envelope.trace.map(JSONValue.string)
        object["correlation_id"] = (envelope.correlation ?? envelope.trace).map(JSONValue.string)
        object["data"] = content.parlantData
        if object["metadata"] == nil { object["metadata"] = metadata ?? [:] }
        return .object(object)
    }
}

extension EventContent {
    fileprivate var parlantData: JSONValue {
        switch self {
        case .custom(let data), .other(let data): return data
        case .message(let message):
            var object = JSONObject()
            object["message"] = message.text
            var participant = JSONObject()
            participant["id"] = message.participant.map(JSONValue.string)
            participant["display_name"] = message.name
            object["participant"] = participant.nonEmpty
            return .object(object.overlaid(by: message.detail))
        case .toolCalls(let calls, let detail):
            let values = calls.map { call -> JSONValue in
                var object = JSONObject()
                object["tool_id"] = .string(call.tool)
                object["arguments"] = call.arguments
                object["result"] = call.result
                return .object(object.overlaid(by: call.detail))
            }
            var object = JSONObject()
            object["tool_calls"] = .array(values)
            return .object(object.overlaid(by: detail))
        case .input(let input):
            var object = JSONObject()
            object["type"] = .string(ParlantEvent.inputType)
            object["name"] = .string(input.name)
            object["value"] = input.value
            object["journey"] = input.journey.map(JSONValue.string)
            object["state"] = input.state.map { .string($0.text) }
            return .object(object.overlaid(by: input.detail))
        case .status(let status): return status.parlantData
        }
    }
}

extension StatusContent {
    fileprivate var parlantData: JSONValue {
        var inner = JSONObject()
        inner["stage"] = stage.map(JSONValue.string)
        if let matches {
            func list(_ ids: [String]) -> JSONValue { .array(ids.map { ["id": .string($0)] }) }
            let lists = [matches.guidelines, matches.journeys, matches.states.map(\.text)]
            for (key, ids) in zip(ParlantStatus.matched, lists) { inner[key] = list(ids) }
        }
        var object = JSONObject()
        object["status"] = .string(status)
        let stated = detail?["data"]
        object["data"] = stated?.object == nil && stated != nil ? stated : .object(inner.overlaid(by: stated))
        return .object(object.overlaid(by: detail?.object?.removing(["data"]).nonEmpty))
    }
}

extension JSONObject {
    /// This object with the members of another on top.
    fileprivate func overlaid(by other: JSONValue?) -> JSONObject {
        var result = self
        for member in other?.object?.members ?? [] { result[member.key] = member.value }
        return result
    }
}
