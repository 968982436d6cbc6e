import EventModel

/// An element and where it was found.
struct PlacedElement<Element> {
    let element: Element
    let path: JSONPath
}

/// Reads states and transitions, which the forms write almost alike.
struct JourneyElements {
    /// The fields of a node that we understand.
    static let nodeFields: Set<String> = [
        "id", "kind", "action", "description", "tools", "labels", "composition_mode", "metadata",
    ]
    /// The fields of an edge that we understand.
    static let edgeFields: Set<String> = ["id", "source", "target", "condition", "metadata"]

    /// Whether the elements come from Parlant, with the engine's notes and our ids in their metadata.
    let isParlants: Bool

    func state(
        _ object: JSONObject, id: ElementID, at path: JSONPath, findings: inout JourneyFindings
    ) -> JourneyState {
        let (kind, metadata) = kind(object, at: path, findings: &findings)
        return JourneyState(
            id: id, kind: kind, action: findings.optionalText(object, "action", at: path),
            summary: findings.optionalText(object, "description", at: path),
            tools: findings.texts(object, "tools", atMost: JourneyLimits.tools, at: path).map(\.text),
            labels: findings.texts(object, "labels", atMost: JourneyLimits.labels, at: path).map(\.text),
            compositionMode: findings.optionalText(object, "composition_mode", at: path), metadata: metadata,
            extra: object.removing(Self.nodeFields))
    }

    func transition(_ object: JSONObject, at path: JSONPath, findings: inout JourneyFindings) -> JourneyTransition? {
        let id = findings.requiredID(object, "id", at: path)
        let source = findings.requiredID(object, "source", at: path)
        let target = findings.requiredID(object, "target", at: path)
        let condition = findings.optionalText(object, "condition", at: path)
        let metadata = findings.object(object, "metadata", at: path)
        guard let id, let source, let target else { return nil }
        let (ours, rest) = isParlants ? ParlantMetadata.withoutID(metadata) : (nil, metadata)
        if let ours, !findings.checkedID(ours, at: path["metadata"]) { return nil }
        return JourneyTransition(
            id: ours.map { ElementID($0) } ?? id, source: source, target: target, condition: condition, metadata: rest,
            extra: object.removing(Self.edgeFields))
    }

    func transitions(_ object: JSONObject, at path: JSONPath, findings: inout JourneyFindings) -> [PlacedElement<
        JourneyTransition
    >] {
        findings.array(object, "edges", at: path).enumerated().compactMap { index, value in
            let place = path["edges"][index]
            guard let object = findings.object(value, at: place) else { return nil }
            return transition(object, at: place, findings: &findings).map { PlacedElement(element: $0, path: place) }
        }
    }

    /// The kind, and the metadata that remains. A kind that we do not know stays in the metadata, where Parlant has it.
    private func kind(
        _ object: JSONObject, at path: JSONPath, findings: inout JourneyFindings
    ) -> (JourneyState.Kind?, JSONObject) {
        let said = findings.optionalText(object, "kind", at: path)
        var metadata = findings.object(object, "metadata", at: path)
        if isParlants {
            let (kind, spelled, rest) = ParlantMetadata.withoutEngine(metadata)
            if let spelled {
                if let said, said != spelled {
                    findings.warn(.kindsDisagree(node: said, metadata: spelled), at: path["kind"])
                }
                if kind == nil { findings.warn(.unknownKind(spelled), at: path["metadata"]) }
                return (kind, rest)
            }
            metadata = rest
        }
        guard let said else { return (nil, metadata) }
        if let kind = JourneyState.Kind(rawValue: said) { return (kind, metadata) }
        findings.warn(.unknownKind(said), at: path["kind"])
        return (nil, ParlantMetadata.with(unknownKind: said, metadata))
    }
}
