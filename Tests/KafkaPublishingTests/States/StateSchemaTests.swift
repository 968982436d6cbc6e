import EventModel
import EventSourcingTesting
import KafkaPublishing
import ReadModels
import Testing

@Suite("Schema of states")
struct StateSchemaTests {
    private static let schema = (try? document("sync_state.v1.json")) ?? .null

    private static func document(_ name: String) throws -> JSONValue {
        try JSONValue(try ProjectFiles.bytes(ProjectFiles.path("Schemas/kafka/\(name)")), limits: .file)
    }

    /// What is wrong with a value by the schema, as far as it goes: all columns, in their order, each of one of its types.
    private func flaws(in value: JSONValue) -> [String] {
        let properties = Self.schema["properties"]?.object?.members ?? []
        guard let members = value.object?.members, members.map(\.key) == properties.map(\.key) else {
            return ["the members are not those of the schema"]
        }
        return zip(members, properties).compactMap { member, property in
            let type = property.value["type"] ?? .null
            let types = type.array?.compactMap(\.string) ?? [type.string ?? ""]
            return types.contains(Self.type(of: member.value)) ? nil : member.key
        }
    }

    private static func type(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .number: "integer"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    @Test func `it names the columns of the view and says what they mean`() throws {
        let table = SyncStateProjection().table
        let properties = try #require(Self.schema["properties"]?.object?.members)
        #expect(properties.map(\.key) == table.columns.map(\.name))
        #expect(properties.map { $0.value["description"]?.string } == table.columns.map(\.documentation))
        #expect(Self.schema["required"]?.array?.compactMap(\.string) == table.columns.map(\.name))
        #expect(try flaws(in: Self.document("sync_state.v1.sample.json")) == [])
    }

    @Test(arguments: 0..<4) func `every state is by the schema`(_ seed: Int) throws {
        var history = ExecutionHistory(seed: seed)
        try history.grow(by: 100)
        for value in history.log.expectedStates().values { #expect(try flaws(in: JSONValue(value)) == []) }
    }
}
