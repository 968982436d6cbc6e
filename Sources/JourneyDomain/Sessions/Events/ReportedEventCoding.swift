import EventModel

extension ReportedEvent {
    /// The data of the report.
    var payload: JSONValue {
        var object = content.members
        var event = JSONObject()
        event["id"] = .string(envelope.id)
        event["kind"] = .string(envelope.kind)
        event["source"] = .string(envelope.source)
        event["offset"] = JSONValue(envelope.offset)
        event["at"] = envelope.at.map(JSONValue.string)
        event["trace"] = envelope.trace.map(JSONValue.string)
        event["correlation"] = envelope.correlation.map(JSONValue.string)
        object["event"] = .object(event)
        object["metadata"] = metadata
        object["rest"] = rest
        object["subject"] = .string(subject)
        return .object(object)
    }

    /// Reads a report of the given kind back.
    init(_ payload: PayloadReader, kind: SessionFact.Kind) throws(EventFlaw) {
        let event = try payload.nested("event")
        envelope = EventEnvelope(
            id: try event.text("id"), kind: try event.text("kind"), source: try event.text("source"),
            offset: try event.int("offset"), at: try event.optionalText("at"), trace: try event.optionalText("trace"),
            correlation: try event.optionalText("correlation"))
        content = try EventContent(payload, kind: kind)
        metadata = payload.optionalValue("metadata")
        rest = payload.optionalValue("rest")
        subject = try payload.text("subject")
    }
}

extension EventContent {
    fileprivate var members: JSONObject {
        var object = JSONObject()
        switch self {
        case .message(let message):
            object["text"] = message.text
            var participant = JSONObject()
            participant["id"] = message.participant.map(JSONValue.string)
            participant["name"] = message.name
            if !participant.isEmpty { object["participant"] = .object(participant) }
            object["detail"] = message.detail
        case .toolCalls(let calls, let detail):
            object["calls"] = .array(calls.map(\.payload))
            object["detail"] = detail
        case .input(let input):
            object["name"] = .string(input.name)
            object["value"] = input.value
            object["journey"] = input.journey.map(JSONValue.string)
            object["state"] = input.state.map { .string($0.text) }
            object["detail"] = input.detail
        case .custom(let data), .other(let data): object["data"] = data
        case .status(let status): object = status.members
        }
        return object
    }

    fileprivate init(_ payload: PayloadReader, kind: SessionFact.Kind) throws(EventFlaw) {
        let detail = payload.optionalValue("detail")
        switch kind {
        case .messagePosted:
            let participant = try payload.optionalNested("participant")
            self = .message(
                MessageContent(
                    text: try payload.value("text"), participant: try participant?.optionalText("id"),
                    name: participant?.optionalValue("name"), detail: detail))
        case .toolCalled:
            var calls: [ToolCall] = []
            for call in try payload.elements("calls") { calls.append(try ToolCall(call)) }
            self = .toolCalls(calls, detail: detail)
        case .inputCollected:
            self = .input(
                CollectedInput(
                    name: try payload.text("name"), value: try payload.value("value"),
                    journey: try payload.optionalText("journey"),
                    state: try payload.optionalText("state").map { ElementID($0) }, detail: detail))
        case .customPosted: self = .custom(try payload.value("data"))
        case .statusReported: self = .status(try StatusContent(payload))
        case .described, .bound, .eventReported, .eventAmended, .pathsReported, .journeyRenumbered, .turnCompleted,
            .turnFailed, .turnCancelled, .stateEntered, .stateLeft, .rewound, .modeChanged, .closed:
            self = .other(try payload.value("data"))
        }
    }
}

extension ToolCall {
    fileprivate var payload: JSONValue {
        var object = JSONObject()
        object["tool"] = .string(tool)
        object["arguments"] = arguments
        object["result"] = result
        object["detail"] = detail
        return .object(object)
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            tool: try payload.text("tool"), arguments: try payload.value("arguments"),
            result: try payload.value("result"), detail: payload.optionalValue("detail"))
    }
}

extension StatusContent {
    fileprivate var members: JSONObject {
        var object = JSONObject()
        object["status"] = .string(status)
        object["stage"] = stage.map(JSONValue.string)
        object["matches"] = matches.map { matches in
            [
                "guidelines": .array(matches.guidelines.map(JSONValue.string)),
                "journeys": .array(matches.journeys.map(JSONValue.string)),
                "states": .array(matches.states.map { .string($0.text) }),
            ]
        }
        if !positions.isEmpty { object["positions"] = StatePosition.payload(positions) }
        object["error"] = error.map(JSONValue.string)
        object["detail"] = detail
        return object
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        var matches: TurnMatches?
        if let reader = try payload.optionalNested("matches") {
            matches = TurnMatches(
                guidelines: try reader.texts("guidelines"), journeys: try reader.texts("journeys"),
                states: try reader.texts("states").map { ElementID($0) })
        }
        self.init(
            status: try payload.text("status"), stage: try payload.optionalText("stage"), matches: matches,
            positions: try StatePosition.read(payload, "positions"), error: try payload.optionalText("error"),
            detail: payload.optionalValue("detail"))
    }
}
