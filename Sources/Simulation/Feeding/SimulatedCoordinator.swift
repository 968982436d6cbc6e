import EventSourcing
import EventSourcingTesting
import Synchronization

/// The broker's side of a group: what it decides reaches its members late, at different times, and some of it twice.
final class SimulatedCoordinator: Sendable {
    /// How long a member may be silent, in microseconds.
    private static let session: Int64 = 2_000_000
    /// How old an old hint is, at most, in hints; and how large one that nobody has left.
    private static let (hintAge, hintLimit) = (6, 50)

    /// What a member is told when it is heard.
    enum Word: Sendable {
        case nothing
        case said(LaneDecision)
        /// It was dropped.
        case unknown
    }

    let broker: SimulatedBroker
    private let group: Mutex<SimulatedGroup>

    init(of broker: SimulatedBroker) {
        self.broker = broker
        group = Mutex(SimulatedGroup(lanes: broker.lanes))
    }

    private var world: World { broker.world }

    /// A new member, and a decision because of it.
    func join() -> Int {
        let member = group.withLock { $0.join(at: world.time) }
        decide()
        return member
    }

    /// A member is heard.
    func hear(_ member: Int) -> Word {
        guard !broker.isAway else { return .nothing }
        let now = world.time
        let (dropped, word) = group.withLock { group -> (Int, Word) in
            group.hear(member, at: now)
            let dropped = group.dropSilent(since: now - Self.session)
            guard group.contains(member) else { return (dropped, .unknown) }
            return (dropped, group.takeNews(of: member).map { .said($0) } ?? .nothing)
        }
        if dropped > 0 {
            for _ in 0..<dropped { world.count(.memberDropped) }
            world.note("the group drops \(dropped) of its members")
            decide()
        }
        return word
    }

    /// A member says that it takes part no more.
    func leave(_ member: Int) {
        guard !broker.isAway, group.withLock({ $0.contains(member) }) else { return }
        group.withLock { $0.leave(member) }
        decide()
    }

    private func decide() {
        let first = world.roll { $0.below(broker.lanes) }
        for decision in group.withLock({ $0.decide(beginningAt: first) }) {
            let isLate = world.strikes(.decisionLate, perMille: world.rates.decisionLate)
            let delay = world.roll { $0.duration(isLate ? 1_000_000...9_000_000 : 1_000...500_000) }
            tell(decision, as: decision.word, after: delay)
            if isLate, world.strikes(.groupUndecided, perMille: world.rates.groupUndecided) {
                tell(decision, as: .undecided, after: world.roll { $0.duration(1_000...900_000) })
            }
            if world.strikes(.decisionRepeated, perMille: world.rates.decisionRepeated) {
                tell(decision, as: decision.word, after: delay + world.roll { $0.duration(1_000...5_000_000) })
            }
        }
    }

    private func tell(_ decision: SimulatedGroup.Decision, as word: LaneDecision, after delay: Duration) {
        world.scheduler.plan(after: delay) { self.group.withLock { $0.deliver(decision, as: word) } }
    }
}

extension SimulatedCoordinator {
    /// Offsets arrive that a member has left.
    func keep(_ hints: [Int: Int64], of member: Int) {
        guard !broker.isAway, !world.strikes(.hintLost, perMille: world.rates.hintLost) else { return }
        group.withLock { $0.keep(hints, of: member) }
    }

    /// The offsets that were left; some of them long ago, and some by somebody who has set them.
    func hints(for lanes: [Int]) -> [Int: Int64] {
        lanes.reduce(into: [:]) { hints, lane in
            let isWrong = world.strikes(.hintWrong, perMille: world.rates.hintWrong)
            let back = isWrong ? world.roll { 1 + $0.below(Self.hintAge) } : 0
            hints[lane] = group.withLock { $0.hint(for: lane, back: back) }
            if isWrong, world.roll({ $0.chance(perMille: 500) }) {
                hints[lane] = world.roll { Int64($0.below(Self.hintLimit)) }
            }
        }
    }
}
