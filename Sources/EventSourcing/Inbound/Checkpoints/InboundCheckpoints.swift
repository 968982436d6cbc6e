import EventModel
import FoundationEssentials

/// Remembers how far each partition of a topic has been read. Implementations agree on every sentence here.
public protocol InboundCheckpoints: Sendable {
    /// How far each partition of a topic has been read.
    func bookmarks(of topic: InboundTopicName) async throws(StoreError) -> [Int32: InboundBookmark]

    /// Takes a step, all or nothing, if the token of every lease is the newest, each bookmark is where the step says, and no name that it
    /// remembers is known with other content.
    func advance(_ step: InboundStep, of topic: InboundTopicName) async throws(StoreError) -> InboundAdvance
}

/// What one step forward writes, in one transaction.
public struct InboundStep: Sendable {
    /// The bookmarks that move; each partition once.
    public var moves: [InboundMove]
    /// Named messages that became events, or said nothing new.
    public var entries: [Workspace: [InboundEntry]]
    /// Messages that were refused. One that is kept already stays as it is.
    public var rejections: [RejectedMessage]

    /// A step by its parts.
    public init(
        _ moves: [InboundMove], remembering entries: [Workspace: [InboundEntry]] = [:],
        keeping rejections: [RejectedMessage] = []
    ) {
        self.moves = moves
        self.entries = entries
        self.rejections = rejections
    }
}

/// A bookmark that moves, under the lease of its partition.
public struct InboundMove: Sendable, Hashable {
    /// The partition.
    public let partition: Int32
    /// Where it must be; `nil` when there must be none.
    public let from: InboundBookmark?
    /// Where it goes.
    public let to: InboundBookmark
    /// What became of the messages between.
    public let counts: InboundCounts
    /// The lease of the partition.
    public let lease: Lease

    /// A move by its parts.
    public init(
        partition: Int32, from: InboundBookmark?, to: InboundBookmark, counts: InboundCounts = InboundCounts(),
        under lease: Lease
    ) {
        self.partition = partition
        self.from = from
        self.to = to
        self.counts = counts
        self.lease = lease
    }
}

/// What became of messages, in numbers.
public struct InboundCounts: Sendable, Hashable {
    /// Messages that were taken from the topic.
    public var messages: Int64
    /// Events that they became.
    public var events: Int64
    /// Messages that were refused, as a whole or in part.
    public var rejected: Int64

    /// Counts; none unless told otherwise.
    public init(messages: Int64 = 0, events: Int64 = 0, rejected: Int64 = 0) {
        self.messages = messages
        self.events = events
        self.rejected = rejected
    }
}

/// The answer to a step.
public enum InboundAdvance: Sendable, Hashable {
    /// It was taken.
    case advanced
    /// The lease of this partition was lost: a newer token is in force. Nothing was written.
    case fenced(partition: Int32)
    /// The bookmark of this partition is not where this consumer left it: another one reads it. Nothing was written.
    case moved(partition: Int32)
    /// While the messages were settled, another consumer has taken in a message with the name of one of them and other content: settle them
    /// again. No bookmark has moved and nothing refused was kept; names that were free may be remembered.
    case contradicted

    /// The partition that somebody else reads, if any.
    public var lost: Int32? {
        switch self {
        case .advanced, .contradicted: nil
        case .fenced(let partition), .moved(let partition): partition
        }
    }
}
