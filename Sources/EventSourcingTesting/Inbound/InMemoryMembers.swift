/// Who takes part in reading topics, as a value: the members of ``EventSourcing/InboundSharing``.
public struct InMemoryMembers: Sendable {
    /// When each member is taken for gone, by share and holder; by the server's steady clock.
    private var expiries: [String: [String: Duration]] = [:]

    /// Nobody takes part.
    public init() {}

    /// A member lives for `duration` from now on.
    public mutating func takePart(in share: String, as holder: String, for duration: Duration, at now: Duration) {
        expiries[share, default: [:]][holder] = now + duration
    }

    /// A member takes no part any more.
    public mutating func leave(_ share: String, as holder: String) { expiries[share]?[holder] = nil }

    /// Everybody who lives.
    public func living(in share: String, at now: Duration) -> Set<String> {
        Set((expiries[share] ?? [:]).filter { $0.value > now }.keys)
    }
}
