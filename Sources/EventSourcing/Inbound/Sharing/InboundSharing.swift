/// Where processes that read one topic together learn of each other. Implementations agree on every sentence here; time is the store's.
public protocol InboundSharing: Sendable {
    /// Says that a member lives for `duration` from now on, renews the leases that it holds, and looks round.
    ///
    /// - Parameters:
    ///   - partitions: every partition of the topic.
    ///   - held: the leases of this member, by partition.
    func takePart(
        in topic: InboundTopicName, as holder: String, partitions: [Int32], holding held: [Int32: Lease],
        for duration: Duration
    ) async throws(StoreError) -> InboundSurvey

    /// Says that a member takes no part any more. It has given its leases back.
    func leave(_ topic: InboundTopicName, as holder: String) async throws(StoreError)
}

/// Who takes part in reading a topic, and who reads what.
public struct InboundSurvey: Sendable, Hashable {
    /// Everybody who lives, whoever asked among them.
    public var members: Set<String>
    /// The living leases by partition; the others are free.
    public var leases: [Int32: Lease]

    /// A survey by its parts.
    public init(members: Set<String>, leases: [Int32: Lease]) {
        self.members = members
        self.leases = leases
    }
}
