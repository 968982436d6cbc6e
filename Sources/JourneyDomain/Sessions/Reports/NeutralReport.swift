import EventModel

/// The form for conversation engines that are not Parlant: they say outright what happened, and for which execution.
struct NeutralReport {
    private static let known: Set<String> = [
        "engine", "session", "execution", "customer", "agent", "mode", "observed_at", "events", "rewound", "closed",
    ]
    private let members: ReportMembers
    private let observedAt: Timestamp

    init(_ members: ReportMembers, receivedAt: Timestamp) throws(ReportFlaw) {
        try members.allow(only: Self.known)
        self.members = members
        observedAt = try members.moment("observed_at") ?? receivedAt
    }

    func report() throws(ReportFlaw) -> SessionReport {
        let engine = try members.name("engine")
        guard engine != SessionReport.parlant else { throw .outOfRange(members.path["engine"], value: engine) }
        let session = try members.streamKey("session")
        let description = SessionDescription(
            engine: engine, session: session, agent: try members.optionalName("agent"),
            customer: try members.optionalName("customer"),
            mode: try members.optionalName("mode").map { SessionMode($0) }, observedAt: observedAt)
        var inputs = [SessionInput.description(description)]
        for (value, path) in try members.elements("events", limit: SessionLimits.reportedEvents) {
            inputs.append(
                .event(try NeutralEvent.read(value, of: session, at: path), isDeleted: false, observedAt: observedAt))
        }
        if let rewound = try members.nested("rewound") {
            try rewound.allow(only: ["from", "before"])
            inputs.append(
                .rewound(
                    from: try rewound.offset("from"), before: try rewound.optionalOffset("before"),
                    observedAt: observedAt))
        }
        if try members.flag("closed") { inputs.append(.ended(SessionClosing(reason: .ended, at: observedAt))) }
        return SessionReport(
            engine: engine, session: session, execution: try members.streamKey("execution"), inputs: inputs)
    }
}

/// One event of the neutral form.
private enum NeutralEvent {
    private static let envelope: Set<String> = ["id", "offset", "at", "type", "source", "turn", "metadata"]

    static func read(_ value: JSONValue, of session: String, at path: JSONPath) throws(ReportFlaw) -> ReportedEvent {
        let bytes = value.compactBytes().count
        guard bytes <= SessionLimits.eventBytes else {
            throw .tooLong(path, bytes: bytes, limit: SessionLimits.eventBytes)
        }
        let members = try ReportMembers(value, at: path)
        let type = try members.name("type")
        let (content, known) = try content(type, members)
        let event = ReportedEvent(
            envelope: EventEnvelope(
                id: try members.name("id"), kind: type,
                source: try members.optionalName("source") ?? ParlantWords.agent,
                offset: try members.offset("offset"), at: try members.moment("at")?.description,
                trace: try members.optionalName("turn")),
            content: content, metadata: members["metadata"],
            rest: members.rest(without: envelope.union(known)),
            subject: SessionSubject.of(customer: nil, session: session))
        if event.hidesSomething { throw .sealed(path) }
        return event
    }

    /// What an event of this type says, and the members that say it.
    private static func content(
        _ type: String, _ members: ReportMembers
    ) throws(ReportFlaw) -> (EventContent, Set<String>) {
        switch type {
        case "message":
            let participant = try members.nested("participant")
            try participant?.allow(only: ["id", "name"])
            let message = MessageContent(
                text: try members.value("text"), participant: try participant?.optionalName("id"),
                name: participant?["name"])
            return (.message(message), ["text", "participant"])
        case "tool_called":
            let call = ToolCall(
                tool: try members.name("tool"), arguments: try members.value("arguments"),
                result: try members.value("result"))
            return (.toolCalls([call], detail: nil), ["tool", "arguments", "result"])
        case "input_collected":
            let input = CollectedInput(
                name: try members.name("name"), value: try members.value("value"),
                journey: try members.optionalName("journey"),
                state: try members.optionalName("state").map { ElementID($0) })
            return (.input(input), ["name", "value", "journey", "state"])
        case "custom": return (.custom(try members.value("data")), ["data"])
        case "turn_started", "turn_completed", "turn_failed", "turn_cancelled", "moved":
            return (.status(try status(type, members)), ["positions", "error"])
        default: return (.other(members.rest(without: envelope) ?? [:]), Set(members.object.keys))
        }
    }

    private static func status(_ type: String, _ members: ReportMembers) throws(ReportFlaw) -> StatusContent {
        if type != "moved", members["turn"] == nil { throw .missing(members.path["turn"]) }
        let positions = try positions(members)
        switch type {
        case "turn_completed":
            return StatusContent(status: ParlantWords.ready, stage: ParlantWords.completed, positions: positions)
        case "turn_failed":
            return StatusContent(status: ParlantWords.error, error: try error(members))
        case "turn_cancelled": return StatusContent(status: ParlantWords.cancelled)
        case "moved": return StatusContent(status: ParlantWords.moved, positions: positions)
        default: return StatusContent(status: "processing")
        }
    }

    private static func error(_ members: ReportMembers) throws(ReportFlaw) -> String {
        let name = try members.optionalName("error") ?? ParlantWords.error
        guard name.utf8.count <= SessionLimits.errorBytes else {
            throw .tooLong(members.path["error"], bytes: name.utf8.count, limit: SessionLimits.errorBytes)
        }
        return name
    }

    private static func positions(_ members: ReportMembers) throws(ReportFlaw) -> [StatePosition] {
        var positions: [StatePosition] = []
        for (value, path) in try members.elements("positions", limit: SessionLimits.matches) {
            let position = try ReportMembers(value, at: path)
            try position.allow(only: ["journey", "state"])
            positions.append(
                StatePosition(
                    journey: try position.name("journey"),
                    state: try position.optionalName("state").map { ElementID($0) }))
        }
        return positions
    }
}

extension ReportMembers {
    /// The member `key`, whatever it is.
    fileprivate func value(_ key: String) throws(ReportFlaw) -> JSONValue {
        guard let value = object[key] else { throw .missing(path[key]) }
        return value
    }
}
