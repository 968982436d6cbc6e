import EventModel
import EventSourcing

extension FollowingMachine {
    /// What happened.
    enum Input: Sendable {
        /// The ledger has answered: bookmarks by conversation, and that of the server's life.
        case recalled([String: InboundBookmark], life: InboundBookmark?)
        /// The server has answered.
        case surveyed(ConversationSurvey, took: Duration)
        /// The server has answered for each conversation.
        case looked([String: LookAnswer])
        /// The log has taken in, or refused, the reports asked for: for each report the reason, in their order.
        case settled([(report: ConversationReport, rejection: InboundRejection?)])
        /// The bookmarks are where they were to be moved.
        case advanced
        /// Somebody else leads.
        case superseded
        /// The server did not answer.
        case serverAway(reason: String)
        /// The log did not answer; something may have been appended, or a bookmark moved.
        case logAway
        /// The pause is over.
        case waited
    }

    /// What the server says to a look.
    enum LookAnswer: Sendable {
        case seen(ConversationLook)
        /// There is no such conversation. The next survey tells why.
        case gone
        case refused(reason: String)
        case away(reason: String)
    }

    /// What to do next.
    enum Action: Sendable, Equatable {
        case recall
        case survey
        case look([Call])
        case settle([ConversationReport])
        case advance([ConversationMove])
        case pause(Duration)
        case stop
    }

    /// A question about a conversation.
    struct Call: Sendable, Hashable {
        let conversation: String
        let from: Int
    }
}
