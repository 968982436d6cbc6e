import EventModel

/// The stored names of the events.
enum JourneyEventType {
    static let created = EventType(trusting: "journey.created")
    static let revised = EventType(trusting: "journey.revised")
    static let originalKept = EventType(trusting: "journey.original_kept")
    static let renamed = EventType(trusting: "journey.renamed")
    static let archived = EventType(trusting: "journey.archived")
    static let restored = EventType(trusting: "journey.restored")
}

extension JourneyEvent: DomainEvent {
    /// `journey`
    public static let category = "journey"

    /// What people have written into a definition, what they call their files, and why they put a journey away belong to the workspace, as
    /// they do in the workflow that it may come from.
    public static let personalMarks: [PersonalMark] = {
        let definitions = [JourneyEventType.created, JourneyEventType.revised]
        let values = definitions.flatMap { type in
            (1...2).map { PersonalMark(type, version: $0, at: [.key("values")], of: .workspace) }
        }
        let names = definitions.map {
            PersonalMark($0, version: 2, at: [.key("origin"), .key("name")], of: .workspace)
        }
        let originals = ["data", "name"].map {
            PersonalMark(JourneyEventType.originalKept, version: 1, at: [.key($0)], of: .workspace)
        }
        return values + names + originals
            + [PersonalMark(JourneyEventType.archived, version: 2, at: [.key("reason")], of: .workspace)]
    }()

    /// The stable name.
    public var type: EventType {
        switch self {
        case .created: JourneyEventType.created
        case .revised: JourneyEventType.revised
        case .originalKept: JourneyEventType.originalKept
        case .renamed: JourneyEventType.renamed
        case .archived: JourneyEventType.archived
        case .restored: JourneyEventType.restored
        }
    }

    /// The version of the schema that is written: 2 where personal values that version 1 stored in the open are sealed.
    public var schemaVersion: Int32 { Self.newestVersion(of: type) }

    private static func newestVersion(of type: EventType) -> Int32 {
        switch type {
        case JourneyEventType.created, JourneyEventType.revised, JourneyEventType.archived: 2
        default: 1
        }
    }

    /// The event's data by its schema.
    public var payload: JSONValue {
        switch self {
        case .created(let event): return .object(event.content.object)
        case .revised(let event):
            var object = event.content.object
            object["revision"] = .number(JSONNumber(event.revision))
            object["previousDigest"] = .string(event.previousDigest.hexadecimal)
            object["changes"] = event.changes.value
            return .object(object)
        case .originalKept(let original): return original.value
        case .renamed(let event):
            return [
                "title": .string(event.title), "previousTitle": .string(event.previousTitle),
                "digest": .string(event.digest.hexadecimal),
                "previousDigest": .string(event.previousDigest.hexadecimal),
                "revision": .number(JSONNumber(event.revision)),
            ]
        case .archived(let event):
            return [
                "revision": .number(JSONNumber(event.revision)), "reason": event.reason ?? .null,
            ]
        case .restored(let event): return ["revision": .number(JSONNumber(event.revision))]
        }
    }

    /// In version 1 names of files and reasons stood in the open; version 2 allows that, and a sealed value as well.
    public static let upcasters = Upcasters(
        [JourneyEventType.created, JourneyEventType.revised, JourneyEventType.archived].map { type in
            Upcaster(type, from: 1) { $0 }
        })

    /// Reads back what ``payload`` answered.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard schemaVersion == Self.newestVersion(of: type) else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        switch type {
        case JourneyEventType.created: self = .created(JourneyCreated(content: try JourneyContent(payload)))
        case JourneyEventType.revised:
            self = .revised(
                JourneyRevised(
                    content: try JourneyContent(payload), revision: try payload.int("revision"),
                    previousDigest: try payload.digest("previousDigest"),
                    changes: try JourneyDifference(payload.nested("changes"))))
        case JourneyEventType.originalKept: self = .originalKept(try JourneyOriginal(payload))
        case JourneyEventType.renamed:
            self = .renamed(
                JourneyRenamed(
                    title: try payload.text("title"), previousTitle: try payload.text("previousTitle"),
                    digest: try payload.digest("digest"), previousDigest: try payload.digest("previousDigest"),
                    revision: try payload.int("revision")))
        case JourneyEventType.archived:
            self = .archived(
                JourneyArchived(
                    revision: try payload.int("revision"), reason: try payload.optionalPersonalText("reason")))
        case JourneyEventType.restored: self = .restored(JourneyRestored(revision: try payload.int("revision")))
        default: throw .unknown(type: type, schemaVersion: schemaVersion)
        }
    }
}

