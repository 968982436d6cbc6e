import EventModel

/// Where a conversation stands in a journey, and what led there.
struct Standing: Equatable, Sendable {
    /// The state; `nil` outside the journey.
    var state: ElementID?
    /// Whether it is the root, of which turns say nothing.
    var isRoot = false
    /// The turn that led there.
    var turn: String?
    /// How it is known.
    var cause: MoveCause
}

/// The way of a conversation through its journeys: the steps that turns and agent states say it made, in order.
struct Walk {
    /// What says that a step was made.
    private enum Step {
        case told(AgentPaths, seenAt: Timestamp)
        case turn(TurnCompleted)
        case move([StatePosition])
    }

    private let state: SessionState
    private var standings: [ElementID: Standing] = [:]

    /// Where the conversation stands, by journey; journeys that it has never been in are not there.
    static func standings(in state: SessionState) -> [ElementID: Standing] {
        var walk = Walk(state: state)
        for (_, step) in walk.steps() { walk.make(step) }
        return walk.standings
    }

    private init(state: SessionState) { self.state = state }

    /// The steps by offset. An agent state stands at the end of its turn; one that no turn wrote stands behind the one before it. A turn
    /// whose agent state is known is not a step of its own.
    private func steps() -> [((Int, Int), Step)] {
        var steps: [((Int, Int), Step)] = []
        var place = (-1, 0)
        let told = state.paths.standing(in: state.journal)
        for entry in told {
            let end = state.journal.events(of: ElementID(entry.paths.turn)).last { $0.role.endsTurn }
            let own = (end?.offset ?? -1, 0)
            place = own > place ? own : (place.0, place.1 + 1)
            steps.append((place, .told(entry.paths, seenAt: entry.seenAt)))
        }
        let known = Set(told.map { ElementID($0.paths.turn) })
        for (trace, outcome) in state.turns {
            guard case .completed(let turn) = outcome, !known.contains(trace) else { continue }
            steps.append(((turn.offset, 0), .turn(turn)))
        }
        for entry in state.journal.moves {
            guard case .move(let positions) = entry.role, state.journal.stands(entry.id) else { continue }
            steps.append(((entry.offset, 0), .move(positions)))
        }
        return steps.sorted { $0.0 < $1.0 }
    }

    private mutating func make(_ step: Step) {
        switch step {
        case .told(let told, let seenAt):
            for path in told.paths { follow(path, of: told.turn, seenAt: seenAt) }
        case .turn(let turn):
            // A state that no single journey owned is not named again when it has been left.
            standings[""]?.state = nil
            for position in turn.positions.reversed() { arrive(position, turn: turn.turn) }
        case .move(let positions):
            for position in positions.reversed() { arrive(position, turn: nil) }
        }
    }

    /// A turn that names a journey without a state has left it, or stays at its root, or never entered it.
    private mutating func arrive(_ position: StatePosition, turn: String?) {
        let journey = ElementID(position.journey)
        guard let place = position.state, place != JourneyState.end else {
            if turn != nil, position.state == nil, standings[journey]?.isRoot == true { return }
            guard standings[journey]?.state != nil else { return }
            standings[journey] = Standing(state: nil, turn: turn, cause: .turn)
            return
        }
        standings[journey] = Standing(state: place, turn: turn, cause: .turn)
    }

    /// A path says all that a turn says and more; only the state that the turn names is surer than the index.
    private mutating func follow(_ path: JourneyPath, of turn: String, seenAt: Timestamp) {
        let journey = ElementID(path.journey)
        guard let index = path.indexes.last ?? nil else {
            guard standings[journey]?.state != nil else { return }
            standings[journey] = Standing(state: nil, turn: turn, cause: .path)
            return
        }
        let named = state.named(in: journey, byTurn: ElementID(turn))
        let isRoot = index == JourneyPath.rootIndex
        guard let place = named ?? state.meaning(of: path, writtenBy: ElementID(turn), seenAt: seenAt).last ?? nil
        else { return }
        guard place != JourneyState.end else {
            standings[journey] = Standing(state: nil, turn: turn, cause: .path)
            return
        }
        standings[journey] = Standing(state: place, isRoot: isRoot, turn: turn, cause: named == nil ? .path : .turn)
    }
}

extension SessionEntry.Role {
    /// Whether a turn ends with such an event.
    var endsTurn: Bool {
        switch self {
        case .end, .arrival: true
        case .note, .work, .move, .failure, .cancellation: false
        }
    }
}

extension SessionState {
    /// The state of a journey that the end of a turn names, whether the turn still stands or not.
    func named(in journey: ElementID, byTurn turn: ElementID) -> ElementID? {
        guard let end = journal.events(of: turn).last(where: { $0.role.endsTurn }) else { return nil }
        return positions(atEnd: end).first { ElementID($0.journey) == journey && $0.state != nil }?.state
    }

    /// What the indexes of a path meant when it was written.
    ///
    /// They are told as they are numbered when the engine is asked. An edit between the writing and the asking makes that worthless; then
    /// the numbering that was known for the time of the writing counts, or nothing is known.
    func meaning(of path: JourneyPath, writtenBy turn: ElementID, seenAt: Timestamp) -> [ElementID?] {
        let writtenAt = journal.events(of: turn).last { $0.role.endsTurn }?.moment
        guard let writtenAt, let known = numberings[ElementID(path.journey)] else { return path.states }
        if let valid = known.last(where: { $0.since <= writtenAt }) {
            return path.indexes.map { index in index.flatMap { valid.states[$0] } }
        }
        guard known.contains(where: { $0.since <= seenAt }) else { return path.states }
        return path.states.map { _ in nil }
    }

    /// The state that the engine takes the conversation to stand in: its stored index by the numbering of now. After a structural edit that is
    /// another than ``state(in:)``, and the path has to be migrated.
    public func engineState(in journey: String) -> ElementID? {
        let path = paths.standing(in: journal).last?.paths.paths.first { $0.journey == journey }
        guard let path, let index = path.indexes.last ?? nil else { return nil }
        guard let now = numberings[ElementID(journey)]?.last else { return path.states.last ?? nil }
        return now.states[index]
    }

    /// Where the event that ends a turn says that the conversation stands, by journey and state.
    func positions(atEnd entry: SessionEntry) -> [StatePosition] {
        switch entry.role {
        case .arrival(let positions): positions
        case .end(let matches): JourneyMembership(self).positions(matches)
        case .note, .work, .move, .failure, .cancellation: []
        }
    }
}
