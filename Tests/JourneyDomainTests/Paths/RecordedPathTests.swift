import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing

/// Parlant's own numbering, where recordings of the real server lie beside the checkout; they are not part of the project.
@Suite("Parlant numbers states", .enabled(if: Recordings.arePresent)) struct RecordedPathTests {
    @Test(arguments: [
        "01-linear-walk", "02-fork-conditions", "03-fork-node-traps", "04-loop-with-exit", "05-sim-hitl-multistage",
        "06-sim-condition-route", "15-structural-edit-remaps", "16-force-state",
    ])
    func `as we do, before and after every edit`(_ name: String) throws {
        let bytes = try ProjectFiles.bytes("\(Recordings.directory)/\(name).json")
        var journeys: [String: JourneyPathIndex] = [:]
        var compared = 0
        for exchange in try JSONValue(bytes, limits: .file)["exchanges"]?.array ?? [] {
            let body = exchange["response"]?["body"]
            if let graph = body, let id = graph["journey"]?["id"]?.string, graph["nodes"] != nil {
                journeys[id] = JourneyPathIndex(Self.journey(graph))
            }
            for (id, path) in Self.paths(body?["agent_states"]) {
                guard let index = journeys[id] else { continue }
                let stored = (path["indexes"]?.array ?? []).map(\.string)
                let ids = (path["node_ids"]?.array ?? []).map(\.string)
                let read = index.steps(on: stored).map { step -> String? in
                    if case .state(let id) = step { id.text } else { nil }
                }
                #expect(read == ids, "\(id) \(stored)")
                compared += 1
            }
        }
        #expect(compared > 2)
    }

    private static func paths(_ states: JSONValue?) -> [(String, JSONValue)] {
        (states?.array ?? []).flatMap { state in
            (state["journey_paths"]?.object?.members ?? []).map { ($0.key, $0.value) }
        }
    }

    private static func journey(_ graph: JSONValue) -> JourneyDefinition {
        let states = (graph["nodes"]?.array ?? []).compactMap { $0["id"]?.string }.filter { $0 != "end" }
        let ways = (graph["edges"]?.array ?? []).map { edge in
            JourneyTransition(
                id: ElementID(edge["id"]?.string ?? ""), source: ElementID(edge["source"]?.string ?? ""),
                target: ElementID(edge["target"]?.string ?? ""))
        }
        return JourneyDefinition(
            title: "T", root: ElementID(graph["journey"]?["root_id"]?.string ?? ""),
            states: states.map { JourneyState(id: ElementID($0), kind: .chat) }, transitions: ways)
    }
}
