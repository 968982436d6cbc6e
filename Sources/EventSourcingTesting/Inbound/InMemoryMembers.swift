import EventSourcing

/// Who takes part in works that are shared, as a value: the members of ``EventSourcing/LeaseSharing``.
public struct InMemoryMembers: Sendable {
    /// When each member is taken for gone, by share and holder; by the server's steady clock.
    private var expiries: [String: [String: Duration]] = [:]

    /// Nobody takes part.
    public init() {}

    /// See ``LeaseSharing/takePart(in:as:parts:holding:for:)``. `now` is the server's steady clock.
    public mutating func takePart(
        in share: ShareName, as holder: String, parts: [Int32], holding held: [Int32: Lease], for duration: Duration,
        leases checkpoints: inout InMemoryCheckpoints, at now: Duration
    ) -> ShareSurvey {
        expiries[share.text, default: [:]][holder] = now + duration
        for lease in held.values { checkpoints.prolong(lease, for: duration, at: now) }
        var leases: [Int32: Lease] = [:]
        for part in parts { leases[part] = checkpoints.lease(share.lease(of: part), at: now) }
        return ShareSurvey(members: living(in: share, at: now), leases: leases)
    }

    /// A member takes no part any more.
    public mutating func leave(_ share: ShareName, as holder: String) { expiries[share.text]?[holder] = nil }

    /// Everybody who lives.
    public func living(in share: ShareName, at now: Duration) -> Set<String> {
        Set((expiries[share.text] ?? [:]).filter { $0.value > now }.keys)
    }
}
