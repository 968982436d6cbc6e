import EventModel
import JourneyDomain

/// Carries the paths of live conversations over a structural edit of their journey.
///
/// Parlant stores a path as numbers that an edit silently re-maps (``JourneyPathIndex``), so after every edit each live path has to be written
/// anew. A state survives when the state of the same block is there after the edit, whatever it is called now. What a conversation did before
/// may lose states, since history need not be walked again; where it stands now may not.
public struct PathMigration: Sendable {
    /// A journey and its mapping, before or after the edit.
    public struct Side: Sendable {
        /// The journey.
        public let journey: JourneyDefinition
        /// Its mapping.
        public let mapping: Mapping

        /// A side.
        public init(journey: JourneyDefinition, mapping: Mapping) {
            self.journey = journey
            self.mapping = mapping
        }
    }

    /// Where one conversation is in the new journey.
    public enum Outcome: Hashable, Sendable {
        /// The path by states of the new journey; `isChanged` tells whether what Parlant stores has to be written anew.
        case carried(path: [JourneyPathIndex.Step], isChanged: Bool)
        /// The conversation cannot be carried over.
        case stranded(Reason)
    }

    /// Why a conversation cannot be carried over.
    public enum Reason: Hashable, Sendable {
        /// The path is empty, so nothing is known of where it stands.
        case emptyPath
        /// The old journey has no such state.
        case unknownState(String)
        /// The block of the state in which it stands is gone.
        case stateRemoved(ElementID)
        /// The block is in another container now, so the rounds that were done are not rounds of it.
        case containerChanged(ElementID)
        /// The block is there, but nothing leads to it any more.
        case unreachable(ElementID)
        /// The state from which it came leads elsewhere now: it stands on a way that would not have been taken.
        case wayRemoved(from: ElementID, to: ElementID)
    }

    private let old: JourneyPathIndex
    private let new: JourneyPathIndex
    private let successors: [ElementID: ElementID]
    private let oldStates: Set<ElementID>
    private let oldPlaces: [ElementID: String]
    private let newPlaces: [ElementID: String]
    private let newReach: Reach

    /// The migration from one side to the other.
    public init(from before: Side, to after: Side) {
        old = JourneyPathIndex(before.journey)
        new = JourneyPathIndex(after.journey)
        oldStates = Set(before.journey.states.map(\.id)).union([JourneyState.end])
        successors = Self.successors(before, after)
        oldPlaces = Self.places(before.journey)
        newPlaces = Self.places(after.journey)
        newReach = Reach(after.journey)
    }

    /// Where the conversation with the stored path `indexes` is now.
    public func migrate(stored indexes: [String?]) -> Outcome { migrate(old.steps(on: indexes), stored: indexes) }

    /// Where the conversation that walked `steps` of the old journey is now.
    public func migrate(_ steps: [JourneyPathIndex.Step]) -> Outcome { migrate(steps, stored: old.path(of: steps)) }

    private func migrate(_ steps: [JourneyPathIndex.Step], stored: [String?]?) -> Outcome {
        guard let last = steps.last else { return .stranded(.emptyPath) }
        var path: [JourneyPathIndex.Step] = []
        for step in steps.dropLast() {
            switch step {
            case .state(let state):
                if let next = successors[state], new.index(of: next) != nil { path.append(.state(next)) }
            case .left: path.append(.left)
            case .unknown: break
            }
        }
        switch last {
        case .left: path.append(.left)
        case .unknown(let index): return .stranded(.unknownState(index))
        case .state(let state):
            switch place(of: state, after: path.last) {
            case .success(let next): path.append(.state(next))
            case .failure(let flaw): return .stranded(flaw.reason)
            }
        }
        return .carried(path: path, isChanged: stored == nil || new.path(of: path) != stored)
    }

    private struct Flaw: Error { let reason: Reason }

    private func place(of state: ElementID, after step: JourneyPathIndex.Step?) -> Result<ElementID, Flaw> {
        func stranded(_ reason: Reason) -> Result<ElementID, Flaw> { .failure(Flaw(reason: reason)) }
        guard oldStates.contains(state) else { return stranded(.unknownState(state.text)) }
        guard let next = successors[state] else { return stranded(.stateRemoved(state)) }
        guard oldPlaces[state] == newPlaces[next] else { return stranded(.containerChanged(state)) }
        guard new.index(of: next) != nil else { return stranded(.unreachable(next)) }
        if case .state(let before)? = step, before != next, !newReach.leads(from: before, to: next) {
            return stranded(.wayRemoved(from: before, to: next))
        }
        return .success(next)
    }

    /// The new state of every old one: the same role of the same block, else the same id.
    private static func successors(_ before: Side, _ after: Side) -> [ElementID: ElementID] {
        var successors: [ElementID: ElementID] = [JourneyState.end: JourneyState.end]
        let there = Set(after.journey.states.map(\.id))
        let states = after.mapping.statesByBlock
        for node in before.mapping.nodes {
            for (old, new) in zip(node.states, states[node.block] ?? []) where there.contains(new) {
                successors[old] = new
            }
        }
        let blocks = before.mapping.blocksByState
        for state in before.journey.states where successors[state.id] == nil && blocks[state.id] == nil {
            if there.contains(state.id) { successors[state.id] = state.id }
        }
        // Conversations at the root are where conversations begin, whatever stands for the root now.
        if successors[before.journey.root] == nil { successors[before.journey.root] = after.journey.root }
        return successors
    }

    /// The container of every state, as the conversion noted it; empty at the top.
    private static func places(_ journey: JourneyDefinition) -> [ElementID: String] {
        var places: [ElementID: String] = [:]
        for state in journey.states {
            let parent = state.metadata[Complement.key]?["block"]?["data"]?["parentId"]?.string
            places[state.id] = parent ?? ""
        }
        return places
    }
}

/// Which states can be reached from which.
private struct Reach: Sendable {
    private var follow: [ElementID: [ElementID]] = [:]

    init(_ journey: JourneyDefinition) {
        for way in journey.transitions { follow[way.source, default: []].append(way.target) }
    }

    /// Whether some walk of at least one step leads from `source` to `target`.
    func leads(from source: ElementID, to target: ElementID) -> Bool {
        var seen: Set<ElementID> = []
        var queue = follow[source] ?? []
        while let next = queue.popLast() {
            if next == target { return true }
            if seen.insert(next).inserted { queue += follow[next] ?? [] }
        }
        return false
    }
}
