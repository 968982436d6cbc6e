import EventModel

/// A server that holds conversations, for whoever follows them. Implementations agree on every sentence here.
public protocol ConversationServer: Sendable {
    /// All conversations there are, seen at one moment.
    func survey() async throws(ConversationServerError) -> ConversationSurvey

    /// What a conversation says from an offset on.
    ///
    /// - Returns: `nil` when there is no such conversation.
    /// - Throws: ``ConversationServerError/refused(reason:)`` when the answer cannot be used, which says nothing about other conversations.
    func look(at conversation: String, from offset: Int) async throws(ConversationServerError) -> ConversationLook?
}

/// All conversations of a server at one moment.
public struct ConversationSurvey: Sendable, Hashable {
    /// Another text after each start of the server. What is missing in another life than the one in which it was seen may have been lost
    /// with the server's memory; in the same life somebody has deleted it.
    public let life: String
    /// For each conversation a text that is another one whenever anything about the conversation is.
    public let marks: [String: String]

    /// A survey by its parts.
    public init(life: String, marks: [String: String]) {
        self.life = life
        self.marks = marks
    }
}

/// What a conversation says from an offset on, and what else is known of it.
public struct ConversationLook: Sendable, Equatable {
    /// One event of a conversation.
    public struct Event: Sendable, Equatable {
        /// Its place; places that are missing in between were deleted.
        public let offset: Int
        /// The server's name for it.
        public let id: String
        /// The event as the server tells it.
        public let content: JSONValue

        /// An event by its parts.
        public init(offset: Int, id: String, content: JSONValue) {
            self.offset = offset
            self.id = id
            self.content = content
        }
    }

    /// What the conversation is, as the server tells it.
    public let description: JSONValue
    /// The offset from which on events were asked for.
    public let from: Int
    /// The events, by offset.
    public let events: [Event]
    /// The last offset that the answer covers: what is missing up to there was deleted. Less than ``from`` when it covers none.
    public let through: Int
    /// Whether there are events behind ``through``.
    public let isCut: Bool
    /// Where the conversation stands in its journeys: members of a report.
    public let standing: JSONObject
    /// Whether no turn is under way: nothing that belongs to the turns of ``events`` comes any more.
    public let isQuiet: Bool

    /// A look by its parts.
    public init(
        description: JSONValue, from: Int, events: [Event], through: Int, isCut: Bool = false,
        standing: JSONObject = JSONObject(), isQuiet: Bool = true
    ) {
        self.description = description
        self.from = from
        self.events = events
        self.through = through
        self.isCut = isCut
        self.standing = standing
        self.isQuiet = isQuiet
    }
}

/// Why a server does not tell.
public enum ConversationServerError: Error, Sendable, Hashable {
    /// For the moment; it is asked again.
    case unavailable(reason: String)
    /// Somebody has to look.
    case refused(reason: String)
    /// The caller's task was cancelled.
    case cancelled
}

extension ConversationServerError: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .unavailable(let reason): "the server is not available (\(reason)); trying again"
        case .refused(let reason): "the server's answer cannot be used: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}
