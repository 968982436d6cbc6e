import EventModel

/// One event as `GET /sessions/{id}/events` answers it.
enum ParlantEvent {
    private static let envelope: Set<String> = [
        "id", "source", "kind", "offset", "creation_utc", "trace_id", "correlation_id", "data", "metadata", "deleted",
    ]

    /// Reads an event of a session, and whether it is deleted.
    static func read(
        _ value: JSONValue, of session: String, at path: JSONPath
    ) throws(ReportFlaw) -> (event: ReportedEvent, isDeleted: Bool) {
        let bytes = value.compactBytes().count
        guard bytes <= SessionLimits.eventBytes else {
            throw .tooLong(path, bytes: bytes, limit: SessionLimits.eventBytes)
        }
        let members = try ReportMembers(value, at: path)
        let kind = try members.name("kind")
        let trace = try members.optionalName("trace_id")
        let correlation = try members.optionalName("correlation_id")
        let envelope = EventEnvelope(
            id: try members.name("id"), kind: kind, source: try members.name("source"),
            offset: try members.offset("offset"), at: try members.optionalName("creation_utc"), trace: trace,
            correlation: correlation == trace ? nil : correlation)
        // Metadata that is no object is nothing we know.
        let attached = members["metadata"]?.object
        let known =
            attached == nil && members["metadata"] != nil ? Self.envelope.subtracting(["metadata"]) : Self.envelope
        let event = ReportedEvent(
            envelope: envelope, content: try content(kind, members.object["data"] ?? .null, at: path["data"]),
            metadata: attached?.nonEmpty, rest: members.rest(without: known),
            subject: SessionSubject.of(customer: nil, session: session))
        if event.hidesSomething { throw .sealed(path) }
        return (event, try members.flag("deleted"))
    }

    /// What the data of an event of this kind says; data of another shape is kept as it is.
    private static func content(
        _ kind: String, _ data: JSONValue, at path: JSONPath
    ) throws(ReportFlaw) -> EventContent {
        switch kind {
        case ParlantWords.message: return message(data) ?? .other(data)
        case ParlantWords.tool: return try toolCalls(data, at: path) ?? .other(data)
        case ParlantWords.status: return try ParlantStatus.content(data, at: path) ?? .other(data)
        case ParlantWords.custom: return input(data) ?? .custom(data)
        default: return .other(data)
        }
    }

    private static func message(_ data: JSONValue) -> EventContent? {
        guard let object = data.object, let text = object["message"], text.string != nil else { return nil }
        var detail = object.removing(["message"])
        var name: JSONValue?
        let participant = object["participant"]?.object
        let id = participant?["id"]?.string.flatMap { $0.utf8.count <= SessionLimits.nameBytes ? $0 : nil }
        // A participant of the known shape is taken apart; any other stays among the details as well.
        if let participant, participant.removing(["id", "display_name"]).isEmpty,
            participant["id"] == nil || id != nil, participant["display_name"].map({ $0.string != nil }) ?? true
        {
            name = participant["display_name"]
            detail = detail.removing(["participant"])
        }
        return .message(MessageContent(text: text, participant: id, name: name, detail: detail.nonEmpty))
    }

    private static func toolCalls(_ data: JSONValue, at path: JSONPath) throws(ReportFlaw) -> EventContent? {
        guard let object = data.object, let values = object["tool_calls"]?.array else { return nil }
        guard values.count <= SessionLimits.matches else {
            throw .tooMany(path["tool_calls"], count: values.count, limit: SessionLimits.matches)
        }
        let calls = values.compactMap { value -> ToolCall? in
            guard let call = value.object, let tool = call["tool_id"]?.string,
                tool.utf8.count <= SessionLimits.nameBytes,
                let arguments = call["arguments"], let result = call["result"]
            else { return nil }
            return ToolCall(
                tool: tool, arguments: arguments, result: result,
                detail: call.removing(["tool_id", "arguments", "result"]).nonEmpty)
        }
        guard calls.count == values.count else { return nil }
        return .toolCalls(calls, detail: object.removing(["tool_calls"]).nonEmpty)
    }

    /// The type of a custom event that tells a collected input.
    static let inputType = "lockstep.input_collected"

    private static func input(_ data: JSONValue) -> EventContent? {
        guard let object = data.object, object["type"]?.string == inputType, let name = object["name"]?.string,
            !name.isEmpty, name.utf8.count <= SessionLimits.nameBytes, let value = object["value"]
        else { return nil }
        func text(_ key: String) -> String?? {
            guard let value = object[key] else { return .some(nil) }
            return value.string.map { .some($0) } ?? nil
        }
        guard case .some(let journey) = text("journey"), case .some(let state) = text("state") else { return nil }
        return .input(
            CollectedInput(
                name: name, value: value, journey: journey, state: state.map { ElementID($0) },
                detail: object.removing(["type", "name", "value", "journey", "state"]).nonEmpty))
    }
}

extension ReportedEvent {
    /// Whether a personal value looks like one that Lockstep has hidden.
    var hidesSomething: Bool {
        var values = [metadata, rest]
        switch content {
        case .message(let message): values += [message.text, message.name, message.detail]
        case .toolCalls(let calls, let detail):
            values.append(detail)
            for call in calls { values += [call.arguments, call.result, call.detail] }
        case .input(let input): values += [input.value, input.detail]
        case .custom(let data), .other(let data): values.append(data)
        case .status(let status): values.append(status.detail)
        }
        return values.contains { $0?.isHidden == true }
    }
}
