import EventModel
import EventSourcingTesting
import Testing
import WorkflowDomain

@Suite("The schemas of workflow events") struct EventSchemaTests {
    /// Every type with every version that was ever written.
    static let versions: [(type: WorkflowEventType, version: Int32)] = WorkflowEventType.allCases.flatMap { type in
        (1...type.schemaVersion).map { (type, $0) }
    }

    static let directory = ProjectFiles.eventSchemas(of: "workflow")

    private static func file(_ type: WorkflowEventType, _ version: Int32) -> String {
        "\(directory)/\(type.rawValue.dropFirst("workflow.".count)).v\(version)"
    }

    @Test func `there is one for each type and version, with a sample, and no other`() throws {
        let wanted = Self.versions.flatMap { type, version -> [String] in
            let base = Self.file(type, version).dropFirst(Self.directory.count + 1)
            return ["\(base).json", "\(base).sample.json"]
        }
        #expect(try Set(ProjectFiles.names(in: Self.directory)) == Set(wanted))
    }

    @Test(arguments: versions.indices)
    func `the sample is what the encoder writes, and the schema requires exactly its keys`(_ index: Int) throws {
        let (type, version) = Self.versions[index]
        let sample = try JSONValue(try ProjectFiles.bytes(Self.file(type, version) + ".sample.json"))
        let schema = try JSONValue(try ProjectFiles.bytes(Self.file(type, version) + ".json"))
        let event = try WorkflowEvent(
            decoding: sample.compactBytes(), type: EventType(type.rawValue), schemaVersion: version)
        #expect(event.eventType == type)
        if version == type.schemaVersion { #expect(event.encoded() == sample.canonicalBytes(), "\(type)") }
        if let definition = event.definition { #expect(event.digest == definition.digest) }
        #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["title"] == .string(type.rawValue) && schema["description"]?.string?.isEmpty == false)
        try agree(sample, schema, root: schema, at: .root)
        let formats = schema["properties"]?["format"]?["enum"]?.array?.compactMap(\.string)
        if let formats { #expect(formats == WorkflowFormat.allCases.map(\.rawValue)) }
    }

    /// Keys that are written are described, and those of closed objects are all required.
    private func agree(_ value: JSONValue, _ schema: JSONValue, root: JSONValue, at path: JSONPath) throws {
        if let reference = schema["$ref"]?.string {
            let definition = try #require(root["$defs"]?[String(reference.dropFirst("#/$defs/".count))])
            return try agree(value, definition, root: root, at: path)
        }
        if let elements = value.array, let items = schema["items"] {
            for (index, element) in elements.enumerated() { try agree(element, items, root: root, at: path[index]) }
        }
        guard let object = value.object else { return }
        let properties = schema["properties"]?.object
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        let isClosed = schema["additionalProperties"] == false
        if isClosed { #expect(required == Set(object.keys), "\(path)") }
        #expect(required.isSubset(of: object.keys), "\(path)")
        for member in object.members {
            let inside = properties?[member.key] ?? schema["additionalProperties"]
            #expect(inside != nil || properties == nil || !isClosed, "\(path[member.key])")
            try agree(member.value, inside ?? [:], root: root, at: path[member.key])
        }
    }

    @Test(arguments: versions.indices) func `what a schema marks as personal is what is sealed`(_ index: Int) throws {
        let (type, version) = Self.versions[index]
        let schema = try JSONValue(try ProjectFiles.bytes(Self.file(type, version) + ".json"))
        var marked: [PersonalMark] = []
        collect(schema, root: schema, at: [], into: &marked, type: EventType(trusting: type.rawValue), version)
        let declared = WorkflowEvent.personalMarks.filter {
            $0.type.rawValue == type.rawValue && $0.schemaVersion == version
        }
        #expect(Set(marked) == Set(declared) && marked.count == declared.count)
    }

    private func collect(
        _ schema: JSONValue, root: JSONValue, at path: [PersonalMark.Step], into marks: inout [PersonalMark],
        type: EventType, _ version: Int32
    ) {
        if let reference = schema["$ref"]?.string,
            let definition = root["$defs"]?[String(reference.dropFirst("#/$defs/".count))]
        {
            return collect(definition, root: root, at: path, into: &marks, type: type, version)
        }
        if schema["x-personal"] == "$workspace" {
            marks.append(PersonalMark(type, version: version, at: path, of: .workspace))
        }
        for member in schema["properties"]?.object?.members ?? [] {
            collect(member.value, root: root, at: path + [.key(member.key)], into: &marks, type: type, version)
        }
        if let items = schema["items"] {
            collect(items, root: root, at: path + [.everyElement], into: &marks, type: type, version)
        }
        if let others = schema["additionalProperties"], others.object != nil {
            collect(others, root: root, at: path + [.everyMember], into: &marks, type: type, version)
        }
    }

    @Test(arguments: versions.indices)
    func `a hidden value is read wherever one can stand`(_ index: Int) throws {
        let (type, version) = Self.versions[index]
        let sample = try JSONValue(try ProjectFiles.bytes(Self.file(type, version) + ".sample.json"))
        let marks = WorkflowEvent.personalMarks.filter {
            $0.type.rawValue == type.rawValue && $0.schemaVersion == version
        }
        for hidden in WorkflowEventTests.hidden {
            let sealed = PlainSeal.sealed(sample, at: marks.map(\.path), with: hidden)
            let event = try WorkflowEvent(
                decoding: sealed.compactBytes(), type: EventType(type.rawValue), schemaVersion: version)
            var state = WorkflowDecider.initialState
            let first = try WorkflowEvent(
                decoding: try ProjectFiles.bytes(Self.file(.imported, 2) + ".sample.json"),
                type: EventType("workflow.imported"), schemaVersion: 2)
            state = WorkflowDecider.evolve(WorkflowDecider.evolve(state, first), event)
            #expect(state != .notImported)
        }
    }
}
