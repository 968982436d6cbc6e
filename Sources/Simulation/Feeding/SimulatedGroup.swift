import EventSourcing

/// A consumer group as a value: who takes part, what was decided, and what each member has heard of that.
///
/// A decision is made at once and heard by each member in its own time, so that two of them may both believe for a while that a lane is theirs. Nobody
/// hears an older decision after a newer one. Who is silent for too long is dropped, and learns of it when it is heard again.
struct SimulatedGroup: Sendable {
    /// What was decided for one member.
    struct Decision: Sendable {
        let member: Int
        /// Grows with every decision of the group.
        let number: Int
        let lanes: Set<Int>

        /// What a member hears of it once it is made.
        var word: LaneDecision { .given(lanes) }
    }

    private struct Member {
        /// In microseconds.
        var heardAt: Int64
        var lastHeard = 0
        var news: LaneDecision?
    }

    private let lanes: Int
    private var members: [Int: Member] = [:]
    private var joined = 0
    private var decisions = 0
    /// Every offset that was left, by lane, newest last.
    private var hints: [Int: [Int64]] = [:]

    init(lanes: Int) { self.lanes = lanes }

    /// Somebody takes part from now on.
    mutating func join(at now: Int64) -> Int {
        joined += 1
        members[joined] = Member(heardAt: now)
        return joined
    }

    func contains(_ member: Int) -> Bool { members[member] != nil }

    /// A member lives.
    mutating func hear(_ member: Int, at now: Int64) { members[member]?.heardAt = now }

    mutating func leave(_ member: Int) { members[member] = nil }

    /// - Returns: how many were silent since then, and take part no more.
    mutating func dropSilent(since time: Int64) -> Int {
        let before = members.count
        members = members.filter { $0.value.heardAt >= time }
        return before - members.count
    }

    /// Gives the lanes out, one after the other, beginning with another member each time.
    mutating func decide(beginningAt first: Int) -> [Decision] {
        decisions += 1
        let everybody = members.keys.sorted()
        return everybody.enumerated().map { place, member in
            let own = (0..<lanes).filter { ($0 + first) % everybody.count == place }
            return Decision(member: member, number: decisions, lanes: Set(own))
        }
    }

    /// A decision has come to its member, or the word that there is none yet.
    mutating func deliver(_ decision: Decision, as word: LaneDecision) {
        guard let member = members[decision.member], decision.number >= member.lastHeard else { return }
        members[decision.member]?.lastHeard = decision.number
        members[decision.member]?.news = word
    }

    /// What has come to a member since it last asked.
    mutating func takeNews(of member: Int) -> LaneDecision? { members[member]?.news.take() }
}

// MARK: Hints

extension SimulatedGroup {
    /// A member leaves offsets; who is none leaves nothing.
    mutating func keep(_ offsets: [Int: Int64], of member: Int) {
        guard contains(member) else { return }
        for (lane, offset) in offsets { hints[lane, default: []].append(offset) }
    }

    /// The offset that was left for a lane, so many before the last.
    func hint(for lane: Int, back: Int) -> Int64? {
        guard let left = hints[lane], !left.isEmpty else { return nil }
        return left[max(0, left.count - 1 - back)]
    }
}
