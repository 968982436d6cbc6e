import EventModel
import JourneyDomain

/// The fields of a state that its block cannot say: put on, and taken off.
enum StateOverrides {
    /// `state` with the fields that `object` names.
    static func apply(_ object: JSONObject, to state: JourneyState) -> JourneyState {
        guard !object.isEmpty else { return state }
        return JourneyState(
            id: state.id,
            kind: object.text("kind", or: state.kind?.rawValue).flatMap(JourneyState.Kind.init(rawValue:)),
            action: object.text("action", or: state.action), summary: object.text("description", or: state.summary),
            tools: object.texts("tools") ?? state.tools, labels: object.texts("labels") ?? state.labels,
            compositionMode: object.text("composition_mode", or: state.compositionMode),
            metadata: object["metadata"]?.object ?? state.metadata, extra: object["extra"]?.object ?? state.extra)
    }

    /// The fields that turn `native` into `wanted`; none when they are alike.
    static func difference(from native: JourneyState, to wanted: JourneyState) -> JSONObject {
        var object = JSONObject()
        object.note("kind", native.kind?.rawValue, wanted.kind?.rawValue)
        object.note("action", native.action, wanted.action)
        object.note("description", native.summary, wanted.summary)
        object.note("tools", native.tools, wanted.tools)
        object.note("labels", native.labels, wanted.labels)
        object.note("composition_mode", native.compositionMode, wanted.compositionMode)
        object.note("metadata", native.metadata, wanted.metadata)
        object.note("extra", native.extra, wanted.extra)
        return object
    }
}

/// The fields of a transition that its edge cannot say.
enum TransitionOverrides {
    /// `transition` with the fields that `object` names.
    static func apply(_ object: JSONObject, to transition: JourneyTransition) -> JourneyTransition {
        guard !object.isEmpty else { return transition }
        return JourneyTransition(
            id: transition.id, source: transition.source, target: transition.target,
            condition: object.text("condition", or: transition.condition),
            metadata: object["metadata"]?.object ?? transition.metadata,
            extra: object["extra"]?.object ?? transition.extra)
    }

    /// The fields that turn `native` into `wanted`, which leads from and to the same states.
    static func difference(from native: JourneyTransition, to wanted: JourneyTransition) -> JSONObject {
        var object = JSONObject()
        if native.id != wanted.id { object["id"] = .string(wanted.id.text) }
        object.note("condition", native.condition, wanted.condition)
        object.note("metadata", native.metadata, wanted.metadata)
        object.note("extra", native.extra, wanted.extra)
        return object
    }
}

/// The fields of a journey that a workflow cannot say.
enum JourneyOverrides {
    /// `journey` with the fields that `object` names.
    static func apply(_ object: JSONObject, to journey: JourneyDefinition) -> JourneyDefinition {
        guard !object.isEmpty else { return journey }
        return JourneyDefinition(
            title: object.text("title", or: journey.title) ?? "",
            summary: object.text("description", or: journey.summary) ?? "",
            conditions: object.texts("conditions") ?? journey.conditions,
            labels: object.texts("labels") ?? journey.labels, tags: object.texts("tags") ?? journey.tags,
            priority: object["priority"]?.int ?? journey.priority,
            compositionMode: object.text("composition_mode", or: journey.compositionMode), root: journey.root,
            states: journey.states, transitions: journey.transitions,
            metadata: object["metadata"]?.object ?? journey.metadata,
            extra: object["extra"]?.object ?? journey.extra)
    }

    /// The fields that turn `native` into `wanted`, states and transitions aside.
    static func difference(from native: JourneyDefinition, to wanted: JourneyDefinition) -> JSONObject {
        var object = JSONObject()
        object.note("title", native.title, wanted.title)
        object.note("description", native.summary, wanted.summary)
        object.note("conditions", native.conditions, wanted.conditions)
        object.note("labels", native.labels, wanted.labels)
        object.note("tags", native.tags, wanted.tags)
        if native.priority != wanted.priority { object["priority"] = .number(JSONNumber(wanted.priority)) }
        object.note("composition_mode", native.compositionMode, wanted.compositionMode)
        object.note("metadata", native.metadata, wanted.metadata)
        object.note("extra", native.extra, wanted.extra)
        return object
    }
}

extension JSONObject {
    /// The text `key`; `null` means none, and absence means `native`.
    fileprivate func text(_ key: String, or native: String?) -> String? {
        guard let value = self[key] else { return native }
        return value.string
    }

    fileprivate func texts(_ key: String) -> [String]? {
        self[key]?.array.map { $0.compactMap(\.string) }
    }

    fileprivate mutating func note(_ key: String, _ native: String?, _ wanted: String?) {
        let (native, wanted) = (native.map(JSONValue.string), wanted.map(JSONValue.string))
        if native != wanted { self[key] = wanted ?? .null }
    }

    fileprivate mutating func note(_ key: String, _ native: [String], _ wanted: [String]) {
        let (native, wanted) = (native.map(JSONValue.string), wanted.map(JSONValue.string))
        if native != wanted { self[key] = .array(wanted) }
    }

    fileprivate mutating func note(_ key: String, _ native: JSONObject, _ wanted: JSONObject) {
        if native != wanted { self[key] = .object(wanted) }
    }
}
