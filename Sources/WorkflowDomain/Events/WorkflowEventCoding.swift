import EventModel

extension WorkflowEvent {
    /// The event's `data`: canonical JSON by the schema of its type and version.
    public func encoded() -> [UInt8] {
        var data: JSONValue
        switch self {
        case .imported(let event): data = event.content.value
        case .revised(let event):
            data = event.content.value
            if case .object(var object) = data {
                object["revision"] = .number(JSONNumber(event.revision))
                object["previousDigest"] = .string(event.previousDigest.hexadecimal)
                object["changes"] = event.changes.value
                data = .object(object)
            }
        }
        return data.canonicalBytes()
    }

    /// Reads back what ``encoded()`` wrote. Fields that are not known are ignored.
    ///
    /// - Parameters:
    ///   - data: the stored bytes.
    ///   - type: the stored type.
    ///   - schemaVersion: the stored version of the schema.
    public init(decoding data: [UInt8], type: String, schemaVersion: Int) throws(WorkflowEventFlaw) {
        guard let type = WorkflowEventType(rawValue: type), type.schemaVersion == schemaVersion else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        let value: JSONValue
        do throws(JSONFlaw) {
            value = try JSONValue(data)
        } catch {
            throw .json(error)
        }
        let content = try WorkflowContent(value)
        switch type {
        case .imported: self = .imported(WorkflowImported(content: content))
        case .revised:
            let revision = try value.required("revision", \.int)
            let previous = try value.required("previousDigest") { $0.string.flatMap(ContentDigest.init(hexadecimal:)) }
            let changes = try WorkflowDifference(value.required("changes", \.self), at: .root["changes"])
            self = .revised(
                WorkflowRevised(content: content, revision: revision, previousDigest: previous, changes: changes))
        }
    }
}

/// Why a stored event cannot be read: it was not written by us, or by a later version.
public enum WorkflowEventFlaw: Error, Equatable, Sendable {
    /// A type or version that this version does not know.
    case unknown(type: String, schemaVersion: Int)
    /// The bytes are not JSON.
    case json(JSONFlaw)
    /// A field is missing or has the wrong type.
    case field(JSONPath)
    /// The definition inside cannot be read.
    case definition(WorkflowFormatError)
}

extension WorkflowContent {
    fileprivate var value: JSONValue {
        let counts = definition.counts
        var object: JSONObject = JSONObject()
        object["format"] = .string(format.rawValue)
        object["digest"] = .string(digest.hexadecimal)
        object["source"] = .string(sourceName)
        object["name"] = definition.name.map(JSONValue.string) ?? .null
        object["counts"] = [
            "blocks": .number(JSONNumber(counts.blocks)), "edges": .number(JSONNumber(counts.edges)),
            "loops": .number(JSONNumber(counts.loops)), "parallels": .number(JSONNumber(counts.parallels)),
            "variables": .number(JSONNumber(counts.variables)),
        ]
        object["definition"] = definition.canonicalValue
        return .object(object)
    }

    fileprivate init(_ value: JSONValue) throws(WorkflowEventFlaw) {
        let format = try value.required("format") { $0.string.flatMap(WorkflowFormat.init(rawValue:)) }
        let digest = try value.required("digest") { $0.string.flatMap(ContentDigest.init(hexadecimal:)) }
        let state = try value.required("definition", \.object)
        let definition: WorkflowDefinition
        do throws(WorkflowFormatError) {
            definition = try WorkflowDefinition(canonicalState: state)
        } catch {
            throw .definition(error)
        }
        self.init(
            definition: definition, format: format, digest: digest, sourceName: try value.required("source", \.string))
    }
}

extension WorkflowDefinition {
    /// Reads the canonical form back, or any state.
    public init(canonicalState state: JSONObject) throws(WorkflowFormatError) {
        var findings = Findings()
        let draft = StateReader.read(state, at: .root, findings: &findings)
        self = Assembly.assemble(draft, findings: &findings, knownTypesOnly: false)
        guard findings.problems.isEmpty else { throw .problems(findings.problems, format: .state) }
    }
}

extension WorkflowDifference {
    fileprivate var value: JSONValue {
        [
            "blocks": blocks.value, "edges": edges.value, "containers": containers.value, "variables": variables.value,
            "metadata": .bool(metadata), "truncated": .bool(isTruncated),
        ]
    }

    fileprivate init(_ value: JSONValue, at path: JSONPath) throws(WorkflowEventFlaw) {
        self.init(
            blocks: try Elements(value, "blocks", at: path), edges: try Elements(value, "edges", at: path),
            containers: try Elements(value, "containers", at: path),
            variables: try Elements(value, "variables", at: path),
            metadata: try value.required("metadata", at: path, \.bool),
            isTruncated: try value.required("truncated", at: path, \.bool))
    }
}

extension WorkflowDifference.Elements {
    fileprivate var value: JSONValue {
        func list(_ ids: [ElementID]) -> JSONValue { .array(ids.map { .string($0.text) }) }
        return ["added": list(added), "removed": list(removed), "changed": list(changed)]
    }

    fileprivate init(_ parent: JSONValue, _ field: String, at path: JSONPath) throws(WorkflowEventFlaw) {
        let value = try parent.required(field, at: path, \.self)
        func list(_ name: String) throws(WorkflowEventFlaw) -> [ElementID] {
            let ids = try value.required(name, at: path[field], \.array)
            let texts = ids.compactMap(\.string)
            guard texts.count == ids.count else { throw .field(path[field][name]) }
            return texts.map { ElementID($0) }
        }
        self.init(added: try list("added"), removed: try list("removed"), changed: try list("changed"))
    }
}

extension JSONValue {
    fileprivate func required<T>(
        _ field: String, at path: JSONPath = .root, _ read: (JSONValue) -> T?
    ) throws(WorkflowEventFlaw) -> T {
        guard let value = self[field], let result = read(value) else { throw .field(path[field]) }
        return result
    }
}
