import EventModel
import StandInDoor

extension StandIn {
    /// Does what is ordered.
    mutating func carryOut(_ order: Order) -> Reply {
        let path = order.path
        switch (order.method, path.first, path.count) {
        case ("PUT", "lockstep", 3) where path[1] == "journeys": return create(path[2], order)
        case ("PATCH", "lockstep", 3) where path[1] == "journeys": return change(path[2], order)
        case ("DELETE", "journeys", 2): return delete(journey: path[1])
        case ("PUT", "lockstep", 4) where path[1] == "sessions" && path[3] == "execution":
            return bind(path[2], order)
        case ("POST", "lockstep", 4) where path[1] == "sessions" && path[3] == "state": return force(path[2], order)
        case ("POST", "agents", 1): return hire(order)
        case ("DELETE", "agents", 2):
            return agents.removeValue(forKey: path[1]) == nil ? .detail(404, "Item '\(path[1])' not found") : .empty
        case ("POST", "sessions", 1): return open(order)
        case ("PATCH", "sessions", 2): return amend(path[1], order)
        case ("DELETE", "sessions", 2):
            guard sessions[path[1]] != nil else { return .noSession(path[1]) }
            remove(path[1])
            return .empty
        case ("POST", "sessions", 3) where path[2] == "events": return post(path[1], order)
        case ("DELETE", "sessions", 3) where path[2] == "events": return rewind(path[1], order)
        case ("POST", "_stand_in", 2) where path[1] == "turns": return act(order)
        default: return .unknown
        }
    }
}

// MARK: Journeys

extension StandIn {
    private mutating func create(_ id: String, _ order: Order) -> Reply {
        do throws(KeptJourney.Flaw) {
            let journey = try KeptJourney(order.body)
            if let present = journeys[id] {
                guard present.holds(journey) else { return Self.taken(present) }
                return Reply(200, present.whole(id, changed: false))
            }
            if let flaw = shared(journey, id) { return flaw }
            guard journeys.count < Self.journeyLimit else { return .detail(500, "too many journeys") }
            journeys[id] = journey
            return Reply(201, journey.whole(id, changed: true))
        } catch {
            return .invalid(error.problems)
        }
    }

    private mutating func change(_ id: String, _ order: Order) -> Reply {
        guard let present = journeys[id] else { return .missing("journey", id) }
        guard let expected = order.match ?? order.body["expected_version"]?.string else {
            return .module(428, "no_expected_version", "say which version is to be changed")
        }
        do throws(KeptJourney.Flaw) {
            let changed = try present.changed(by: order.body)
            guard !present.holds(changed) else { return Reply(200, present.whole(id, changed: false)) }
            guard expected == present.version || expected == "*" else {
                return .module(
                    409, "conflict", "the journey has changed",
                    ["version": .string(present.version), "expected": .string(expected)])
            }
            if let flaw = shared(changed, id) { return flaw }
            journeys[id] = changed
            return Reply(200, changed.whole(id, changed: true))
        } catch {
            return .invalid(error.problems)
        }
    }

    private mutating func delete(journey id: String) -> Reply {
        journeys.removeValue(forKey: id) == nil ? .detail(404, "Journey not found (id='\(id)')") : .empty
    }

    private static func taken(_ present: KeptJourney) -> Reply {
        .module(409, "exists", "another journey has this id", ["version": .string(present.version)])
    }

    /// Ids of nodes are those of the whole server.
    private func shared(_ journey: KeptJourney, _ id: String) -> Reply? {
        let ids = journey.nodeIDs
        for (other, kept) in journeys.sorted(by: { $0.key < $1.key }) where other != id {
            guard let node = kept.nodeIDs.intersection(ids).sorted().first else { continue }
            return .invalid([("taken", "nodes", "journey \(other) has a node \(node)")])
        }
        return nil
    }
}

// MARK: Sessions

extension StandIn {
    private mutating func hire(_ order: Order) -> Reply {
        guard let name = order.body["name"]?.string, !name.isEmpty else { return .detail(422, "Missing 'name'") }
        let id = order.body["id"]?.string ?? newID()
        agents[id] = name
        return Reply(201, Self.agent(id, name))
    }

