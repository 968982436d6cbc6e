import EventModel
import HTTPDriver

extension ParlantConnector {
    /// The events of the session from `offset` on; waits for some when there are none.
    ///
    /// It polls rather than streams: Parlant's stream answers 200 and nothing for a session that does not exist, and its events carry
    /// no mark of where they end.
    ///
    /// - Parameter wait: how long the server is to wait, in whole seconds, at most ``ParlantLimits/longestPoll``.
    public func events(
        of session: String, from offset: Int, waiting wait: Duration = .zero
    ) async throws(ParlantError) -> SessionEvents {
        let wait = min(max(wait, .zero), ParlantLimits.longestPoll)
        let from = max(0, offset)
        let request = try Requester.checked(
            HTTPRequest(
                .get, ["sessions", session, "events"],
                query: [
                    .init("min_offset", String(from)), .init("wait_for_data", String(wait.components.seconds)),
                ]))
        let answer = try await requester.answer(request, .reads, waiting: wait)
        switch answer.status {
        case 200:
            guard let listed = try Requester.value(answer).array else {
                throw .malformed(what: "events that are no list")
            }
            return listed.isEmpty ? .none : .some(try EventPage(session: session, from: from, listed: listed))
        case 504: return .none
        case 404: return .sessionGone
        default: throw Refusals.error(answer, about: .session(session))
        }
    }

    /// Adds an event of our own to the session; the engine does not react to it. Not repeatable.
    ///
    /// - Parameter data: must not be empty, zero or false: Parlant takes that for missing.
    /// - Returns: the event.
    @discardableResult
    public func postCustomEvent(
        _ data: JSONValue, metadata: JSONObject = JSONObject(), to session: String
    ) async throws(ParlantError) -> JSONValue {
        guard !Self.isEmpty(data) else {
            throw .invalid([
                ParlantProblem(code: "empty_data", place: "data", detail: "Parlant takes empty data for missing")
            ])
        }
        return try await post(
            ["kind": "custom", "source": "system", "data": data, "metadata": .object(metadata)], to: session)
    }

    /// Says something as the customer; in auto mode a turn begins. Not repeatable.
    ///
    /// In a session whose agent does not exist, for example after an SDK server was started again, Parlant takes the message and nothing
    /// ever follows; that is refused here.
    /// - Returns: the event.
    @discardableResult
    public func say(_ message: String, in session: String) async throws(ParlantError) -> JSONValue {
        let agent = try await state(of: session).agent
        _ = try await requester.json(
            Requester.checked(HTTPRequest(.get, ["agents", agent])), .reads, about: .other("agent \(agent)"))
        return try await post(
            ["kind": "message", "source": "customer", "message": .string(message)], to: session)
    }

    /// Asks the agent to say something now. Not repeatable.
    ///
    /// - Throws: ``ParlantError/manualMode`` in a session that a person has taken over: there Parlant would hang for a minute and fail.
    /// - Returns: the event that Parlant answers, a status.
    @discardableResult
    public func askAgentToSpeak(in session: String) async throws(ParlantError) -> JSONValue {
        guard try await state(of: session).mode == .auto else { throw .manualMode }
        return try await post(["kind": "message", "source": "ai_agent"], to: session)
    }

    /// Takes back everything from `offset` on. What was deleted keeps its offsets.
    ///
    /// - Parameter offset: the offset of the first event of a turn.
    /// - Throws: ``ParlantError/refused(status:detail:)`` with 422 when it is not.
    public func rewind(_ session: String, to offset: Int) async throws(ParlantError) {
        let request = try Requester.checked(
            HTTPRequest(
                .delete, ["sessions", session, "events"], query: [.init("min_offset", String(offset))]))
        _ = try await requester.json(request, .doubles, about: .session(session))
    }

    private func post(_ body: JSONValue, to session: String) async throws(ParlantError) -> JSONValue {
        let request = try Requester.checked(HTTPRequest(.post, ["sessions", session, "events"], json: body))
        return try await requester.json(request, .doubles, about: .session(session))
    }

    private static func isEmpty(_ data: JSONValue) -> Bool {
        switch data {
        case .null: true
        case .bool(let value): !value
        case .number(let number): number.double == 0
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let object): object.isEmpty
        }
    }
}
