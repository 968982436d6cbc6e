import EventModel

/// Which journey a state belongs to. Parlant names journeys and states of a turn side by side and does not say which goes with which.
struct JourneyMembership {
    private let state: SessionState

    init(_ state: SessionState) { self.state = state }

    /// The states of the journeys that a turn matched, and the journeys without a state, in one stable order.
    func positions(_ matches: TurnMatches) -> [StatePosition] {
        let journeys = Set(matches.journeys.map { ElementID($0) }).sorted()
        var positions: [StatePosition] = []
        var settled: Set<ElementID> = []
        for state in matches.allStates {
            for journey in owners(of: state, among: journeys) {
                positions.append(StatePosition(journey: journey.text, state: state))
                settled.insert(journey)
            }
        }
        for journey in journeys where !settled.contains(journey) {
            positions.append(StatePosition(journey: journey.text, state: nil))
        }
        return positions.sorted { left, right in
            (ElementID(left.journey), left.state ?? "") < (ElementID(right.journey), right.state ?? "")
        }
    }

    /// The only journey there is; else those that are known to have the state (two journeys can share one); else the one whose id the state's
    /// begins with, as ours do; else nobody in particular.
    private func owners(of state: ElementID, among journeys: [ElementID]) -> [ElementID] {
        if journeys.count == 1 { return journeys }
        let known = journeys.filter { self.state.knows(state, in: $0) }
        if !known.isEmpty { return known }
        let named = journeys.filter { Array(state.text.utf8).starts(with: Array($0.text.utf8) + [UInt8(ascii: ".")]) }
        return [named.max { $0.text.utf8.count < $1.text.utf8.count } ?? ""]
    }
}

extension SessionState {
    fileprivate func knows(_ place: ElementID, in journey: ElementID) -> Bool {
        if numberings[journey]?.contains(where: { $0.states.values.contains(place) }) == true { return true }
        return paths.entries.contains { entry in
            entry.paths.paths.contains { ElementID($0.journey) == journey && $0.states.contains(place) }
        }
    }
}
