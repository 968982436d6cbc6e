import EventModel

extension SessionFact {
    /// The fact's data by the schema of its kind.
    var payload: JSONValue {
        switch self {
        case .described(let description): description.payload
        case .bound(let binding): binding.payload
        case .reported(let event): event.payload
        case .amended(let amendment):
            ["event": .string(amendment.event), "metadata": amendment.metadata, "subject": .string(amendment.subject)]
        case .pathsReported(let report): report.payload
        case .renumbered(let numbering): numbering.payload
        case .turnCompleted(let turn):
            [
                "turn": .string(turn.turn), "offset": JSONValue(turn.offset), "event": .string(turn.event),
                "positions": StatePosition.payload(turn.positions), "corrected": JSONValue(turn.corrected?.rawValue),
            ]
        case .turnFailed(let turn):
            [
                "turn": .string(turn.turn), "offset": JSONValue(turn.offset), "event": .string(turn.event),
                "error": .string(turn.error), "corrected": JSONValue(turn.corrected?.rawValue),
            ]
        case .turnCancelled(let turn):
            [
                "turn": .string(turn.turn), "offset": JSONValue(turn.offset), "event": .string(turn.event),
                "corrected": JSONValue(turn.corrected?.rawValue),
            ]
        case .stateEntered(let move):
            [
                "journey": .string(move.journey), "state": .string(move.state.text), "turn": JSONValue(move.turn),
                "cause": .string(move.cause.rawValue),
            ]
        case .stateLeft(let move):
            [
                "journey": .string(move.journey), "state": .string(move.state.text),
                "next": JSONValue(move.next?.text), "turn": JSONValue(move.turn), "cause": .string(move.cause.rawValue),
            ]
        case .rewound(let rewind): rewind.payload
        case .modeChanged(let change):
            ["mode": .string(change.mode.text), "at": .string(change.at.description)]
        case .closed(let closing):
            ["reason": .string(closing.reason.rawValue), "at": .string(closing.at.description)]
        }
    }
}

extension JSONValue {
    init(_ number: Int) { self = .number(JSONNumber(number)) }

    /// Text, or `null`.
    init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
}

extension StatePosition {
    static func payload(_ positions: [StatePosition]) -> JSONValue {
        .array(positions.map { ["journey": .string($0.journey), "state": JSONValue($0.state?.text)] })
    }
}

extension SessionRewind {
    fileprivate var payload: JSONValue {
        func gone(_ ending: TurnEnding) -> JSONValue { JSONValue(self.gone[ending] ?? 0) }
        return [
            "from": JSONValue(from), "before": JSONValue(before), "at": .string(at.description),
            "turns": .array(turns.map(JSONValue.string)),
            "gone": ["completed": gone(.completed), "failed": gone(.failed), "cancelled": gone(.cancelled)],
        ]
    }
}

extension SessionDescription {
    fileprivate var payload: JSONValue {
        var object = JSONObject()
        object["engine"] = .string(engine)
        object["session"] = .string(session)
        object["agent"] = agent.map(JSONValue.string)
        object["customer"] = customer.map(JSONValue.string)
        object["mode"] = mode.map { .string($0.text) }
        object["createdAt"] = createdAt.map(JSONValue.string)
        object["labels"] = .array(labels.map(JSONValue.string))
        object["title"] = title
        object["metadata"] = metadata
        object["rest"] = rest
        object["observedAt"] = .string(observedAt.description)
        object["subject"] = .string(subject)
        return .object(object)
    }
}

extension SessionBinding {
    fileprivate var payload: JSONValue {
        var object = JSONObject()
        object["execution"] = .string(execution)
        object["engine"] = .string(engine)
        object["session"] = .string(session)
        object["journeys"] = .array(journeys.map(JSONValue.string))
        object["mapping"] = mapping.map { ["id": .string($0.id), "version": JSONValue($0.version)] }
        object["history"] = history?.payload
        object["subject"] = .string(subject)
        return .object(object)
    }
}

extension SessionHistory {
    fileprivate var payload: JSONValue {
        func number(_ value: Int?) -> JSONValue { value.map { JSONValue($0) } ?? .null }
        return [
            "positions": StatePosition.payload(positions), "mode": JSONValue(mode?.text),
            "messages": JSONValue(messages), "turnsCompleted": JSONValue(turnsCompleted),
            "turnsFailed": JSONValue(turnsFailed), "turnsCancelled": number(turnsCancelled),
            "lastOffset": number(lastOffset), "askedOffset": number(askedOffset),
            "answeredOffset": number(answeredOffset),
        ]
    }
}

extension PathReport {
    fileprivate var payload: JSONValue {
        [
            "observedAt": .string(observedAt.description), "kept": JSONValue(kept),
            "added": .array(added.map(\.payload)),
        ]
    }
}

extension AgentPaths {
    fileprivate var payload: JSONValue {
        let paths = paths.map { path -> JSONValue in
            [
                "journey": .string(path.journey), "indexes": .array(path.indexes.map { JSONValue($0) }),
                "states": .array(path.states.map { JSONValue($0?.text) }),
            ]
        }
        return ["turn": .string(turn), "paths": .array(paths)]
    }
}

extension JourneyNumbering {
    fileprivate var payload: JSONValue {
        let members = states.map { JSONObject.Member(key: $0.key, value: .string($0.value.text)) }
        return [
            "journey": .string(journey), "since": .string(since.description), "states": .object(JSONObject(members)),
        ]
    }
}
