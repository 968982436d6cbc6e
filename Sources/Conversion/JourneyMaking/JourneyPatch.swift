import EventModel
import JourneyDomain

/// What has to be changed in the journey that a workflow says by itself to get the journey that was wanted, where no field of
/// an element can say it: the member `patch` of the workflow's overrides.
///
/// It is small: it names only states and transitions that differ, and their order only where it is not the natural one.
enum JourneyPatch {
    /// The key under which it is kept.
    static let key = "patch"

    /// The journey that the patch makes of `journey`. What the patch names and the journey does not have is ignored.
    static func apply(_ patch: JSONObject, to journey: JourneyDefinition) -> JourneyDefinition {
        guard !patch.isEmpty else { return journey }
        let withoutStates = ids(patch["without_states"])
        let states = self.states(patch, of: journey.states.filter { !withoutStates.contains($0.id) })
        let transitions = self.transitions(patch, of: journey)
        let root = patch["root"]?.string.map { ElementID($0) } ?? journey.root
        return journey.replacing(
            root: states.contains { $0.id == root } ? root : journey.root, states: states,
            transitions: ordered(transitions, by: patch["order"]))
    }

    private static func states(_ patch: JSONObject, of states: [JourneyState]) -> [JourneyState] {
        let listed = (patch["states"]?.array ?? []).compactMap(JourneyElementReader.state)
        guard !listed.isEmpty else { return states }
        var changed = Dictionary(listed.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let kept = states.map { state in
            guard let new = changed.removeValue(forKey: state.id) else { return state }
            var metadata = new.metadata
            if let kept = state.metadata[Complement.key] { metadata[Complement.key] = kept }
            return new.replacing(metadata: metadata)
        }
        return kept + changed.values
    }

    private static func transitions(_ patch: JSONObject, of journey: JourneyDefinition) -> [JourneyTransition] {
        let without = ids(patch["without"])
        var changed: [ElementID: JourneyTransition] = [:]
        var order: [ElementID] = []
        for transition in (patch["with"]?.array ?? []).compactMap(JourneyElementReader.transition)
        where changed.updateValue(transition, forKey: transition.id) == nil {
            order.append(transition.id)
        }
        var transitions: [JourneyTransition] = []
        for transition in journey.transitions where !without.contains(transition.id) {
            guard let new = changed.removeValue(forKey: transition.id) else {
                transitions.append(transition)
                continue
            }
            var metadata = new.metadata
            if let kept = transition.metadata[Complement.key] { metadata[Complement.key] = kept }
            transitions.append(new.replacing(metadata: metadata))
        }
        return transitions + order.compactMap { changed[$0] }
    }

    /// The listed ones in the order of the list, at the places that they have together; the others stay where they are.
    private static func ordered(_ transitions: [JourneyTransition], by order: JSONValue?) -> [JourneyTransition] {
        guard let order = order?.array else { return transitions }
        var ranks: [ElementID: Int] = [:]
        for id in order { ranks[ElementID(id.string ?? "")] = ranks.count }
        let places = transitions.indices.filter { ranks[transitions[$0].id] != nil }
        let listed = places.map { transitions[$0] }.sorted { (ranks[$0.id] ?? 0) < (ranks[$1.id] ?? 0) }
        var result = transitions
        for (place, transition) in zip(places, listed) { result[place] = transition }
        return result
    }

    /// What has to be listed so that `reached` comes into the order of `wanted`. Only the order of each state's own ways means
    /// something to Parlant; the order among states is kept where the journey has to be exactly the same.
    private static func order(
        from reached: [JourneyTransition], to wanted: [JourneyTransition], isExact: Bool
    ) -> [JSONValue] {
        guard reached.map(\.id) != wanted.map(\.id) else { return [] }
        guard !isExact else { return wanted.map { .string($0.id.text) } }
        let before = Dictionary(grouping: reached, by: \.source).mapValues { $0.map(\.id) }
        let after = Dictionary(grouping: wanted, by: \.source).mapValues { $0.map(\.id) }
        return wanted.filter { before[$0.source] != after[$0.source] }.map { .string($0.id.text) }
    }

    private static func ids(_ value: JSONValue?) -> Set<ElementID> {
        Set((value?.array ?? []).compactMap(\.string).map { ElementID($0) })
    }

    /// The patch that turns `native` into `wanted`; metadata for the way back is not compared.
    static func difference(
        from native: JourneyDefinition, to wanted: JourneyDefinition, isExact: Bool
    ) -> JSONObject {
        var patch = JSONObject()
        func list(_ key: String, _ values: [JSONValue]) { if !values.isEmpty { patch[key] = .array(values) } }
        let wantedStates = Set(wanted.states.map(\.id))
        let nativeStates = Dictionary(native.states.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        list("without_states", native.states.filter { !wantedStates.contains($0.id) }.map { .string($0.id.text) })
        list("states", wanted.states.filter { nativeStates[$0.id] != $0 }.map(\.canonicalValue))
        let before = Dictionary(native.transitions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set(wanted.transitions.map(\.id))
        list("without", native.transitions.filter { !after.contains($0.id) }.map { .string($0.id.text) })
        list("with", wanted.transitions.filter { before[$0.id] != $0 }.map(\.canonicalValue))
        if native.root != wanted.root { patch["root"] = .string(wanted.root.text) }
        let reached = apply(patch, to: native).transitions
        list("order", order(from: reached, to: wanted.transitions, isExact: isExact))
        return patch
    }
}

extension JourneyDefinition {
    /// This journey with other parts.
    func replacing(
        root: ElementID? = nil, states: [JourneyState]? = nil, transitions: [JourneyTransition]? = nil,
        metadata: JSONObject? = nil
    ) -> JourneyDefinition {
        JourneyDefinition(
            title: title, summary: summary, conditions: conditions, labels: labels, tags: tags, priority: priority,
            compositionMode: compositionMode, root: root ?? self.root, states: states ?? self.states,
            transitions: transitions ?? self.transitions, metadata: metadata ?? self.metadata, extra: extra)
    }

    /// The journey as it is without what the conversion keeps on it for the way back.
    var withoutComplement: JourneyDefinition {
        replacing(
            states: states.map { $0.metadata[Complement.key] == nil ? $0 : $0.replacing(metadata: $0.metadata.plain) },
            transitions: transitions.map {
                $0.metadata[Complement.key] == nil ? $0 : $0.replacing(metadata: $0.metadata.plain)
            }, metadata: metadata.plain)
    }
}

extension JSONObject {
    /// This metadata without what the conversion keeps for the way back.
    var plain: JSONObject { removing([Complement.key]) }
}
