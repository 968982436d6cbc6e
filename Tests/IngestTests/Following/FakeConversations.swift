import EventModel
import EventSourcing
import Foundation
import Synchronization

/// A server of conversations in memory, which behaves as Parlant does: offsets are never given again, a restart may forget everything, a
/// failed turn says that it is ready before it says that it has failed.
final class FakeConversations: ConversationServer {
    struct Event: Sendable {
        let offset: Int
        let id: String
        let content: JSONValue
    }

    struct Conversation: Sendable {
        var events: [Event] = []
        var next = 0
        var isBusy = false
        var states: [JSONValue] = []
        var metadata: JSONValue = [:]
    }

    private struct State {
        var life = 1
        var conversations: [String: Conversation] = [:]
        /// How many of the next questions are not answered.
        var silent = 0
        var refused: Set<String> = []
        var surveys = 0
        var calls: [String] = []
    }

    private let state = Mutex(State())

    /// How often it was asked for a survey.
    var surveys: Int { state.withLock(\.surveys) }
    /// Which looks it was asked for: `<conversation>@<offset>`.
    var calls: [String] { state.withLock(\.calls) }
    /// A survey that nobody asked for.
    var presentSurvey: ConversationSurvey { state.withLock { Self.survey($0) } }

    func survey() async throws(ConversationServerError) -> ConversationSurvey {
        try answer { state in
            state.surveys += 1
            return Self.survey(state)
        }
    }

    func look(at conversation: String, from offset: Int) async throws(ConversationServerError) -> ConversationLook? {
        let isRefused = state.withLock { $0.refused.contains(conversation) }
        guard !isRefused else { throw .refused(reason: "a test") }
        return try answer { state in
            state.calls.append("\(conversation)@\(offset)")
            return state.conversations[conversation].map { Self.look(conversation, $0, from: offset) }
        }
    }

    private func answer<Answer>(_ body: (inout State) -> Answer) throws(ConversationServerError) -> Answer {
        let answer: Answer? = state.withLock { state in
            guard state.silent == 0 else {
                state.silent -= 1
                return nil
            }
            return body(&state)
        }
        guard let answer else { throw .unavailable(reason: "a test") }
        return answer
    }

    private static func survey(_ state: State) -> ConversationSurvey {
        ConversationSurvey(
            life: "life \(state.life)",
            marks: state.conversations.mapValues {
                "\($0.next) \($0.events.count) \($0.states.count) \($0.isBusy) \($0.metadata.canonicalBytes())"
            })
    }

    private static func look(_ id: String, _ conversation: Conversation, from offset: Int) -> ConversationLook {
        let events = conversation.events.filter { $0.offset >= offset }
        return ConversationLook(
            description: [
                "id": .string(id), "agent_id": "a", "customer_id": "c", "creation_utc": "2026-01-01T00:00:00Z",
                "mode": "auto", "metadata": conversation.metadata, "labels": [],
            ], from: offset,
            events: events.map { ConversationLook.Event(offset: $0.offset, id: $0.id, content: $0.content) },
            through: max(offset - 1, conversation.next - 1),
            standing: JSONObject([.init(key: "agent_states", value: .array(conversation.states))]),
            isQuiet: !conversation.isBusy)
    }
}

// MARK: What happens there

extension FakeConversations {
    func change(_ id: String, _ body: (inout Conversation) -> Void) {
        state.withLock { body(&$0.conversations[id, default: Conversation()]) }
    }

    func remove(_ id: String) { state.withLock { $0.conversations[id] = nil } }
    func beSilent(_ questions: Int) { state.withLock { $0.silent = questions } }
    func refuse(_ id: String) { state.withLock { _ = $0.refused.insert(id) } }

    /// Another life; what is forgotten is gone.
    func restart(forgetting forgotten: [String] = []) {
        state.withLock { state in
            state.life += 1
            for id in forgotten { state.conversations[id] = nil }
        }
    }

    func say(_ id: String, _ count: Int = 1) {
        for _ in 0..<count {
            change(id) { $0.add(id, "message", "customer", trace: nil, ["message": "hello"]) }
        }
    }

    /// The engine begins a turn.
    func beginTurn(_ id: String, _ trace: String) {
        change(id) { conversation in
            conversation.isBusy = true
            conversation.add(id, "message", "customer", trace: trace, ["message": "go on"])
            conversation.add(id, "status", "ai_agent", trace: trace, ["status": "processing", "data": [:]])
        }
    }

    /// It says that it is ready, and what it has matched.
    func beReady(_ id: String, _ trace: String, in state: String?) {
        let states: JSONValue = state.map { [["id": .string($0)]] } ?? []
        let journeys: JSONValue = state == nil ? [] : [["id": "j"]]
        change(id) { conversation in
            conversation.add(
                id, "status", "ai_agent", trace: trace,
                [
                    "status": "ready",
                    "data": [
                        "stage": "completed", "matched_guidelines": [], "matched_journeys": journeys,
                        "matched_journey_states": states,
                    ],
                ])
        }
    }

    func fail(_ id: String, _ trace: String) {
        change(id) { $0.add(id, "status", "ai_agent", trace: trace, ["status": "error", "data": [:]]) }
    }

    /// The turn is over; a state is written unless it failed.
    func endTurn(_ id: String, _ trace: String, at index: String?) {
        change(id) { conversation in
            conversation.isBusy = false
            guard let index else { return }
            conversation.states.append([
                "trace_id": .string(trace), "applied_guideline_ids": [],
                "journey_paths": ["j": ["indexes": [.string(index)], "node_ids": [.string("state \(index)")]]],
            ])
        }
    }

    func rewind(_ id: String, to offset: Int) { change(id) { $0.events.removeAll { $0.offset >= offset } } }
}

extension FakeConversations.Conversation {
    mutating func add(_ conversation: String, _ kind: String, _ source: String, trace: String?, _ data: JSONValue) {
        let id = "\(conversation)-\(next)"
        events.append(
            FakeConversations.Event(
                offset: next, id: id,
                content: [
                    "id": .string(id), "source": .string(source), "kind": .string(kind),
                    "offset": .number(JSONNumber(next)), "creation_utc": "2026-01-01T00:00:01Z",
                    "trace_id": .string(trace ?? id), "correlation_id": .string(trace ?? id), "data": data,
                    "metadata": [:], "deleted": false,
                ]))
        next += 1
    }
}
