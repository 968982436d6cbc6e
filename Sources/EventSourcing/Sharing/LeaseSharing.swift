/// Where processes that do one work in parts learn of each other. Implementations agree on every sentence here; time is the store's.
public protocol LeaseSharing: Sendable {
    /// Says that a member lives for `duration` from now on, renews the leases that it holds, and looks round.
    ///
    /// - Parameters:
    ///   - parts: every part of the work.
    ///   - held: the leases of this member, by part.
    func takePart(
        in share: ShareName, as holder: String, parts: [Int32], holding held: [Int32: Lease], for duration: Duration
    ) async throws(StoreError) -> ShareSurvey

    /// Says that a member takes no part any more. It has given its leases back.
    func leave(_ share: ShareName, as holder: String) async throws(StoreError)
}

/// A work that several processes do in parts, each part under a lease of its own: the partitions of a topic, the lanes of a generation.
public struct ShareName: Sendable, Hashable {
    /// What the names of its leases begin with.
    public let text: String

    /// A work by its name.
    public init(_ text: String) { self.text = text }

    /// The name of the lease of a part.
    public func lease(of part: Int32) -> String { "\(text)/\(part)" }
}

/// Who takes part in a work, and who has which part.
public struct ShareSurvey: Sendable, Hashable {
    /// Everybody who lives, whoever asked among them.
    public var members: Set<String>
    /// The living leases by part; the others are free.
    public var leases: [Int32: Lease]

    /// A survey by its parts.
    public init(members: Set<String>, leases: [Int32: Lease]) {
        self.members = members
        self.leases = leases
    }
}
