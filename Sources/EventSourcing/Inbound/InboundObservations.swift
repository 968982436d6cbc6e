/// Where it is recorded how far a topic goes, by somebody who does not read it: what remains to be read is judged from outside (L8).
public protocol InboundObservations: Sendable {
    /// Records where partitions begin and end now.
    func observe(_ ends: [Int32: InboundEnds], of topic: InboundTopicName) async throws(StoreError)
}

/// Where a partition begins and ends.
public struct InboundEnds: Sendable, Hashable {
    /// The offset of the oldest message, or of the next one when there is none.
    public let first: Int64
    /// The offset of the next message to come.
    public let next: Int64

    /// Ends by their offsets.
    public init(first: Int64, next: Int64) {
        self.first = first
        self.next = next
    }
}
