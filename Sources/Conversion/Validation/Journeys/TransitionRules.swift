import EventModel
import JourneyDomain

/// The ends of transitions, and how they branch.
enum TransitionRules {
    private struct Way: Hashable {
        let source: ElementID
        let target: ElementID
        let condition: ElementID

        init(_ transition: JourneyTransition) {
            source = transition.source
            target = transition.target
            condition = ElementID(transition.condition ?? "")
        }
    }

    static func check(_ graph: JudgedJourney, _ findings: inout [Finding]) {
        var seen: [Way: ElementID] = [:]
        for transition in graph.journey.transitions {
            checkEnds(transition, graph, &findings)
            if let first = seen.updateValue(transition.id, forKey: Way(transition)) {
                findings.append(
                    Finding(
                        .journeyDuplicateTransition, .warning, at: JudgedJourney.place(transition),
                        "the transition repeats \(first.quoted)", cure: "remove one of them"))
            }
        }
        for state in graph.states.indices { checkBranching(state, graph, &findings) }
    }

    private static func checkEnds(
        _ transition: JourneyTransition, _ graph: JudgedJourney, _ findings: inout [Finding]
    ) {
        let place = JudgedJourney.place(transition)
        if transition.source == JourneyState.end {
            findings.append(
                Finding(
                    .journeyLeavesEnd, .error, at: place["source"], "the transition leaves the end",
                    cure: "remove it, or let it leave the state before the end"))
        } else if graph.index[transition.source] == nil {
            findings.append(dangling("leaves", transition.source, at: place["source"]))
        }
        if transition.target != JourneyState.end, graph.index[transition.target] == nil {
            findings.append(dangling("enters", transition.target, at: place["target"]))
        }
    }

    private static func dangling(_ verb: String, _ id: ElementID, at place: JSONPath) -> Finding {
        Finding(
            .journeyDanglingTransition, .error, at: place,
            "the transition \(verb) \(id.quoted), which is not in the journey",
            cure: "remove the transition, or add the state")
    }

    /// Of several ways out of a state each needs a condition, and one of its own.
    private static func checkBranching(_ state: Int, _ graph: JudgedJourney, _ findings: inout [Finding]) {
        let ways = graph.outgoing[state]
        guard ways.count > 1 else { return }
        var targets: [ElementID: ElementID] = [:]
        for way in ways {
            let condition = way.condition ?? ""
            if condition.isBlank {
                findings.append(
                    Finding(
                        .journeyUnconditionedBranching, .error, at: JudgedJourney.place(way),
                        "\(way.source.quoted) has \(ways.count) ways out, and this one has no condition",
                        cure: "say in its condition when it is taken"))
            } else if let other = targets.updateValue(way.target, forKey: ElementID(condition)), other != way.target {
                findings.append(
                    Finding(
                        .journeyAmbiguousBranching, .warning, at: JudgedJourney.place(way),
                        "\(way.source.quoted) leads to \(other.quoted) under the same condition",
                        cure: "make the conditions exclude each other"))
            }
        }
    }
}
