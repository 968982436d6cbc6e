import EventModel
import EventSourcing

/// What is said of a conversation at a time, in the form of `Schemas/ingest/journey_session.parlant.v1.json`.
struct ConversationReport: Sendable, Equatable {
    /// What it tells.
    enum Subject: Sendable, Equatable {
        /// What the conversation is.
        case description
        /// Some of its events, and where it stands.
        case events
        /// That it is gone.
        case deletion
    }

    let conversation: String
    let subject: Subject
    let payload: JSONValue

    static func description(
        _ conversation: String, _ description: JSONValue, observedAt: Timestamp
    ) -> ConversationReport {
        ConversationReport(
            conversation, .description, [.init(key: "session", value: description)], observedAt: observedAt)
    }

    /// - Parameters:
    ///   - through: the last offset that is covered: what is missing from `from` on was deleted.
    ///   - look: says where the conversation stands, when these are its last events.
    static func events(
        _ conversation: String, _ events: ArraySlice<ConversationLook.Event>, from: Int, through: Int?,
        ending look: ConversationLook?, observedAt: Timestamp
    ) -> ConversationReport {
        var members: [JSONObject.Member] = []
        if !events.isEmpty { members.append(.init(key: "events", value: .array(events.map(\.content)))) }
        if let through, through >= from {
            let listing: JSONValue = ["from": .number(JSONNumber(from)), "through": .number(JSONNumber(through))]
            members.append(.init(key: "listing", value: listing))
        }
        if let look {
            members += look.standing.members
            if look.isQuiet, look.through >= 0 {
                members.append(.init(key: "quiet_through", value: .number(JSONNumber(look.through))))
            }
        }
        return ConversationReport(conversation, .events, members, observedAt: observedAt)
    }

    static func deletion(_ conversation: String, observedAt: Timestamp) -> ConversationReport {
        ConversationReport(conversation, .deletion, [.init(key: "deleted", value: true)], observedAt: observedAt)
    }

    /// The time makes every look another message: what a repeated look says again is recognised by what is known, not by its name.
    private init(
        _ conversation: String, _ subject: Subject, _ members: [JSONObject.Member], observedAt: Timestamp
    ) {
        self.conversation = conversation
        self.subject = subject
        payload = .object(
            JSONObject(
                [
                    .init(key: "session_id", value: .string(conversation)),
                    .init(key: "observed_at", value: .string(observedAt.description)),
                ] + members))
    }
}
