import EventModel
import JourneyDomain

/// Ids of states and transitions, and what single states are made of.
enum JourneyElementRules {
    static func check(_ graph: JudgedJourney, _ findings: inout [Finding]) {
        checkUnique(graph.states.map(\.id), "nodes", &findings)
        checkUnique(graph.journey.transitions.map(\.id), "edges", &findings)
        for (number, state) in graph.states.enumerated() {
            let place = graph.place(number)
            let isRoot = state.id == graph.journey.root
            checkReserved(state, isRoot: isRoot, at: place, &findings)
            checkTools(state, at: place, &findings)
            if isRoot { checkRoot(state, at: place, &findings) } else { checkContent(state, at: place, &findings) }
            checkMetadata(state.metadata, matters: isRoot, at: place, &findings)
        }
        for transition in graph.journey.transitions {
            checkMetadata(transition.metadata, matters: true, at: JudgedJourney.place(transition), &findings)
        }
    }

    private static func checkUnique(_ ids: [ElementID], _ what: String, _ findings: inout [Finding]) {
        var seen: Set<ElementID> = []
        for id in ids {
            let place = JSONPath.root[what][id.text]
            if !seen.insert(id).inserted {
                findings.append(
                    Finding(
                        .journeyDuplicateID, .error, at: place, "the id \(id.quoted) is taken by another",
                        cure: "give one of them another id, and its transitions with it"))
            }
            let bytes = id.text.utf8.count
            if bytes == 0 {
                findings.append(
                    Finding(.journeyReservedID, .error, at: place, "the id is empty", cure: "give it a value"))
            } else if bytes > JourneyLimits.idBytes {
                findings.append(
                    Finding(
                        .journeyLimitExceeded, .error, at: place,
                        "an id of \(bytes) bytes is longer than the limit of \(JourneyLimits.idBytes)",
                        cure: "shorten it"))
            }
        }
    }

    private static func checkReserved(
        _ state: JourneyState, isRoot: Bool, at place: JSONPath, _ findings: inout [Finding]
    ) {
        let isTaken = state.id == JourneyState.end || (state.id == JourneyState.rootAlias && !isRoot)
        guard isTaken else { return }
        findings.append(
            Finding(
                .journeyReservedID, .error, at: place, "\(state.id.quoted) is what Parlant calls its own state",
                cure: "give the state another id, and its transitions with it"))
    }

    private static func checkTools(_ state: JourneyState, at place: JSONPath, _ findings: inout [Finding]) {
        if state.tools.count > JourneyLimits.tools {
            findings.append(
                Finding(
                    .journeyLimitExceeded, .error, at: place["tools"],
                    "\(state.tools.count) tools are more than the limit of \(JourneyLimits.tools)",
                    cure: "spread them over several states"))
        }
        for (index, tool) in state.tools.enumerated() {
            let parts = tool.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count < 2 || parts.contains(where: \.isEmpty) else { continue }
            findings.append(
                Finding(
                    .journeyMalformedTool, .error, at: place["tools"][index],
                    "\(tool.quoted) does not name a tool", cure: "spell it service:tool"))
        }
    }

    private static func checkRoot(_ state: JourneyState, at place: JSONPath, _ findings: inout [Finding]) {
        guard !(state.action ?? "").isEmpty || !state.tools.isEmpty else { return }
        findings.append(
            Finding(
                .journeyRootWithAction, .warning, at: place,
                "the root has something to do, and the root that Parlant creates has not",
                cure: "put it into a state behind the root"))
    }

    private static func checkContent(_ state: JourneyState, at place: JSONPath, _ findings: inout [Finding]) {
        let isSilent = (state.action ?? "").isBlank
        switch state.kind {
        case .fork where isSilent:
            findings.append(
                Finding(
                    .journeyForkWithoutAction, .warning, at: place,
                    "stepping on a fork without an action can end the journey silently",
                    cure: "say in its action what is decided there"))
        case .chat where isSilent:
            findings.append(
                Finding(
                    .journeyChatWithoutAction, .warning, at: place, "the agent has nothing to say in this state",
                    cure: "give it an action"))
        case .tool where state.tools.isEmpty:
            findings.append(
                Finding(
                    .journeyToolWithoutTools, .warning, at: place, "no tool runs in this state",
                    cure: "name a tool, or make it a chat state"))
        case nil:
            findings.append(
                Finding(
                    .journeyUnknownKind, .warning, at: place["kind"], "the state is neither chat, tool nor fork",
                    cure: "say which it is"))
        case .fork, .chat, .tool: break
        }
    }

    private static func checkMetadata(
        _ metadata: JSONObject, matters: Bool, at place: JSONPath, _ findings: inout [Finding]
    ) {
        guard matters, let notes = metadata["lockstep"], notes.object == nil || notes["id"] != nil else { return }
        findings.append(
            Finding(
                .journeyReservedMetadata, .warning, at: place["metadata"]["lockstep"],
                "our id of the element will take this place in Parlant", cure: "put the note under another name"))
    }
}
