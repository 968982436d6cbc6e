import EventModel

extension WorkflowEvent: DomainEvent {
    /// The category of the streams that these events are in.
    public static let category = "workflow"

    /// What people have typed in, and the files they have imported, belong to the workspace.
    public static let personalMarks: [PersonalMark] = {
        let places: [(WorkflowEventType, [PersonalMark.Step])] = [
            (.imported, [.key("original"), .key("data")]), (.imported, [.key("source")]), (.imported, [.key("values")]),
            (.revised, [.key("original"), .key("data")]), (.revised, [.key("source")]), (.revised, [.key("values")]),
            (.originalKept, [.key("data")]),
            (.blockAdded, [.key("values")]),
            (.subBlockChanged, [.key("changes"), .everyElement, .key("value")]),
            (.subflowChanged, [.key("data"), .key("collection")]),
            (.subflowChanged, [.key("settings"), .key("distribution")]),
            (.subflowChanged, [.key("settings"), .key("forEachItems")]),
            (.variableSet, [.key("variable"), .key("value")]),
            (.replaced, [.key("values")]),
        ]
        return places.map { type, path in
            PersonalMark(EventType(trusting: type.rawValue), version: type.schemaVersion, at: path, of: .workspace)
        }
    }()

    /// In version 1 values stood in the definition, nothing was sealed, and the file was not kept.
    public static let upcasters = Upcasters(
        [WorkflowEventType.imported, .revised].map { type in
            Upcaster(EventType(trusting: type.rawValue), from: 1) { object in
                var object = object
                object["values"] = .null
                object["original"] = .null
                return object
            }
        })

    /// The stable name under which the event is stored.
    public var type: EventType { EventType(trusting: eventType.rawValue) }

    /// The version of the schema that ``payload`` follows.
    public var schemaVersion: Int32 { eventType.schemaVersion }

    /// The event's data by its schema.
    public var payload: JSONValue {
        switch self {
        case .imported(let event): return .object(event.content.members)
        case .revised(let event):
            var object = event.content.members
            object["revision"] = .number(JSONNumber(event.revision))
            object["previousDigest"] = .string(event.previousDigest.hexadecimal)
            object["changes"] = event.changes.value
            return .object(object)
        case .originalKept(let original): return original.value
        case .edited(let event):
            var object = event.change.members
            object["counts"] = event.counts.value
            object["digest"] = .string(event.digest.hexadecimal)
            object["revision"] = .number(JSONNumber(event.revision))
            return .object(object)
        case .replaced(let event): return event.value
        case .published(let event): return event.value
        case .unpublished(let revision), .archived(let revision), .restored(let revision):
            return ["revision": .number(JSONNumber(revision))]
        }
    }

    /// Reads back what ``payload`` answered.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard let known = WorkflowEventType(rawValue: type.rawValue), schemaVersion == known.schemaVersion
        else { throw .unknown(type: type, schemaVersion: schemaVersion) }
        switch known {
        case .imported: self = .imported(WorkflowImported(content: try WorkflowContent(payload)))
        case .revised: self = .revised(try WorkflowRevised(payload))
        case .originalKept: self = .originalKept(try WorkflowOriginal(payload))
        case .replaced: self = .replaced(try WorkflowReplaced(payload))
        case .published:
            self = .published(try WorkflowPublication(payload))
        case .unpublished: self = .unpublished(revision: try payload.int("revision"))
        case .archived: self = .archived(revision: try payload.int("revision"))
        case .restored: self = .restored(revision: try payload.int("revision"))
        case .renamed, .blockAdded, .blockRemoved, .blockMoved, .blockRenamed, .blockEnabled, .blockDisabled,
            .blockLocked, .blockUnlocked, .blockReparented, .blockConfigured, .subBlockChanged, .edgeAdded,
            .edgeRemoved, .subflowChanged, .variableSet, .variableRemoved:
            self = .edited(
                WorkflowEdited(
                    change: try WorkflowChange(payload, known), revision: try payload.int("revision"),
                    digest: try payload.digest("digest"), counts: try WorkflowCounts(payload.nested("counts"))))
        }
    }
}

extension WorkflowPublication {
    var value: JSONValue {
        [
            "digest": .string(digest.hexadecimal), "label": label.map(JSONValue.string) ?? .null,
            "revision": .number(JSONNumber(revision)),
        ]
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            revision: try payload.int("revision"), digest: try payload.digest("digest"),
            label: try payload.optionalText("label"))
    }
}

extension PayloadReader {
    func ids(_ key: String) throws(EventFlaw) -> [ElementID] { try texts(key).map { ElementID($0) } }

    func id(_ key: String) throws(EventFlaw) -> ElementID { ElementID(try text(key)) }

    /// A part of a definition in its stored form: the open tree in `key`, and the personal one in `values`, if there is one.
    func definition(_ key: String) throws(EventFlaw) -> WorkflowDefinition {
        let whole = PersonalTree.workflow.join(.object(try object(key)), optionalValue("values"))
        do throws(WorkflowFormatError) {
            return try WorkflowDefinition(canonicalState: whole.object ?? JSONObject())
        } catch {
            throw .unexpected(path[key], value: error.description)
        }
    }
}

extension WorkflowDefinition {
    /// The members of an event that hold a definition in its stored form.
    func stored(as key: String) -> JSONObject {
        let parts = PersonalTree.workflow.part(canonicalValue)
        var object = JSONObject([.init(key: key, value: parts.open)])
        object["values"] = parts.personal ?? .null
        return object
    }

    /// Reads the canonical form back, or any state; a canvas without blocks is one, too.
    public init(canonicalState state: JSONObject) throws(WorkflowFormatError) {
        var findings = Findings()
        let draft = StateReader.read(state, at: .root, findings: &findings)
        self = Assembly.assemble(draft, findings: &findings, knownTypesOnly: false)
        let problems = findings.problems.filter { $0.kind != .noBlocks }
        guard problems.isEmpty else { throw .problems(problems, format: .state) }
    }
}
