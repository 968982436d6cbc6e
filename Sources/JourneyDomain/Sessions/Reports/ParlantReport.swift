import EventModel

/// Parlant's answers about one session, gathered in one object under `session_id`. The answer of `GET …/state` is one as it is.
struct ParlantReport {
    private static let known: Set<String> = [
        "session_id", "observed_at", "event", "events", "listing", "session", "agent_states", "mode", "labels",
        "rewound", "renumbered", "quiet_through", "deleted",
    ]
    private let members: ReportMembers
    private let observedAt: Timestamp

    init(_ members: ReportMembers, receivedAt: Timestamp) throws(ReportFlaw) {
        try members.allow(only: Self.known)
        self.members = members
        observedAt = try members.moment("observed_at") ?? receivedAt
    }

    /// What the session is comes first, because it says whose data the rest is; deletions come behind the events that they delete.
    func report() throws(ReportFlaw) -> SessionReport {
        let session = try members.streamKey("session_id")
        var inputs: [SessionInput] = []
        var execution: String?
        if let nested = try members.nested("session") {
            let description = try Self.description(nested, observedAt: observedAt)
            guard description.session == session else {
                throw .outOfRange(nested.path["id"], value: description.session)
            }
            execution = Self.execution(of: description)
            inputs.append(.description(description))
        }
        inputs += try renumberings()
        let events = try events(of: session)
        inputs += events
        inputs += try deletions(among: events)
        inputs += try agentStates()
        if let offset = try members.optionalOffset("quiet_through") { inputs.append(.quiet(through: offset)) }
        if try members.flag("deleted") { inputs.append(.ended(SessionClosing(reason: .deleted, at: observedAt))) }
        return SessionReport(engine: SessionReport.parlant, session: session, execution: execution, inputs: inputs)
    }

    private func events(of session: String) throws(ReportFlaw) -> [SessionInput] {
        var values = try members.elements("events", limit: SessionLimits.reportedEvents)
        if let single = members["event"] { values.append((single, members.path["event"])) }
        var inputs: [SessionInput] = []
        for (value, path) in values {
            let (event, isDeleted) = try ParlantEvent.read(value, of: session, at: path)
            inputs.append(.event(event, isDeleted: isDeleted, observedAt: observedAt))
        }
        return inputs
    }

    private func deletions(among events: [SessionInput]) throws(ReportFlaw) -> [SessionInput] {
        var inputs: [SessionInput] = []
        if let listing = try members.nested("listing") {
            try listing.allow(only: ["from", "through"])
            let offsets = events.compactMap { input -> Int? in
                guard case .event(let event, false, _) = input else { return nil }
                return event.envelope.offset
            }
            let from = try listing.offset("from")
            if let through = try listing.optionalOffset("through") ?? offsets.max() {
                inputs.append(.listing(from: from, through: through, offsets: offsets, observedAt: observedAt))
            }
        }
        if let rewound = try members.nested("rewound") {
            try rewound.allow(only: ["from", "before"])
            // Parlant accepts a negative offset for the first one.
            let isNegative = rewound["from"]?.number?.lexeme.first == "-"
            inputs.append(
                .rewound(
                    from: isNegative ? 0 : try rewound.offset("from"), before: try rewound.optionalOffset("before"),
                    observedAt: observedAt))
        }
        return inputs
    }

    private func renumberings() throws(ReportFlaw) -> [SessionInput] {
        guard let renumbered = try members.nested("renumbered") else { return [] }
        try renumbered.allow(only: ["journey", "states", "since"])
        guard let states = try renumbered.nested("states") else { throw .missing(renumbered.path["states"]) }
        guard states.object.count <= SessionLimits.numberedStates else {
            throw .tooMany(states.path, count: states.object.count, limit: SessionLimits.numberedStates)
        }
        var numbers: [String: ElementID] = [:]
        for index in states.object.keys { numbers[index] = ElementID(try states.name(index)) }
        return [
            .renumbered(
                JourneyNumbering(
                    journey: try renumbered.name("journey"), since: try renumbered.moment("since") ?? observedAt,
                    states: numbers))
        ]
    }
}

extension ParlantReport {
    private func agentStates() throws(ReportFlaw) -> [SessionInput] {
        var inputs: [SessionInput] = []
        if let mode = try members.optionalName("mode") {
            inputs.append(.mode(SessionMode(mode), observedAt: observedAt))
        }
        guard members["agent_states"] != nil else { return inputs }
        var answer: [AgentPaths] = []
        for (value, path) in try members.elements("agent_states", limit: SessionLimits.pathSteps) {
            answer.append(try Self.agentState(try ReportMembers(value, at: path)))
        }
        return inputs + [.agentStates(answer, observedAt: observedAt)]
    }

    private static func agentState(_ members: ReportMembers) throws(ReportFlaw) -> AgentPaths {
        guard let paths = try members.nested("journey_paths") else { throw .missing(members.path["journey_paths"]) }
        var journeys: [JourneyPath] = []
        for journey in paths.object.keys {
            // The server's own form is a list of indexes; the bridge adds what they mean.
            guard paths[journey]?.array == nil else {
                journeys.append(JourneyPath(journey: journey, indexes: try steps(journey, of: paths)))
                continue
            }
            guard let path = try paths.nested(journey) else { throw .missing(paths.path[journey]) }
            let states = try steps("node_ids", of: path).map { $0.map { ElementID($0) } }
            journeys.append(JourneyPath(journey: journey, indexes: try steps("indexes", of: path), states: states))
        }
        return AgentPaths(turn: try members.name("trace_id"), paths: journeys)
    }

    private static func steps(_ key: String, of members: ReportMembers) throws(ReportFlaw) -> [String?] {
        var steps: [String?] = []
        for (value, path) in try members.elements(key, limit: SessionLimits.pathSteps) {
            guard value.isNull || value.string != nil else {
                throw .wrongType(path, wanted: "a string or null", found: value.kind)
            }
            steps.append(value.string)
        }
        return steps
    }

    private static let described: Set<String> = [
        "id", "agent_id", "customer_id", "creation_utc", "title", "mode", "metadata", "labels",
    ]

    /// A session as `GET /sessions/{id}` answers it.
    static func description(
        _ members: ReportMembers, observedAt: Timestamp
    ) throws(ReportFlaw) -> SessionDescription {
        var labels: [String] = []
        for (value, path) in try members.elements("labels", limit: SessionLimits.matches) {
            guard let label = value.string else { throw .wrongType(path, wanted: "a string", found: value.kind) }
            labels.append(label)
        }
        let rest = members.rest(without: described)
        for (key, value) in [("title", members["title"]), ("metadata", members["metadata"]), ("", rest)] {
            if value?.isHidden == true { throw .sealed(key.isEmpty ? members.path : members.path[key]) }
        }
        return SessionDescription(
            engine: SessionReport.parlant, session: try members.streamKey("id"),
            agent: try members.optionalName("agent_id"), customer: try members.optionalName("customer_id"),
            mode: try members.optionalName("mode").map { SessionMode($0) },
            createdAt: try members.optionalName("creation_utc"), labels: labels, title: members["title"],
            metadata: members["metadata"]?.object?.nonEmpty
                ?? members["metadata"].flatMap { $0.object == nil ? $0 : nil },
            rest: rest, observedAt: observedAt)
    }

    /// The execution that a client has noted in the session's metadata.
    static func execution(of description: SessionDescription) -> String? {
        for key in ["lockstep_execution_id", "sim_execution_id"] {
            guard let id = description.metadata?[key]?.string, ReportMembers.isStreamKey(id) else { continue }
            return id
        }
        return nil
    }
}