extension JourneyContent {
    /// The members of the event's data that say what the journey is.
    fileprivate var object: JSONObject {
        let parts = PersonalTree.journey.part(definition.canonicalValue)
        return [
            "origin": origin.value, "digest": .string(digest.hexadecimal), "title": .string(definition.title),
            "counts": [
                "states": .number(JSONNumber(definition.states.count)),
                "transitions": .number(JSONNumber(definition.transitions.count)),
                "conditions": .number(JSONNumber(hidden?.conditions ?? definition.conditions.count)),
            ],
            "definition": parts.open, "values": hidden?.form ?? parts.personal ?? [:],
        ]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        let values = JSONValue.object(try payload.object("values"))
        let whole = PersonalTree.journey.join(.object(try payload.object("definition")), values)
        let definition: JourneyDefinition
        do throws(JourneyFormatError) {
            definition = try JourneyDefinition(canonical: whole)
        } catch {
            throw .unexpected(payload.path["definition"], value: error.description)
        }
        let conditions = try payload.nested("counts").int("conditions")
        self.init(
            definition: definition, digest: try payload.digest("digest"),
            origin: try JourneyOrigin(payload.nested("origin")),
            hidden: values.isHidden ? HiddenValues(form: values, conditions: conditions) : nil)
    }
}

extension JourneyOrigin {
    fileprivate var value: JSONValue {
        switch self {
        case .parlant: ["kind": "parlant"]
        case .file(let name, let format):
            ["kind": "file", "name": name, "format": .string(format.rawValue)]
        case .converted(let workflow, let version):
            ["kind": "converted", "workflow": .string(workflow), "version": .number(JSONNumber(version))]
        }
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        switch try payload.text("kind") {
        case "parlant": self = .parlant
        case "file": self = .file(name: try payload.personalText("name"), format: try payload.choice("format"))
        case "converted":
            self = .converted(workflow: try payload.text("workflow"), version: Int64(try payload.int("version")))
        case let kind: throw .unexpected(payload.path["kind"], value: kind)
        }
    }
}

extension PayloadReader {
    /// The string `key`, or the hidden form of one.
    func personalText(_ key: String) throws(EventFlaw) -> JSONValue {
        let value = try value(key)
        return value.isHidden ? value : .string(try text(key))
    }

    /// The string `key`, or the hidden form of one; `nil` when it is missing or `null`.
    fileprivate func optionalPersonalText(_ key: String) throws(EventFlaw) -> JSONValue? {
        has(key) ? try personalText(key) : nil
    }
}

extension JourneyDifference {
    fileprivate var value: JSONValue {
        [
            "kind": .string(kind.rawValue), "states": states.value, "transitions": transitions.value,
            "conditions": conditions.value, "labels": labels.value, "tags": tags.value,
            "fields": .array(fields.map { .string($0.rawValue) }), "partial": .bool(isPartial),
            "truncated": .bool(isTruncated),
        ]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        var fields: [Field] = []
        for (index, text) in try payload.texts("fields").enumerated() {
            guard let field = Field(rawValue: text) else {
                throw .unexpected(payload.path["fields"][index], value: text)
            }
            fields.append(field)
        }
        self.init(
            states: try Elements(payload.nested("states")), transitions: try Elements(payload.nested("transitions")),
            conditions: try Counts(payload.nested("conditions")), labels: try Texts(payload.nested("labels")),
            tags: try Texts(payload.nested("tags")), fields: fields, isPartial: try payload.bool("partial"),
            isTruncated: try payload.bool("truncated"), kind: try payload.choice("kind"))
    }
}

extension JourneyDifference.Elements {
    fileprivate var value: JSONValue {
        func list(_ ids: [ElementID]) -> JSONValue { .array(ids.map { .string($0.text) }) }
        return ["added": list(added), "removed": list(removed), "changed": list(changed)]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(
            added: try payload.texts("added").map { ElementID($0) },
            removed: try payload.texts("removed").map { ElementID($0) },
            changed: try payload.texts("changed").map { ElementID($0) })
    }
}

extension JourneyDifference.Texts {
    fileprivate var value: JSONValue {
        ["added": .array(added.map(JSONValue.string)), "removed": .array(removed.map(JSONValue.string))]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(added: try payload.texts("added"), removed: try payload.texts("removed"))
    }
}

extension JourneyDifference.Counts {
    fileprivate var value: JSONValue {
        ["added": .number(JSONNumber(added)), "removed": .number(JSONNumber(removed))]
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        self.init(added: try payload.int("added"), removed: try payload.int("removed"))
    }
}
