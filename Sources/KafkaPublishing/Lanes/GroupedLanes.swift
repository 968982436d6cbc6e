import EventSourcing

/// Which lanes a group gives to a member, as a value.
///
/// Under the protocol that most groups speak, every change of the group takes all lanes from everybody before it gives them out anew. What is taken
/// therefore counts only when it is known what is given instead: until then nobody else can hold what is leased, and those who keep a lane never stop.
/// A group that does not come to a decision takes nothing from anybody; when the grace is over its members are told so, and do without it. A member that
/// the group has dropped has nothing, at once.
struct GroupedLanes: Sendable, Hashable {
    /// How long something that was taken is kept while nothing is given.
    static let grace = Duration.seconds(60)

    private var given: Set<Int> = []
    /// Since when it is waited for a decision; `nil` once there is one.
    private var takenAt: Duration?

    /// Somebody who begins to take part, and has nothing before the first decision.
    init(at now: Duration) { takenAt = now }

    /// These are given as well.
    ///
    /// - Returns: all that this member should have.
    mutating func give(_ lanes: Set<Int>) -> LaneDecision {
        given.formUnion(lanes)
        takenAt = nil
        return .given(given)
    }

    /// These are taken; what is given instead is not known yet.
    mutating func take(_ lanes: Set<Int>, at now: Duration) {
        given.subtract(lanes)
        takenAt = takenAt ?? now
    }

    /// The group goes on without this member.
    mutating func drop(_ lanes: Set<Int>, at now: Duration) -> LaneDecision {
        given.subtract(lanes)
        takenAt = now
        return .given(given)
    }

    /// Nothing has happened.
    ///
    /// - Returns: that nothing is decided, once, when it has been waited for long.
    mutating func wait(until now: Duration) -> LaneDecision? {
        guard let taken = takenAt, now - taken >= Self.grace else { return nil }
        takenAt = nil
        return .undecided
    }
}
