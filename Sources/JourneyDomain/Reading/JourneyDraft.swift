import EventModel

/// The parts of a journey as a reader found them, each with its place in the file, before they are put together.
struct JourneyDraft {
    /// The fields of a journey that we understand.
    static let fields: Set<String> = [
        "title", "description", "conditions", "labels", "tags", "priority", "composition_mode", "metadata", "root_id",
    ]
    /// The fields of the canonical form that hold the graph.
    static let graphFields: Set<String> = ["nodes", "edges"]
    /// Where conditions are kept that are known by the ids of their guidelines only.
    static let conditionIDs = "condition_ids"

    var title = ""
    var summary = ""
    var conditions: [String] = []
    var labels: [String] = []
    var tags: [String] = []
    var priority = 0
    var compositionMode: String?
    var metadata = JSONObject()
    var extra = JSONObject()
    var root: (id: ElementID, path: JSONPath)?
    var states: [PlacedElement<JourneyState>] = []
    var transitions: [PlacedElement<JourneyTransition>] = []

    /// Reads everything but the graph.
    mutating func readAttributes(_ object: JSONObject, at path: JSONPath, findings: inout JourneyFindings) {
        title = findings.requiredText(object, "title", at: path) ?? ""
        summary = findings.optionalText(object, "description", at: path) ?? ""
        labels = findings.texts(object, "labels", atMost: JourneyLimits.labels, at: path).map(\.text)
        tags = findings.texts(object, "tags", atMost: JourneyLimits.labels, at: path).map(\.text)
        priority = findings.optionalInt(object, "priority", at: path) ?? 0
        compositionMode = findings.optionalText(object, "composition_mode", at: path)
        metadata = findings.object(object, "metadata", at: path)
        extra = object.removing(Self.fields)
    }

    /// Reads conditions that are texts.
    mutating func readConditions(_ object: JSONObject, at path: JSONPath, findings: inout JourneyFindings) {
        conditions = findings.texts(object, "conditions", atMost: JourneyLimits.conditions, at: path).map(\.text)
    }

    /// Reads conditions as Parlant answers them: the ids of guidelines. What is no id – it has white space, or nothing – is a text.
    mutating func readConditionIDs(
        _ object: JSONObject, texts: [String: String], at path: JSONPath, findings: inout JourneyFindings
    ) {
        var unknown: [JSONValue] = []
        let entries = findings.texts(object, "conditions", atMost: JourneyLimits.conditions, at: path)
        for (entry, place) in entries {
            if let text = texts[entry] {
                conditions.append(text)
            } else if entry.isEmpty || entry.unicodeScalars.contains(where: \.properties.isWhitespace) {
                conditions.append(entry)
            } else {
                findings.warn(.conditionWithoutText(id: entry), at: place)
                unknown.append(.string(entry))
            }
        }
        if !unknown.isEmpty { extra[Self.conditionIDs] = .array(unknown) }
    }

    /// The journey, if everything that it needs is there.
    func assembled(findings: inout JourneyFindings) -> JourneyDefinition? {
        checkCount("nodes", states.count, limit: JourneyLimits.states, findings: &findings)
        checkCount("edges", transitions.count, limit: JourneyLimits.transitions, findings: &findings)
        findings.checkUnique(states.map { ($0.element.id, $0.path) })
        findings.checkUnique(transitions.map { ($0.element.id, $0.path) })
        guard let root else { return nil }
        if !states.contains(where: { $0.element.id == root.id }) {
            findings.problem(.unknownRoot(root.id.text), at: root.path)
        }
        guard findings.problems.isEmpty else { return nil }
        return JourneyDefinition(
            title: title, summary: summary, conditions: conditions, labels: labels, tags: tags, priority: priority,
            compositionMode: compositionMode, root: root.id, states: states.map(\.element),
            transitions: transitions.map(\.element), metadata: metadata, extra: extra)
    }

    private func checkCount(_ what: String, _ count: Int, limit: Int, findings: inout JourneyFindings) {
        if count > limit { findings.problem(.tooMany(what: what, count: count, limit: limit), at: .root) }
    }
}
