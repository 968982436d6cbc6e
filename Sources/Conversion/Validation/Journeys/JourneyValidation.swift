import EventModel
import JourneyDomain

/// Judges a journey's definition by Parlant's rules: everything that is wrong or conspicuous, at once. Linear in states and transitions.
///
/// It is total: whatever a definition holds, it is judged and never trapped on.
public enum JourneyValidation {
    /// What there is to say, in the order of the rules and, within a rule, of the elements.
    public static func findings(of journey: JourneyDefinition) -> [Finding] {
        let graph = JudgedJourney(journey)
        let rules: [(JudgedJourney, inout [Finding]) -> Void] = [
            JourneyAttributeRules.check, JourneyElementRules.check, TransitionRules.check, WayRules.check,
        ]
        return rules.reduce(into: []) { findings, rule in rule(graph, &findings) }
    }

    /// States that several journeys call by the same id: Parlant's node ids are global, so creating the one changes the other.
    ///
    /// - Returns: the findings for each place in `journeys`.
    public static func sharedStates(among journeys: [(id: JourneyID, definition: JourneyDefinition)]) -> [[Finding]] {
        var owners: [ElementID: [Int]] = [:]
        for (number, journey) in journeys.enumerated() {
            let ids = Set(journey.definition.states.map(\.id)).subtracting([journey.definition.root])
            for id in ids { owners[id, default: []].append(number) }
        }
        return journeys.enumerated().map { number, journey in
            journey.definition.states.compactMap { state in
                guard let other = owners[state.id]?.first(where: { $0 != number && journeys[$0].id != journey.id }),
                    state.id != journey.definition.root
                else { return nil }
                return Finding(
                    .journeySharedStateID, .error, at: .root["nodes"][state.id.text],
                    "the journey \(journeys[other].id.text.quoted) has a state \(state.id.quoted), too",
                    cure: "give one of them another id: Parlant's are global")
            }
        }
    }
}
