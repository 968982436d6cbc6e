import EventModel
import FoundationEssentials

/// Remembers which named messages have become events, and how far each partition of a topic has been read. Implementations agree on every
/// sentence here.
public protocol InboundLedger: Sendable {
    /// What the messages of these keys contained, for those that are known.
    func fingerprints(
        of keys: [InboundKey], in workspace: Workspace
    ) async throws(StoreError) -> [InboundKey: InboundFingerprint]

    /// Remembers messages. A key that is known keeps what it has.
    func remember(_ entries: [InboundEntry], in workspace: Workspace) async throws(StoreError)

    /// How far each partition of a topic has been read.
    func bookmarks(of topic: InboundTopicName) async throws(StoreError) -> [Int32: InboundBookmark]

    /// How far each partition of each topic of a cluster has been read, by the topic's name.
    func bookmarks(ofCluster cluster: String) async throws(StoreError) -> [String: [Int32: InboundBookmark]]

    /// Remembers messages and moves bookmarks, all or nothing, if the lease's token is the newest and each bookmark is where `moves` say.
    func advance(
        _ moves: [InboundMove], of topic: InboundTopicName, remembering entries: [InboundEntry],
        in workspace: Workspace, under lease: Lease
    ) async throws(StoreError) -> InboundAdvance
}

/// A named message that has become events.
public struct InboundEntry: Sendable, Hashable {
    /// Which message.
    public let key: InboundKey
    /// What it contained.
    public let fingerprint: InboundFingerprint

    /// An entry by its parts.
    public init(key: InboundKey, fingerprint: InboundFingerprint) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// A topic of a cluster.
public struct InboundTopicName: Sendable, Hashable {
    /// The cluster's id; empty where it tells none.
    public let cluster: String
    /// The topic's name.
    public let topic: String

    /// A topic by its names.
    public init(cluster: String, topic: String) {
        self.cluster = cluster
        self.topic = topic
    }
}

/// How far a partition has been read.
public struct InboundBookmark: Sendable, Hashable {
    /// Tells the topic from another one of the same name: made when the partition is read for the first time, and anew when it turns out to
    /// be another one.
    public var generation: UUID
    /// The offset of the next message.
    public var next: Int64
    /// What the last message read hashes to, with its key and time: another one in its place is another topic.
    public var last: InboundFingerprint?

    /// A bookmark by its parts.
    public init(generation: UUID, next: Int64, last: InboundFingerprint?) {
        self.generation = generation
        self.next = next
        self.last = last
    }
}

/// A bookmark that moves.
public struct InboundMove: Sendable, Hashable {
    /// The partition.
    public let partition: Int32
    /// Where it must be; `nil` when there must be none.
    public let from: InboundBookmark?
    /// Where it goes.
    public let to: InboundBookmark

    /// A move by its parts.
    public init(partition: Int32, from: InboundBookmark?, to: InboundBookmark) {
        self.partition = partition
        self.from = from
        self.to = to
    }
}

/// The answer to moving bookmarks.
public enum InboundAdvance: Sendable, Hashable {
    /// Moved.
    case advanced
    /// The lease was lost: a newer token is in force. Stop.
    case fenced(current: Int64)
    /// A bookmark is not where this consumer left it: another one is running. Stop.
    case moved(partition: Int32)
}
