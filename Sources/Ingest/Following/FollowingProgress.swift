import EventSourcing

/// How far the conversations of a server have been taken in, judged from a survey of the server and the bookmarks of the log.
public struct FollowingProgress: Sendable, Hashable {
    /// Conversations on the server.
    public let there: Int
    /// Conversations of which something has been taken in, and that are there.
    public let followed: Int
    /// Conversations with something that has not been taken in.
    public let waiting: Int

    /// The progress.
    ///
    /// - Parameter bookmarks: of the server, by conversation.
    public init(_ survey: ConversationSurvey, _ bookmarks: [String: InboundBookmark]) {
        there = survey.marks.count
        followed = survey.marks.keys.count { bookmarks[$0] != nil }
        waiting = survey.marks.count { conversation, mark in
            bookmarks[conversation]?.last != ConversationBookmark.fingerprint(ofMark: mark)
        }
    }

    /// The lease of whoever follows a server.
    public static func leaseName(of server: String) -> String { "follower:\(server)" }
}

extension FollowingProgress: CustomStringConvertible {
    /// One clause.
    public var description: String {
        waiting == 0
            ? "\(there) on the server, all taken in" : "\(there) on the server, \(waiting) with something not taken in"
    }
}
