/// Which lanes a group gives to a member, as a value.
///
/// Under the protocol that most groups speak, every change of the group takes all lanes from everybody before it gives them out anew. What is taken
/// therefore counts only when it is known what is given instead: until then nobody else can hold what is leased, and those who keep a lane never stop.
/// A group that never comes to a decision takes nothing from anybody for as long as the grace lasts. A member that the group has dropped has nothing,
/// at once.
struct GroupedLanes: Sendable, Hashable {
    /// How long something that was taken may be kept when nothing is given.
    static let grace = Duration.seconds(60)

    private var given: Set<Int> = []
    private var takenAt: Duration?

    /// These are given as well.
    ///
    /// - Returns: all that this member should have.
    mutating func give(_ lanes: Set<Int>) -> Set<Int> {
        given.formUnion(lanes)
        takenAt = nil
        return given
    }

    /// These are taken; what is given instead is not known yet.
    mutating func take(_ lanes: Set<Int>, at now: Duration) {
        given.subtract(lanes)
        takenAt = takenAt ?? now
    }

    /// The group goes on without this member.
    mutating func drop(_ lanes: Set<Int>) -> Set<Int> {
        given.subtract(lanes)
        takenAt = nil
        return given
    }

    /// Nothing has happened.
    ///
    /// - Returns: all that this member should have, when something was taken long ago and nothing given.
    mutating func wait(until now: Duration) -> Set<Int>? {
        guard let taken = takenAt, now - taken >= Self.grace else { return nil }
        takenAt = nil
        return given
    }
}
