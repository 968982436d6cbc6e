import EventModel
import JourneyDomain
import ParlantConnector
import Testing

/// Journeys for tests.
extension Scene {
    /// A journey from a root through `names`, one after the other, to the end.
    func line(_ name: String, through names: [String], agent: String? = nil) -> JourneyDefinition {
        let id = self.name(name)
        let states = names.map { chat("\(id).\($0)", action: "Do \($0)") }
        let stops = ["\(id).start"] + states.map(\.id.text) + ["end"]
        let ways = zip(stops, stops.dropFirst()).enumerated().map { at, stop in
            way("e\(at)", stop.0, stop.1)
        }
        return journey(name, states: states, ways: ways, agent: agent)
    }

    /// A journey that asks, then parts without an action: `high` goes one way, `low` the other.
    func fork(_ name: String, agent: String? = nil) -> JourneyDefinition {
        let id = self.name(name)
        return journey(
            name,
            states: [
                chat("\(id).ask", action: "Ask for the ticket"), JourneyState(id: ElementID("\(id).fork"), kind: .fork),
                chat("\(id).high", action: "Escalate"), chat("\(id).low", action: "Reply"),
            ],
            ways: [
                way("e1", "\(id).start", "\(id).ask"), way("e2", "\(id).ask", "\(id).fork"),
                way("e3", "\(id).fork", "\(id).high", "priority is high"),
                way("e4", "\(id).fork", "\(id).low", "priority is low"), way("e5", "\(id).high", "end"),
                way("e6", "\(id).low", "end"),
            ], agent: agent)
    }

    /// A journey of these parts and the root.
    func journey(
        _ name: String, states: [JourneyState], ways: [JourneyTransition], agent: String? = nil,
        title: String = "A journey", conditions: [String]? = nil, labels: [String] = ["test"]
    ) -> JourneyDefinition {
        let id = self.name(name)
        let root = ElementID("\(id).start")
        return JourneyDefinition(
            title: title, summary: "What it is for", conditions: conditions ?? ["wants \(id)"], labels: labels,
            tags: agent.map { ["agent:\($0)"] } ?? ["agent:nobody"], root: root,
            states: states.contains { $0.id == root } ? states : [JourneyState(id: root, kind: nil)] + states,
            transitions: ways)
    }

    func chat(_ id: String, action: String) -> JourneyState {
        JourneyState(id: ElementID(id), kind: .chat, action: action)
    }

    func way(_ id: String, _ source: String, _ target: String, _ condition: String? = nil) -> JourneyTransition {
        JourneyTransition(
            id: ElementID(id), source: ElementID(source), target: ElementID(target), condition: condition)
    }
}

extension JourneyDefinition {
    /// This journey with other parts.
    func with(
        title: String? = nil, conditions: [String]? = nil, labels: [String]? = nil, states: [JourneyState]? = nil,
        transitions: [JourneyTransition]? = nil, metadata: JSONObject? = nil
    ) -> JourneyDefinition {
        JourneyDefinition(
            title: title ?? self.title, summary: summary, conditions: conditions ?? self.conditions,
            labels: labels ?? self.labels, tags: tags, priority: priority, compositionMode: compositionMode, root: root,
            states: states ?? self.states, transitions: transitions ?? self.transitions,
            metadata: metadata ?? self.metadata, extra: extra)
    }
}

/// The refusal with which `body` ends, if it does.
func refusal(_ body: () async throws -> Void) async -> ParlantError? {
    do {
        try await body()
        return nil
    } catch {
        guard let refusal = error as? ParlantError else {
            Issue.record(error)
            return nil
        }
        return refusal
    }
}
