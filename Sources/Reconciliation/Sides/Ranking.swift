import EventModel
import WorkflowDomain

/// What comes last among things that change their places: what is told of a block many times over is looked at once.
struct Ranking<Rank: Comparable & Sendable>: Equatable, Sendable {
    private var all: [Rank] = []

    /// The last of all.
    var last: Rank? { all.last }

    /// Puts something to where it belongs now; `nil` where it was not, or is not any more, anywhere.
    mutating func move(from old: Rank?, to new: Rank?) {
        guard old != new else { return }
        if let old, case let place = all.place(where: { $0 < old }), place < all.endIndex, all[place] == old {
            all.remove(at: place)
        }
        if let new { all.insert(new, at: all.place { $0 < new }) }
    }
}

/// A visit by how late it is. One that is at work is later than all that have ended. Of those at work the one that began last is the latest, of those
/// that have ended the one that ended last. Where times say nothing the engine's running number does, then the iteration.
struct VisitRank: Comparable, Sendable {
    let visit: BlockVisit
    private let isAtWork: Bool
    private let endedAt: Timestamp
    private let startedAt: Timestamp

    init(_ visit: BlockVisit, _ state: VisitState) {
        let attempt = state.latest
        self.visit = visit
        isAtWork = state.status == .started
        endedAt = attempt?.endedAt ?? .earliest
        startedAt = attempt?.startedAt ?? .earliest
    }

    static func < (left: VisitRank, right: VisitRank) -> Bool {
        guard left.isAtWork == right.isAtWork else { return right.isAtWork }
        guard left.endedAt == right.endedAt else { return left.endedAt < right.endedAt }
        guard left.startedAt == right.startedAt else { return left.startedAt < right.startedAt }
        let orders = (left.visit.order ?? .min, right.visit.order ?? .min)
        guard orders.0 == orders.1 else { return orders.0 < orders.1 }
        return left.visit.frames.lexicographicallyPrecedes(right.visit.frames) { $0.comes(before: $1) }
    }
}

extension IterationFrame {
    /// Rounds and branches by their numbers, not by the digits of them.
    fileprivate func comes(before other: IterationFrame) -> Bool {
        let (left, right) = (key, other.key)
        guard left.kind == right.kind else { return left.kind < right.kind }
        return left.name == right.name ? left.index < right.index : left.name < right.name
    }

    private var key: (kind: Int, name: ElementID, index: Int) {
        switch self {
        case .loop(let container, let index): (0, container, index)
        case .parallel(let container, let index): (1, container, index)
        case .child(let run): (2, ElementID(run), 0)
        }
    }
}

/// A wait that was resumed, by how late that was.
struct WaitRank: Comparable, Sendable {
    let name: WaitName
    private let resumedAt: Timestamp

    /// - Returns: `nil` for one that was not resumed.
    init?(_ name: WaitName, _ wait: ExecutionWait) {
        guard let moment = wait.resumedAt else { return nil }
        self.name = name
        resumedAt = moment
    }

    static func < (left: WaitRank, right: WaitRank) -> Bool {
        (left.resumedAt, left.name) < (right.resumedAt, right.name)
    }
}
