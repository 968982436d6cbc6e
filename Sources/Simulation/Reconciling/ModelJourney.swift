import EventModel
import JourneyDomain
import Reconciliation

/// The journey that conversations walk: a state for each block, one behind the other.
enum ModelJourney {
    static let states = ModelRuns.blocks.map { ElementID(ModelTalks.state(of: $0)) }

    static let content = JourneyContent(
        definition: JourneyDefinition(
            title: "Refund", root: states[0], states: states.map { JourneyState(id: $0, kind: .chat) },
            transitions: zip(states, states.dropFirst() + [JourneyState.end]).map { source, target in
                JourneyTransition(id: ElementID("\(source)-\(target)"), source: source, target: target)
            }),
        origin: .parlant)

    static let graph = JourneyGraph(content.definition.transitions.map { ($0.source, $0.target) })
}
