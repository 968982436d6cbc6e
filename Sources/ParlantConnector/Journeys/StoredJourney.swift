import EventModel
import JourneyDomain

/// A journey as Parlant holds it.
public struct StoredJourney: Sendable, Equatable {
    /// Its id.
    public let id: JourneyID
    /// What it is. Empty texts where there might be none come back as none.
    public let definition: JourneyDefinition
    /// Which state of it this is.
    public let version: JourneyVersion
    /// The guidelines behind the conditions, in their order: Parlant's events name these.
    public let conditionGuidelines: [String]
    /// The states by the numbers under which the engine keeps its paths.
    public let states: [String: ElementID]

    /// Whether this is what the server would hold of `definition`: where there might be no text, it takes an empty one for none.
    public func holds(_ definition: JourneyDefinition) -> Bool {
        self.definition.withoutEmptyTexts == definition.withoutEmptyTexts
    }
}

extension JourneyDefinition {
    fileprivate var withoutEmptyTexts: JourneyDefinition {
        func text(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
        return JourneyDefinition(
            title: title, summary: summary, conditions: conditions, labels: labels, tags: tags, priority: priority,
            compositionMode: compositionMode, root: root,
            states: states.map { state in
                JourneyState(
                    id: state.id, kind: state.kind, action: text(state.action), summary: text(state.summary),
                    tools: state.tools, labels: state.labels, compositionMode: state.compositionMode,
                    metadata: state.metadata, extra: state.extra)
            },
            transitions: transitions.map { way in
                JourneyTransition(
                    id: way.id, source: way.source, target: way.target, condition: text(way.condition),
                    metadata: way.metadata, extra: way.extra)
            },
            metadata: metadata, extra: extra)
    }
}

/// Journeys on their way to our module and back.
enum JourneyCoding {
    /// The members of a journey that are not told in its body, or not under that name.
    private static let graphMembers: Set<String> = ["nodes", "edges", "conditions"]

    /// The body that makes `definition`: `{journey, nodes, edges}`.
    static func creation(_ definition: JourneyDefinition) -> JSONValue {
        let canonical = definition.canonicalValue.object ?? JSONObject()
        var journey = canonical.removing(graphMembers)
        journey["condition_texts"] = .array(definition.conditions.map(JSONValue.string))
        return ["journey": .object(journey), "nodes": nodes(definition), "edges": edges(definition)]
    }

    /// The body that turns a journey into `definition`, in all that can be changed.
    static func change(to definition: JourneyDefinition, expecting expected: ExpectedJourneyVersion) -> JSONValue {
        [
            "expected_version": .string(expected.text), "root_id": .string(definition.root.text),
            "nodes": nodes(definition), "edges": edges(definition),
            "condition_texts": .array(definition.conditions.map(JSONValue.string)),
            "labels": .array(definition.labels.map(JSONValue.string)),
            "tags": .array(definition.tags.map(JSONValue.string)), "metadata": .object(definition.metadata),
            "extra": .object(definition.extra),
        ]
    }

    private static func nodes(_ definition: JourneyDefinition) -> JSONValue {
        .array(definition.states.map(\.canonicalValue))
    }

    private static func edges(_ definition: JourneyDefinition) -> JSONValue {
        .array(definition.transitions.map(\.canonicalValue))
    }

    /// The journey of an answer.
    static func stored(_ value: JSONValue, id: JourneyID) throws(ParlantError) -> StoredJourney {
        guard let version = value["version"]?.string, let journey = value["journey"]?.object,
            let nodes = value["nodes"]?.array, let edges = value["edges"]
        else { throw .malformed(what: "a journey without its parts") }
        var canonical = journey.removing(["id", "conditions", "condition_texts"])
        canonical["conditions"] = value["journey"]?["condition_texts"]
        canonical["nodes"] = .object(JSONObject(nodes.map { .init(key: $0["id"]?.string ?? "", value: $0) }))
        canonical["edges"] = edges
        let definition: JourneyDefinition
        do throws(JourneyFormatError) { definition = try JourneyDefinition(canonical: .object(canonical)) } catch {
            throw .malformed(what: "a journey that is none: \(error)")
        }
        let indexes = value["indexes"]?.object?.members ?? []
        return StoredJourney(
            id: id, definition: definition, version: JourneyVersion(version),
            conditionGuidelines: (value["journey"]?["conditions"]?.array ?? []).compactMap(\.string),
            states: Dictionary(
                indexes.compactMap { member in member.value.string.map { (member.key, ElementID($0)) } },
                uniquingKeysWith: { first, _ in first }))
    }
}
