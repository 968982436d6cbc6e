/// Remembers how far the conversations of a server have been taken in. Implementations agree on every sentence here.
///
/// One follower moves all bookmarks of a server under one lease; ``InboundCheckpoints`` of a topic move under a lease for each partition.
public protocol ConversationCheckpoints: Sendable {
    /// How far each conversation of a server has been taken in, by its id.
    func bookmarks(ofServer server: String) async throws(StoreError) -> [String: InboundBookmark]

    /// Moves bookmarks, all or nothing, if the lease's token is the newest and each bookmark is where `moves` say.
    ///
    /// - Parameter moves: each conversation once.
    func advance(
        _ moves: [ConversationMove], of server: String, under lease: Lease
    ) async throws(StoreError) -> ConversationAdvance
}

/// The bookmark of a conversation that moves.
public struct ConversationMove: Sendable, Hashable {
    /// The conversation's id; the empty text stands for the server itself.
    public let conversation: String
    /// Where it must be; `nil` when there must be none.
    public let from: InboundBookmark?
    /// Where it goes.
    public let to: InboundBookmark

    /// A move by its parts.
    public init(_ conversation: String, from: InboundBookmark?, to: InboundBookmark) {
        self.conversation = conversation
        self.from = from
        self.to = to
    }
}

/// The answer to moves of bookmarks of conversations.
public enum ConversationAdvance: Sendable, Hashable {
    /// All moved.
    case advanced
    /// The lease was lost: this token is in force. Nothing was written.
    case fenced(current: Int64)
    /// The bookmark of this conversation is not where this follower left it: another one follows. Nothing was written.
    case moved(conversation: String)
}
