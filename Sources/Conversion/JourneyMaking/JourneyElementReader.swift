import EventModel
import JourneyDomain

/// Reads states and transitions back from their canonical values.
enum JourneyElementReader {
    private static let stateFields: Set<String> = [
        "id", "kind", "action", "description", "tools", "labels", "composition_mode", "metadata",
    ]
    private static let transitionFields: Set<String> = ["id", "source", "target", "condition", "metadata"]

    /// The state that `value` is.
    /// - Returns: `nil` when it has no id.
    static func state(_ value: JSONValue) -> JourneyState? {
        guard let object = value.object, let id = object["id"]?.string, !id.isEmpty else { return nil }
        return JourneyState(
            id: ElementID(id), kind: object["kind"]?.string.flatMap(JourneyState.Kind.init(rawValue:)),
            action: object["action"]?.string, summary: object["description"]?.string,
            tools: (object["tools"]?.array ?? []).compactMap(\.string),
            labels: (object["labels"]?.array ?? []).compactMap(\.string),
            compositionMode: object["composition_mode"]?.string, metadata: object["metadata"]?.object ?? JSONObject(),
            extra: object.removing(stateFields))
    }

    /// The transition that `value` is.
    /// - Returns: `nil` when it lacks an id or an end.
    static func transition(_ value: JSONValue) -> JourneyTransition? {
        guard let object = value.object, let id = object["id"]?.string, let source = object["source"]?.string,
            let target = object["target"]?.string
        else { return nil }
        return JourneyTransition(
            id: ElementID(id), source: ElementID(source), target: ElementID(target),
            condition: object["condition"]?.string, metadata: object["metadata"]?.object ?? JSONObject(),
            extra: object.removing(transitionFields))
    }
}
