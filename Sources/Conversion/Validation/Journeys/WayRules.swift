import EventModel
import JourneyDomain

/// The way from the root through the states to an end.
enum WayRules {
    static func check(_ graph: JudgedJourney, _ findings: inout [Finding]) {
        guard let root = graph.root else {
            return findings.append(
                Finding(
                    .journeyMissingStart, .error, at: .root["root_id"],
                    "the root \(graph.journey.root.quoted) is none of the states",
                    cure: "add it, or name one that is there"))
        }
        if graph.outgoing[root].isEmpty {
            findings.append(
                Finding(
                    .journeyEmpty, .warning, at: graph.place(root), "nothing leads from the root",
                    cure: "add a state and a transition to it"))
        }
        let reached = Reachability.reached(from: [root], graph.following)
        for state in graph.states.indices where !reached[state] && graph.states[state].id != JourneyState.end {
            findings.append(
                Finding(
                    .journeyUnreachableState, .warning, at: graph.place(state),
                    "no way leads to this state from the root",
                    cure: "add a transition to it, or remove it"))
        }
        checkEnds(graph, reached, root, &findings)
    }

    /// A state that nothing leaves is an end of sorts: the journey stays there. A state that leads neither there nor to the end goes round
    /// and round.
    private static func checkEnds(
        _ graph: JudgedJourney, _ reached: [Bool], _ root: Int, _ findings: inout [Finding]
    ) {
        let open = graph.states.indices.filter { graph.outgoing[$0].isEmpty && graph.states[$0].id != JourneyState.end }
        for state in open where state != root {
            findings.append(
                Finding(
                    .journeyOpenEnd, .remark, at: graph.place(state), "the journey stops here without being ended",
                    cure: "add a transition to the end"))
        }
        let dangling = graph.states.indices.filter { graph.following[$0].isEmpty }
        let ending = Reachability.reached(from: [graph.end] + dangling, Reachability.reversed(graph.following))
        for state in graph.states.indices where !ending[state] && graph.states[state].id != JourneyState.end {
            findings.append(
                Finding(
                    .journeyNoWayToEnd, .warning, at: graph.place(state), "no way leads from this state to an end",
                    cure: "add a transition that leaves the circle"))
        }
    }
}
