import EventModel

extension JourneyDefinition {
    /// The body of `POST /journeys`, which creates the journey without its graph. Set title, description and priority here: changing
    /// them later breaks new sessions.
    public func createBody(id: JourneyID) -> JSONValue {
        var body = attributes(id)
        body["conditions"] = .array(conditions.map(JSONValue.string))
        body["composition_mode"] = compositionMode.map(JSONValue.string)
        return .object(body)
    }

    /// The body that replaces a journey's graph: `{root, nodes: […], edges: […]}`.
    ///
    /// The root exists already in Parlant, so edges call it `root`; what it should be like stands beside the nodes under `root`. The end
    /// is called `end`. Each edge carries our id of the transition in its metadata, as does the root.
    public var graphBody: JSONValue {
        [
            "root": .object(node(of: rootState)),
            "nodes": .array(states.filter { $0.id != root }.map { .object(node(of: $0)) }),
            "edges": .array(transitions.map { .object(edge(of: $0, root: JourneyState.rootAlias)) }),
        ]
    }

    /// What a Parlant server answers for this journey and its graph: how it looks when read back.
    ///
    /// - Parameter rootID: what the server calls the root, and the ids that it gives to edges and conditions are made from their places.
    public func graphAnswer(id: JourneyID, rootID: ElementID) -> JSONValue {
        var journey = attributes(id)
        journey["root_id"] = .string(rootID.text)
        journey["conditions"] = .array(conditions.indices.map { .string("condition-\($0)") })
        journey["composition_mode"] = compositionMode.map(JSONValue.string)
        var rootNode = node(of: rootState)
        rootNode["id"] = .string(rootID.text)
        let nodes = [rootNode] + states.filter { $0.id != root }.map { node(of: $0) }
        let end: JSONObject = JSONObject([.init(key: "id", value: .string(JourneyState.end.text))])
        let edges = transitions.enumerated().map { index, transition in
            var edge = edge(of: transition, root: rootID)
            edge["id"] = .string("edge-\(index)")
            return JSONValue.object(edge)
        }
        return [
            "journey": .object(journey), "nodes": .array((nodes + [end]).map(JSONValue.object)),
            "edges": .array(edges),
        ]
    }

    /// What is left of the journey after a trip through Parlant: it has no place for metadata of the journey and for unknown fields.
    public var heldByParlant: JourneyDefinition {
        JourneyDefinition(
            title: title, summary: summary, conditions: conditions, labels: labels, tags: tags, priority: priority,
            compositionMode: compositionMode, root: root, states: states.map(\.heldByParlant),
            transitions: transitions.map(\.heldByParlant))
    }

    private var rootState: JourneyState { state(root) ?? JourneyState(id: root, kind: nil) }

    private func attributes(_ id: JourneyID) -> JSONObject {
        JSONObject([
            .init(key: "id", value: .string(id.text)), .init(key: "title", value: .string(title)),
            .init(key: "description", value: .string(summary)),
            .init(key: "tags", value: .array(tags.map(JSONValue.string))),
            .init(key: "labels", value: .array(labels.map(JSONValue.string))),
            .init(key: "priority", value: .number(JSONNumber(priority))),
        ])
    }

    private func node(of state: JourneyState) -> JSONObject {
        let engine = ParlantMetadata.withEngine(state.metadata, kind: state.kind)
        let metadata = state.id == root ? ParlantMetadata.with(id: root, engine) : engine
        let unknown = state.kind == nil ? ParlantMetadata.unknownKind(state.metadata) : nil
        return JSONObject([
            .init(key: "id", value: .string(state.id.text)),
            .init(key: "kind", value: state.kind.map { .string($0.rawValue) } ?? unknown ?? .null),
            .init(key: "action", value: state.action.map(JSONValue.string) ?? .null),
            .init(key: "description", value: state.summary.map(JSONValue.string) ?? .null),
            .init(key: "tools", value: .array(state.tools.map(JSONValue.string))),
            .init(key: "metadata", value: .object(metadata)),
            .init(key: "labels", value: .array(state.labels.map(JSONValue.string))),
            .init(key: "composition_mode", value: state.compositionMode.map(JSONValue.string) ?? .null),
        ])
    }

    private func edge(of transition: JourneyTransition, root alias: ElementID) -> JSONObject {
        func named(_ id: ElementID) -> JSONValue { .string(id == root ? alias.text : id.text) }
        return JSONObject([
            .init(key: "source", value: named(transition.source)),
            .init(key: "target", value: named(transition.target)),
            .init(key: "condition", value: transition.condition.map(JSONValue.string) ?? .null),
            .init(key: "metadata", value: .object(ParlantMetadata.with(id: transition.id, transition.metadata))),
        ])
    }
}

extension JourneyState {
    fileprivate var heldByParlant: JourneyState {
        let (said, _, rest) = ParlantMetadata.withoutEngine(metadata)
        return JourneyState(
            id: id, kind: kind ?? said, action: action, summary: summary, tools: tools, labels: labels,
            compositionMode: compositionMode, metadata: rest)
    }
}

extension JourneyTransition {
    fileprivate var heldByParlant: JourneyTransition {
        JourneyTransition(
            id: id, source: source, target: target, condition: condition,
            metadata: ParlantMetadata.withoutID(metadata).rest)
    }
}