    static func agent(_ id: String, _ name: String) -> JSONValue {
        [
            "id": .string(id), "name": .string(name), "description": .null, "max_engine_iterations": 3,
            "composition_mode": "fluid", "message_output_mode": "block", "tags": [],
        ]
    }

    private mutating func open(_ order: Order) -> Reply {
        let agent = order.body["agent_id"]?.string ?? ""
        guard agents[agent] != nil else { return .detail(404, "Item '\(agent)' not found") }
        guard sessions.count < Self.sessionLimit else { return .detail(500, "too many sessions") }
        let session = Conversation(
            id: newID(), agent: agent, customer: order.body["customer_id"]?.string ?? "guest",
            title: order.body["title"]?.string, metadata: order.body["metadata"]?.object ?? JSONObject(), at: now)
        sessions[session.id] = session
        return Reply(201, session.description)
    }

    private mutating func amend(_ id: String, _ order: Order) -> Reply {
        guard sessions[id] != nil else { return .noSession(id) }
        if let mode = order.body["mode"] {
            guard let mode = mode.string, ["auto", "manual"].contains(mode) else {
                return .detail(422, "mode is auto or manual")
            }
            sessions[id]?.mode = mode
        }
        return Reply(200, sessions[id]?.description ?? .null)
    }

    private mutating func bind(_ id: String, _ order: Order) -> Reply {
        guard let session = sessions[id] else { return .missing("session", id) }
        guard let execution = order.body["execution"]?.string, !execution.isEmpty else {
            return .invalid([("type", "execution", "execution is a text")])
        }
        if let present = session.execution, present != execution {
            return .module(
                409, "bound", "the session belongs to another execution", ["execution": .string(present)])
        }
        sessions[id]?.metadata["lockstep_execution_id"] = .string(execution)
        return Reply(session.execution == nil ? 201 : 200, sessions[id]?.place(journeys, showing: 20) ?? .null)
    }

    private mutating func force(_ id: String, _ order: Order) -> Reply {
        let wanted: [String: [String?]]
        switch indexes(order.body["journey_paths"]?.object) {
        case .failure(let refusal): return refusal.reply
        case .success(let indexes): wanted = indexes
        }
        guard var session = sessions[id] else { return .missing("session", id) }
        guard !session.isBusy else {
            return .module(409, "turn_in_progress", "a turn is under way; its state is not written yet")
        }
        let paths = session.paths.merging(wanted) { $1 }
        // Else it is there already, perhaps by a request whose answer was lost.
        if paths != session.paths {
            let trace = session.states.last.map { JSONValue.string($0.trace) } ?? .null
            let isElsewhere = order.body["expected_trace"].map { $0 != trace } ?? false
            let hasMoved = order.body["expected_offset"].map { $0.int != session.nextOffset } ?? false
            guard !isElsewhere, !hasMoved else {
                return .module(
                    409, "moved_on", "the session is not where it was expected to be",
                    ["last_trace_id": trace, "next_offset": .number(JSONNumber(session.nextOffset))])
            }
            session.force(paths, trace: "lockstep-" + newTrace())
            sessions[id] = session
        }
        return Reply(200, session.place(journeys, showing: Self.shown(order.query)))
    }

    /// How many states are to be shown.
    static func shown(_ query: [String: String]) -> Int {
        min(max(query["states"].flatMap { Int($0) } ?? 20, 1), 1_000)
    }

    private struct Refusal: Error { let reply: Reply }

    /// Paths of states, in the engine's numbers.
    private func indexes(_ paths: JSONObject?) -> Result<[String: [String?]], Refusal> {
        guard let paths, !paths.isEmpty else {
            return .failure(Refusal(reply: .invalid([("type", "journey_paths", "at least one journey is needed")])))
        }
        var indexes: [String: [String?]] = [:]
        var problems: [(code: String, place: String, detail: String)] = []
        for member in paths.members {
            guard let journey = journeys[member.key] else {
                return .failure(Refusal(reply: .missing("journey", member.key)))
            }
            guard let path = member.value.array else {
                problems.append(("type", "journey_paths.\(member.key)", "a list of states is needed"))
                continue
            }
            for (at, state) in path.enumerated() {
                let place = "journey_paths.\(member.key)[\(at)]"
                if state == .null {
                    if at != path.count - 1 { problems.append(("early_leave", place, "null can only come last")) }
                } else if state.string.flatMap({ journey.index.index(of: ElementID($0)) }) == nil || state == "end" {
                    problems.append(("unknown_node", place, "no state that the journey can reach"))
                }
            }
            indexes[member.key] = path.map {
                $0.string.flatMap { journey.index.index(of: ElementID($0)) }.map(String.init)
            }
        }
        return problems.isEmpty ? .success(indexes) : .failure(Refusal(reply: .invalid(problems)))
    }
}

