import EventModel

/// What keeps a journey from being stored and read back as it is, all at once. ``JourneyDecider`` refuses such a journey.
///
/// A transition to or from a state that is not there is no such thing: it can be stored, a server may really hold it, and validation names it.
public struct JourneyFlaws: Error, Equatable, Sendable {
    /// What its reader would refuse, at the places of ``JourneyDefinition/canonicalValue``; at most ``JourneyLimits/findings``.
    public let problems: [JourneyProblem]
    /// Fields of ``JourneyDefinition/extra``, or of an element's, that are called as one of ours: only one of the two can be written.
    public let reservedFields: [JSONPath]
    /// What JSON in it the log cannot hold; the offset is that in the canonical form.
    public let json: JSONFlaw?

    /// The flaws as given.
    public init(problems: [JourneyProblem] = [], reservedFields: [JSONPath] = [], json: JSONFlaw? = nil) {
        self.problems = problems
        self.reservedFields = reservedFields
        self.json = json
    }

    /// What is wrong with `definition`, whose canonical form is `canonical`.
    /// - Returns: `nil` when reading `canonical` answers `definition`.
    init?(of definition: JourneyDefinition, canonical: JSONValue) {
        self.init(
            problems: Self.problems(of: definition, canonical: canonical),
            reservedFields: Self.reservedFields(of: definition), json: Self.flaw(in: canonical))
        if problems.isEmpty, reservedFields.isEmpty, json == nil { return nil }
    }

    /// The reader's own findings, and the duplicates that the canonical form has no place for.
    private static func problems(of definition: JourneyDefinition, canonical: JSONValue) -> [JourneyProblem] {
        var findings = JourneyFindings()
        findings.checkUnique(definition.states.map { ($0.id, JSONPath.root["nodes"][$0.id.text]) })
        let draft = JourneyForms.canonical(canonical.object ?? JSONObject(), findings: &findings)
        _ = draft.assembled(findings: &findings)
        return findings.problems
    }

    private static func reservedFields(of definition: JourneyDefinition) -> [JSONPath] {
        func clashes(_ extra: JSONObject, _ fields: Set<String>, at path: JSONPath) -> [JSONPath] {
            extra.keys.filter(fields.contains).map { path[$0] }
        }
        let journey = clashes(definition.extra, JourneyDraft.fields.union(JourneyDraft.graphFields), at: .root)
        let states = definition.states.flatMap {
            clashes($0.extra, JourneyElements.nodeFields, at: .root["nodes"][$0.id.text])
        }
        let transitions = definition.transitions.enumerated().flatMap { index, transition in
            clashes(transition.extra, JourneyElements.edgeFields, at: .root["edges"][index])
        }
        return Array((journey + states + transitions).prefix(JourneyLimits.findings))
    }

    /// The stored form puts the definition into an object of its own, so one level less is left for it.
    private static func flaw(in canonical: JSONValue) -> JSONFlaw? {
        do throws(JSONFlaw) {
            let limits = JSONLimits(bytes: JSONLimits.largest, depth: JSONLimits.payload.depth - 1)
            try JSONDoor.validate(canonical.compactBytes(), limits: limits)
            return nil
        } catch {
            return error
        }
    }
}

extension JourneyFlaws: CustomStringConvertible {
    /// One line for each flaw, with its cure.
    public var description: String {
        let clashes = reservedFields.map { "\($0): the field has the name of one of ours; give it another name" }
        let unstorable = json.map { ["\($0); take it out, for the log cannot hold it"] } ?? []
        return (problems.map(\.description) + clashes + unstorable).joined(separator: "\n")
    }
}
