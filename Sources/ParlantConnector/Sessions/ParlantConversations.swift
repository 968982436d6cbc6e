import EventModel
import EventSourcing
import HTTPDriver

/// The sessions of a Parlant server, for whoever follows them.
public struct ParlantConversations: ConversationServer {
    /// The server.
    private let connector: ParlantConnector

    /// The sessions that `connector` reaches.
    public init(_ connector: ParlantConnector) { self.connector = connector }

    /// As the protocol says.
    public func survey() async throws(ConversationServerError) -> ConversationSurvey {
        do throws(ParlantError) { return try await connector.survey() } catch { throw ConversationServerError(error) }
    }

    /// As the protocol says.
    ///
    /// What the session is comes first and its events last: whatever it was said to be or to have reached is covered by the events, and when
    /// no turn was under way before they were listed, all that belongs to the turns so far is among them.
    public func look(
        at conversation: String, from offset: Int
    ) async throws(ConversationServerError) -> ConversationLook? {
        do throws(ParlantError) {
            let description = try await connector.description(of: conversation)
            let state = try await connector.state(of: conversation, showing: ParlantLimits.statesKept)
            return try Self.look(
                description, state, try await connector.events(of: conversation, from: offset), from: offset)
        } catch .notFound(.session) {
            return nil
        } catch {
            throw ConversationServerError(error)
        }
    }

    private static func look(
        _ description: JSONValue, _ state: ParlantSessionState, _ events: SessionEvents, from offset: Int
    ) throws(ParlantError) -> ConversationLook? {
        let page: EventPage?
        switch events {
        case .some(let listed): page = listed
        case .none: page = nil
        case .sessionGone: return nil
        }
        let isCut = page?.isCut ?? false
        let listed = page.map { $0.next - 1 } ?? offset - 1
        return ConversationLook(
            description: description, from: offset, events: try (page?.events ?? []).map(Self.event),
            through: isCut ? listed : max(listed, state.place.nextOffset - 1), isCut: isCut,
            standing: standing(state), isQuiet: !state.isBusy)
    }

    private static func event(_ content: JSONValue) throws(ParlantError) -> ConversationLook.Event {
        guard let offset = content["offset"]?.int, let id = content["id"]?.string else {
            throw .malformed(what: "an event without an offset or an id")
        }
        return ConversationLook.Event(offset: offset, id: id, content: content)
    }

    /// Agent states count as a whole: where the server has more than it answers, what the events say has to do.
    private static func standing(_ state: ParlantSessionState) -> JSONObject {
        var members = JSONObject()
        guard state.stateCount == state.states.count else { return members }
        members["agent_states"] = state.original["agent_states"]
        return members
    }
}

extension ParlantConnector {
    /// Which sessions there are, each with a mark that is another one whenever the session has changed. Metadata that are added to an event
    /// later do not change it.
    ///
    /// - Throws: ``ParlantError/moduleMissing`` also when the server has an older module.
    public func survey() async throws(ParlantError) -> ConversationSurvey {
        let value = try await requester.json(
            HTTPRequest(.get, ["lockstep", "sessions"]), .reads, about: .other("sessions"))
        guard let life = value["instance"]?.string, let members = value["marks"]?.object?.members else {
            throw .malformed(what: "a list of sessions without its parts")
        }
        return ConversationSurvey(
            life: life,
            marks: Dictionary(
                members.compactMap { member in member.value.string.map { (member.key, $0) } },
                uniquingKeysWith: { first, _ in first }))
    }

    /// What the session is, as Parlant tells it, without what its readers have read.
    public func description(of session: String) async throws(ParlantError) -> JSONValue {
        let request = try Requester.checked(HTTPRequest(.get, ["sessions", session]))
        let value = try await requester.json(request, .reads, about: .session(session))
        guard let object = value.object else { throw .malformed(what: "a session that is no object") }
        return .object(object.removing(["consumption_offsets"]))
    }
}

extension ConversationServerError {
    init(_ error: ParlantError) {
        switch error {
        case .cancelled: self = .cancelled
        case .unavailable(let reason): self = .unavailable(reason: reason)
        case .timedOut(let patience): self = .unavailable(reason: "no answer within \(patience)")
        // The server fails now and then, while it starts for instance; it is asked again, more and more seldom.
        case .refused(let status, let detail) where status >= 500:
            self = .unavailable(reason: "status \(status): \(detail)")
        case .unknownOutcome, .tooLarge, .malformed, .moduleMissing, .notFound, .conflict, .exists, .needsRecreation,
            .movedOn, .turnInProgress, .bound, .manualMode, .invalid, .refused:
            self = .refused(reason: error.description)
        }
    }
}
