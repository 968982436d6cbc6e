import EventModel

/// The numbers by which Parlant remembers where a conversation is in a journey.
///
/// A session's path holds indexes, not ids: the engine walks the journey breadth first from the root, each state's transitions in their
/// order, and numbers the states as it first meets them; the root is 1, and the end is numbered like any other state. A state that
/// the root does not reach has no number. So an edit of the structure silently changes what a stored path means: to
/// read a path one needs the journey as it was when the path was written.
public struct JourneyPathIndex: Equatable, Sendable {
    /// The states in the order of their indexes; the first is the root, the end may be among them.
    public let states: [ElementID]
    private let indexes: [ElementID: Int]

    /// The numbers of `journey`'s states. Transitions to states that the journey does not have are not followed.
    public init(_ journey: JourneyDefinition) {
        var follow: [ElementID: [ElementID]] = [:]
        for transition in journey.transitions { follow[transition.source, default: []].append(transition.target) }
        let known = Set(journey.states.map(\.id)).union([JourneyState.end])
        var states = [journey.root]
        var indexes = [journey.root: 1]
        var next = 0
        while next < states.count {
            for target in follow[states[next]] ?? [] where known.contains(target) && indexes[target] == nil {
                states.append(target)
                indexes[target] = states.count
            }
            next += 1
        }
        self.states = states
        self.indexes = indexes
    }

    /// The number of the state `id`, from 1; `nil` when the root does not reach it.
    public func index(of id: ElementID) -> Int? { indexes[id] }

    /// The state with the number `index`; `nil` when there is none.
    public func state(at index: Int) -> ElementID? {
        (1...states.count).contains(index) ? states[index - 1] : nil
    }
}

extension JourneyPathIndex {
    /// One step of a path that Parlant stored, as these numbers read it.
    public enum Step: Hashable, Sendable {
        /// The conversation was in this state.
        case state(ElementID)
        /// `null`: the conversation left the journey.
        case left
        /// An index that names no state of this journey, as it was spelled.
        case unknown(String)
    }

    /// What a stored path means.
    public func steps(on path: [String?]) -> [Step] {
        path.map { index in
            guard let index else { return .left }
            return Int(index).flatMap(state(at:)).map(Step.state) ?? .unknown(index)
        }
    }

    /// The path that Parlant would store for `steps`.
    /// - Returns: `nil` when a state among them has no number here; an unknown index is passed on as it is.
    public func path(of steps: [Step]) -> [String?]? {
        var path: [String?] = []
        for step in steps {
            switch step {
            case .state(let id):
                guard let index = index(of: id) else { return nil }
                path.append(String(index))
            case .left: path.append(nil)
            case .unknown(let index): path.append(index)
            }
        }
        return path
    }
}
