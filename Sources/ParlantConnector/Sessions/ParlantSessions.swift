import EventModel
import HTTPDriver
import JourneyDomain

extension ParlantConnector {
    /// Opens a session and answers its id. Not repeatable: after ``ParlantError/unknownOutcome(reason:)`` there may be one more session.
    public func openSession(
        agent: String, customer: String? = nil, title: String? = nil, execution: String? = nil
    ) async throws(ParlantError) -> String {
        var body = JSONObject()
        body["agent_id"] = .string(agent)
        body["customer_id"] = customer.map(JSONValue.string)
        body["title"] = title.map(JSONValue.string)
        body["metadata"] = execution.map { ["lockstep_execution_id": .string($0)] }
        let value = try await requester.json(
            Requester.checked(HTTPRequest(.post, ["sessions"], json: .object(body))), .doubles,
            about: .other("agent \(agent)"))
        guard let id = value["id"]?.string else { throw .malformed(what: "a session without an id") }
        return id
    }

    /// Removes the session with its events.
    /// - Returns: whether there was one.
    @discardableResult
    public func closeSession(_ session: String) async throws(ParlantError) -> Bool {
        do throws(ParlantError) {
            let request = try Requester.checked(HTTPRequest(.delete, ["sessions", session]))
            _ = try await requester.json(request, .settles, about: .session(session))
            return true
        } catch .notFound {
            return false
        }
    }

    /// Where the session stands.
    ///
    /// - Parameter settling: how long to wait for a turn that is under way. The engine says `ready` before it writes where it is, so a
    ///   look right behind that event may otherwise see the place before the turn.
    /// - Parameter shown: how many of the latest agent states are answered, at most ``ParlantLimits/statesKept``.
    public func state(
        of session: String, settling: Duration = .zero, showing shown: Int = ParlantLimits.statesShown
    ) async throws(ParlantError) -> ParlantSessionState {
        let wait = min(max(settling, .zero), ParlantLimits.longestSettling)
        let request = try Requester.checked(
            HTTPRequest(
                .get, ["lockstep", "sessions", session, "state"],
                query: Self.stateQuery(wait, showing: min(max(1, shown), ParlantLimits.statesKept))))
        return try ParlantSessionState(
            try await requester.json(request, .reads, about: .session(session), waiting: wait))
    }

    /// Sets the session's paths in some journeys, by state; `nil` in the last place leaves the journey. Repeating it changes nothing.
    /// The engine goes on from there in its next turn.
    ///
    /// - Parameter place: what the session was when this was decided; compared under the server's lock, together with the write.
    /// - Throws: ``ParlantError/movedOn(_:)`` when it is elsewhere; ``ParlantError/turnInProgress``; ``ParlantError/invalid(_:)`` with
    ///   states that the journey cannot reach.
    @discardableResult
    public func force(
        _ session: String, paths: [JourneyID: [ElementID?]], ifAt place: SessionPlace, settling: Duration = .zero
    ) async throws(ParlantError) -> ParlantSessionState {
        let wait = min(max(settling, .zero), ParlantLimits.longestSettling)
        let members = paths.sorted { $0.key.text < $1.key.text }.map { id, path in
            JSONObject.Member(key: id.text, value: .array(path.map { $0.map { .string($0.text) } ?? .null }))
        }
        let body: JSONValue = [
            "journey_paths": .object(JSONObject(members)),
            "expected_offset": .number(JSONNumber(place.nextOffset)),
            "expected_trace": place.trace.map(JSONValue.string) ?? .null,
        ]
        let request = try Requester.checked(
            HTTPRequest(
                .post, ["lockstep", "sessions", session, "state"], query: Self.stateQuery(wait), json: body))
        return try ParlantSessionState(
            try await requester.json(request, .settles, about: .session(session), waiting: wait))
    }

    /// Ties the session to an execution, for good. Parlant's own answers show it as the session's metadata
    /// `lockstep_execution_id`. Repeating it changes nothing.
    /// - Throws: ``ParlantError/bound(execution:)`` when it belongs to another.
    @discardableResult
    public func bind(_ session: String, to execution: String) async throws(ParlantError) -> ParlantSessionState {
        let request = try Requester.checked(
            HTTPRequest(
                .put, ["lockstep", "sessions", session, "execution"], json: ["execution": .string(execution)]))
        return try ParlantSessionState(try await requester.json(request, .settles, about: .session(session)))
    }

    /// Says who answers the customer. Messages that came while a person did are not answered afterwards.
    public func setMode(of session: String, to mode: ParlantSessionState.Mode) async throws(ParlantError) {
        let request = try Requester.checked(
            HTTPRequest(.patch, ["sessions", session], json: ["mode": .string(mode.rawValue)]))
        _ = try await requester.json(request, .settles, about: .session(session))
    }

    private static func stateQuery(
        _ wait: Duration, showing shown: Int = ParlantLimits.statesShown
    ) -> [HTTPRequest.QueryItem] {
        [.init("states", String(shown)), .init("wait", String(wait.components.seconds))]
    }
}
