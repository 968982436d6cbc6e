import EventModel

/// The readers of the three forms.
enum JourneyForms {
    /// Our canonical form.
    static func canonical(_ top: JSONObject, findings: inout JourneyFindings) -> JourneyDraft {
        var draft = JourneyDraft()
        draft.readAttributes(top, at: .root, findings: &findings)
        draft.readConditions(top, at: .root, findings: &findings)
        draft.extra = draft.extra.removing(JourneyDraft.graphFields)
        draft.root = findings.requiredID(top, "root_id", at: .root).map { ($0, JSONPath.root["root_id"]) }
        if top["nodes"] == nil { findings.problem(.missing(field: "nodes"), at: .root) }
        let elements = JourneyElements(isParlants: false)
        for member in findings.object(top, "nodes", at: .root).members {
            let place = JSONPath.root["nodes"][member.key]
            guard findings.checkedID(member.key, at: place), let object = findings.object(member.value, at: place)
            else {
                continue
            }
            let id = ElementID(member.key)
            if let own = findings.optionalText(object, "id", at: place), ElementID(own) != id {
                findings.problem(.idMismatch(key: member.key, id: own), at: place["id"])
            }
            let state = elements.state(object, id: id, at: place, findings: &findings)
            draft.states.append(PlacedElement(element: state, path: place))
        }
        draft.transitions = elements.transitions(top, at: .root, findings: &findings)
        return draft
    }

    /// Parlant's journey with its graph.
    static func graph(
        _ top: JSONObject, conditionTexts: [String: String], findings: inout JourneyFindings
    ) -> JourneyDraft {
        let journey = top["journey"]?.object ?? JSONObject()
        let path = JSONPath.root["journey"]
        var draft = parlantsAttributes(journey, at: path, findings: &findings)
        draft.readConditionIDs(renamed(journey), texts: conditionTexts, at: path, findings: &findings)
        for member in top.removing(JourneyDraft.fields.union(["journey", "nodes", "edges", "id"])).members
        where draft.extra[member.key] == nil {
            draft.extra[member.key] = member.value
        }
        let rootID = findings.requiredID(journey, "root_id", at: path)
        readNodes(top, root: rootID, into: &draft, findings: &findings)
        let transitions = JourneyElements(isParlants: true).transitions(top, at: .root, findings: &findings)
        draft.transitions = transitions.map { leave($0, root: rootID, as: draft.root?.id) }
        return draft
    }

    /// What `/journeys` takes and answers. Answers, unlike what was asked, always say tags and composition mode, and name conditions by id.
    static func journey(
        _ top: JSONObject, conditionTexts: [String: String], findings: inout JourneyFindings
    ) -> JourneyDraft {
        var draft = parlantsAttributes(top, at: .root, findings: &findings)
        let journey = renamed(top)
        if journey["tags"] != nil, journey["composition_mode"] != nil {
            draft.readConditionIDs(journey, texts: conditionTexts, at: .root, findings: &findings)
        } else {
            draft.readConditions(journey, at: .root, findings: &findings)
        }
        let root = JourneyState(id: JourneyState.rootAlias, kind: nil)
        draft.root = (root.id, .root)
        draft.states = [PlacedElement(element: root, path: .root)]
        return draft
    }

    private static func parlantsAttributes(
        _ journey: JSONObject, at path: JSONPath, findings: inout JourneyFindings
    ) -> JourneyDraft {
        var draft = JourneyDraft()
        draft.readAttributes(renamed(journey), at: path, findings: &findings)
        draft.extra = draft.extra.removing(["id", "nodes", "edges"])
        return draft
    }

    /// Later versions call conditions triggers, and tags groups.
    private static func renamed(_ journey: JSONObject) -> JSONObject {
        var journey = journey
        for (later, name) in [("triggers", "conditions"), ("groups", "tags")] where journey[name] == nil {
            guard let value = journey[later] else { continue }
            journey[later] = nil
            journey[name] = value
        }
        return journey
    }

    /// Parlant's end is no state; its root may have an id of ours.
    private static func readNodes(
        _ top: JSONObject, root: ElementID?, into draft: inout JourneyDraft, findings: inout JourneyFindings
    ) {
        draft.root = root.map { ($0, JSONPath.root["journey"]["root_id"]) }
        if top["nodes"] == nil { findings.problem(.missing(field: "nodes"), at: .root) }
        let elements = JourneyElements(isParlants: true)
        for (index, value) in findings.array(top, "nodes", at: .root).enumerated() {
            let place = JSONPath.root["nodes"][index]
            guard let object = findings.object(value, at: place),
                let id = findings.requiredID(object, "id", at: place), id != JourneyState.end
            else { continue }
            var state = elements.state(object, id: id, at: place, findings: &findings)
            let (ours, rest) = ParlantMetadata.withoutID(state.metadata)
            if id == root, let ours, findings.checkedID(ours, at: place["metadata"]) {
                state = state.with(id: ElementID(ours), metadata: rest)
                draft.root?.id = state.id
            }
            draft.states.append(PlacedElement(element: state, path: place))
        }
    }

    /// A transition whose ends are called as our states are.
    private static func leave(
        _ placed: PlacedElement<JourneyTransition>, root: ElementID?, as name: ElementID?
    ) -> PlacedElement<JourneyTransition> {
        guard let root, let name, root != name else { return placed }
        let transition = placed.element
        func named(_ id: ElementID) -> ElementID { id == root ? name : id }
        return PlacedElement(
            element: JourneyTransition(
                id: transition.id, source: named(transition.source), target: named(transition.target),
                condition: transition.condition, metadata: transition.metadata, extra: transition.extra),
            path: placed.path)
    }
}

extension JourneyState {
    /// How Parlant's graph calls the root when it is written; no other state may be called so.
    public static let rootAlias = ElementID("root")

    /// The same state under another id and with other metadata.
    func with(id: ElementID, metadata: JSONObject) -> JourneyState {
        JourneyState(
            id: id, kind: kind, action: action, summary: summary, tools: tools, labels: labels,
            compositionMode: compositionMode, metadata: metadata, extra: extra)
    }
}
