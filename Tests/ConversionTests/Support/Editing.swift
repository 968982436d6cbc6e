import EventModel
import JourneyDomain

extension JourneyDefinition {
    /// The journey with some parts exchanged.
    func with(
        title: String? = nil, summary: String? = nil, conditions: [String]? = nil, labels: [String]? = nil,
        states: [JourneyState]? = nil, transitions: [JourneyTransition]? = nil, metadata: JSONObject? = nil
    ) -> JourneyDefinition {
        JourneyDefinition(
            title: title ?? self.title, summary: summary ?? self.summary, conditions: conditions ?? self.conditions,
            labels: labels ?? self.labels, tags: tags, priority: priority, compositionMode: compositionMode, root: root,
            states: states ?? self.states, transitions: transitions ?? self.transitions,
            metadata: metadata ?? self.metadata, extra: extra)
    }

    /// The journey with one state changed.
    func changing(_ id: ElementID, _ change: (JourneyState) -> JourneyState) -> JourneyDefinition {
        with(states: states.map { $0.id == id ? change($0) : $0 })
    }

    /// The journey with one transition changed.
    func changing(way id: ElementID, _ change: (JourneyTransition) -> JourneyTransition) -> JourneyDefinition {
        with(transitions: transitions.map { $0.id == id ? change($0) : $0 })
    }

    /// The journey without a state and the transitions from and to it.
    func removing(_ id: ElementID) -> JourneyDefinition {
        with(
            states: states.filter { $0.id != id },
            transitions: transitions.filter { $0.source != id && $0.target != id })
    }

    /// What people and Parlant see of it: everything but what is kept for the way back. Parlant looks at the order of a state's own
    /// ways only.
    var visible: JourneyDefinition {
        let bySource = transitions.enumerated().sorted {
            ($0.element.source, $0.offset) < ($1.element.source, $1.offset)
        }
        return with(
            states: states.map { $0.with(metadata: $0.metadata.removing(["sim"])) },
            transitions: bySource.map { $0.element.with(metadata: $0.element.metadata.removing(["sim"])) },
            metadata: metadata.removing(["sim"]))
    }
}

extension JourneyState {
    /// The state with some parts exchanged.
    func with(
        action: String?? = nil, summary: String?? = nil, kind: Kind?? = nil, tools: [String]? = nil,
        labels: [String]? = nil, metadata: JSONObject? = nil
    ) -> JourneyState {
        JourneyState(
            id: id, kind: kind ?? self.kind, action: action ?? self.action, summary: summary ?? self.summary,
            tools: tools ?? self.tools, labels: labels ?? self.labels, compositionMode: compositionMode,
            metadata: metadata ?? self.metadata, extra: extra)
    }
}

extension JourneyTransition {
    /// The transition with some parts exchanged.
    func with(
        source: ElementID? = nil, target: ElementID? = nil, condition: String?? = nil, metadata: JSONObject? = nil
    ) -> JourneyTransition {
        JourneyTransition(
            id: id, source: source ?? self.source, target: target ?? self.target,
            condition: condition ?? self.condition, metadata: metadata ?? self.metadata, extra: extra)
    }
}
