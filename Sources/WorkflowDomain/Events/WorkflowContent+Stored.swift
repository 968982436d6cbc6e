import EventModel

extension WorkflowContent {
    var members: JSONObject {
        var object = definition.stored(as: "definition")
        object["format"] = .string(format.rawValue)
        object["digest"] = .string(digest.hexadecimal)
        object["source"] = source
        object["name"] = definition.name.map(JSONValue.string) ?? .null
        object["counts"] = definition.counts.value
        object["original"] = original?.value ?? .null
        return object
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        let source = try payload.value("source")
        guard source.string != nil || source.isHidden else {
            throw .wrongType(payload.path["source"], wanted: "a string", found: source.kind)
        }
        self.init(
            definition: try payload.definition("definition"), format: try payload.choice("format"),
            digest: try payload.digest("digest"), source: source,
            original: try payload.optionalNested("original").map { nested throws(EventFlaw) in
                try OriginalFile(nested)
            })
    }
}

extension WorkflowRevised {
    init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            content: try WorkflowContent(payload), revision: try payload.int("revision"),
            previousDigest: try payload.digest("previousDigest"),
            changes: try WorkflowDifference(payload.nested("changes")))
    }
}

extension WorkflowReplaced {
    var value: JSONValue {
        var object = definition.stored(as: "definition")
        object["changes"] = changes.value
        object["counts"] = definition.counts.value
        object["digest"] = .string(digest.hexadecimal)
        object["name"] = definition.name.map(JSONValue.string) ?? .null
        object["previousDigest"] = .string(previousDigest.hexadecimal)
        object["revision"] = .number(JSONNumber(revision))
        return .object(object)
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            definition: try payload.definition("definition"), revision: try payload.int("revision"),
            digest: try payload.digest("digest"), previousDigest: try payload.digest("previousDigest"),
            changes: try WorkflowDifference(payload.nested("changes")))
    }
}

extension OriginalFile {
    fileprivate var value: JSONValue {
        var (data, parts): (JSONValue, Int) = (.null, 0)
        switch place {
        case .here(let text): data = text
        case .parts(let count): parts = count
        case .nowhere: break
        }
        return [
            "bytes": .number(JSONNumber(bytes)), "data": data, "digest": .string(digest.hexadecimal),
            "parts": .number(JSONNumber(parts)),
        ]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let parts = try payload.int("parts")
        let data = payload.optionalValue("data")
        self.init(
            bytes: try payload.int("bytes"), digest: try payload.digest("digest"),
            place: data.map(Place.here) ?? (parts > 0 ? .parts(parts) : .nowhere))
    }
}

extension WorkflowOriginal {
    var value: JSONValue {
        [
            "data": part.data, "digest": .string(digest.hexadecimal), "part": .number(JSONNumber(part.number)),
            "parts": .number(JSONNumber(part.count)), "revision": .number(JSONNumber(revision)),
        ]
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            revision: try payload.int("revision"), digest: try payload.digest("digest"),
            part: OriginalPart(
                number: try payload.int("part"), count: try payload.int("parts"), data: try payload.value("data")))
    }
}

extension WorkflowCounts {
    var value: JSONValue {
        [
            "blocks": .number(JSONNumber(blocks)), "edges": .number(JSONNumber(edges)),
            "loops": .number(JSONNumber(loops)), "parallels": .number(JSONNumber(parallels)),
            "variables": .number(JSONNumber(variables)),
        ]
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            blocks: try payload.int("blocks"), edges: try payload.int("edges"), loops: try payload.int("loops"),
            parallels: try payload.int("parallels"), variables: try payload.int("variables"))
    }
}

extension WorkflowDifference {
    var value: JSONValue {
        [
            "blocks": blocks.value, "edges": edges.value, "containers": containers.value, "variables": variables.value,
            "metadata": .bool(metadata), "truncated": .bool(isTruncated),
        ]
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            blocks: try Elements(payload.nested("blocks")), edges: try Elements(payload.nested("edges")),
            containers: try Elements(payload.nested("containers")),
            variables: try Elements(payload.nested("variables")), metadata: try payload.bool("metadata"),
            isTruncated: try payload.bool("truncated"))
    }
}

extension WorkflowDifference.Elements {
    fileprivate var value: JSONValue {
        ["added": .list(added), "removed": .list(removed), "changed": .list(changed)]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        for list in ["added", "removed", "changed"] { _ = try payload.value(list) }
        self.init(
            added: try payload.ids("added"), removed: try payload.ids("removed"), changed: try payload.ids("changed"))
    }
}

extension JSONValue {
    /// The ids as an array of strings.
    static func list(_ ids: [ElementID]) -> JSONValue { .array(ids.map { .string($0.text) }) }
}
