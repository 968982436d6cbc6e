import EventModel
import JourneyDomain

/// A journey's states by number, for rules that follow transitions. The end is the number behind the last state.
struct JudgedJourney {
    let journey: JourneyDefinition
    let states: [JourneyState]
    /// The first state of each id.
    let index: [ElementID: Int]
    /// The transitions that leave each state, in their order.
    let outgoing: [[JourneyTransition]]
    /// The states that each state leads to, the end among them.
    let following: [[Int]]

    init(_ journey: JourneyDefinition) {
        self.journey = journey
        states = journey.states
        let index = Dictionary(
            journey.states.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        self.index = index
        var outgoing: [[JourneyTransition]] = Array(repeating: [], count: journey.states.count)
        for transition in journey.transitions {
            if let source = index[transition.source] { outgoing[source].append(transition) }
        }
        self.outgoing = outgoing
        let end = journey.states.count
        following =
            outgoing.map { transitions in
                transitions.compactMap { $0.target == JourneyState.end ? end : index[$0.target] }
            } + [[]]
    }

    var root: Int? { index[journey.root] }
    var end: Int { states.count }

    func place(_ state: Int) -> JSONPath { JSONPath.root["nodes"][states[state].id.text] }

    static func place(_ transition: JourneyTransition) -> JSONPath { JSONPath.root["edges"][transition.id.text] }
}