// MARK: Events

extension StandIn {
    private mutating func post(_ id: String, _ order: Order) -> Reply {
        guard var session = sessions[id] else { return .noSession(id) }
        guard session.nextOffset < Self.eventLimit else { return .detail(500, "too many events") }
        let body = order.body
        let event: JSONValue
        switch (body["kind"]?.string, body["source"]?.string) {
        case ("custom", let source):
            guard let data = body["data"], !data.isTakenForMissing else {
                return .detail(422, "Missing 'data' field for custom event")
            }
            event = session.add(
                "custom", source.flatMap(Conversation.Voice.init) ?? .system, data, trace: newTrace(),
                metadata: body["metadata"] ?? [:], at: now)
        case ("message", "customer"):
            guard let text = body["message"]?.string, !text.isEmpty else { return .detail(422, "Missing 'message'") }
            let trace = newTrace()
            event = session.say(text, .customer, trace: trace, at: now)
            // Without a model, nothing said here leads anywhere; a turn that does is ordered under /_stand_in.
            if session.mode == "auto", !session.isBusy, agents[session.agent] != nil {
                begin(Conversation.Outcome(), in: &session, trace: trace)
            }
        case ("message", "human_agent"):
            guard let text = body["message"]?.string, !text.isEmpty else { return .detail(422, "Missing 'message'") }
            event = session.say(text, .person, trace: newTrace(), at: now)
        default: return .detail(422, "Only custom events and messages of customers and people are taken here")
        }
        sessions[id] = session
        return Reply(201, event)
    }

    private mutating func rewind(_ id: String, _ order: Order) -> Reply {
        guard sessions[id] != nil else { return .noSession(id) }
        guard let offset = order.query["min_offset"].flatMap({ Int($0) }), sessions[id]?.rewind(to: offset) == true
        else {
            return .detail(
                422,
                "Cannot delete events with offset < min_offset unless they are the first event of their trace ID")
        }
        return .empty
    }

    /// A customer acts, and this is what a model would make of it.
    private mutating func act(_ order: Order) -> Reply {
        let id = order.body["session"]?.string ?? ""
        guard var session = sessions[id] else { return .noSession(id) }
        guard !session.isBusy else { return .module(409, "turn_in_progress", "a turn is under way") }
        guard session.mode == "auto" else { return .module(409, "manual", "a person has taken the session over") }
        guard session.nextOffset < Self.eventLimit else { return .detail(500, "too many events") }
        var outcome = Conversation.Outcome()
        if let journey = order.body["journey"]?.string {
            guard let kept = journeys[journey] else { return .missing("journey", journey) }
            let state = order.body["state"]?.string
            guard state.map({ kept.index.index(of: ElementID($0)) != nil }) ?? true else {
                return .invalid([("unknown_node", "state", "no state that the journey can reach")])
            }
            outcome.move = Conversation.Outcome.Move(journey: journey, state: state)
        }
        for key in ["values", "inputs"] { outcome.told[key] = order.body[key] }
        outcome.fails = order.body["fails"]?.bool ?? false
        let trace = newTrace()
        session.say(order.body["message"]?.string ?? "Go on.", .customer, trace: trace, at: now)
        begin(outcome, in: &session, trace: trace)
        sessions[id] = session
        return Reply(200, ["trace_id": .string(trace)])
    }
}

extension JSONValue {
    /// Parlant takes what Python takes for false as if it had not been sent.
    fileprivate var isTakenForMissing: Bool {
        switch self {
        case .null: true
        case .bool(let value): !value
        case .number(let number): number.double == 0
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let object): object.isEmpty
        }
    }
}
