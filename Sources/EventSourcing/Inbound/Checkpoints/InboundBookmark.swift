import FoundationEssentials

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
