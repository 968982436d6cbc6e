import Conversion
import EventModel
import EventSourcingTesting
import Testing

@Suite("Events of mappings") struct MappingEventTests {
    private static let schemas = ProjectFiles.eventSchemas(of: "mapping")

    @Test func `keep their stored names`() {
        #expect(
            MappingEvent.Kind.allCases.map(\.rawValue)
                == ["mapping.proposed", "mapping.validated", "mapping.activated", "mapping.retired"])
        #expect(MappingEvent.category == "mapping")
    }

    @Test(arguments: MappingEvent.Kind.allCases)
    func `are read and written as their sample says`(_ kind: MappingEvent.Kind) throws {
        let name = kind.rawValue.dropFirst("mapping.".count)
        let sample = try ProjectFiles.bytes("\(Self.schemas)/\(name).v1.sample.json")
        let event = try MappingEvent(decoding: sample, type: EventType(kind.rawValue), schemaVersion: 1)
        #expect(event.type.rawValue == kind.rawValue && event.schemaVersion == 1)
        #expect(event.encoded() == (try JSONValue(sample)).canonicalBytes())
        let schema = try JSONValue(try ProjectFiles.bytes("\(Self.schemas)/\(name).v1.json"))
        #expect(schema["title"]?.string == kind.rawValue)
        #expect(Set(schema["properties"]?.object?.keys ?? []) == Set(event.payload.object?.keys ?? []))
        let required = (schema["required"]?.array ?? []).compactMap(\.string)
        #expect(Set(required) == Set(event.payload.object?.keys ?? []))
    }

    @Test func `mark nothing as personal, as their schemas do not`() throws {
        #expect(MappingEvent.personalMarks.isEmpty)
        for name in try ProjectFiles.names(in: Self.schemas) where !name.contains("sample") {
            let text = String(decoding: try ProjectFiles.bytes("\(Self.schemas)/\(name)"), as: UTF8.self)
            #expect(!text.contains("x-personal"))
        }
    }

    @Test func `that are wrong say where`() throws {
        let type = try EventType("mapping.proposed")
        func read(_ text: String, version: Int32 = 1) -> EventFlaw? {
            do throws(EventFlaw) {
                _ = try MappingEvent(decoding: Array(text.utf8), type: type, schemaVersion: version)
                return nil
            } catch { return error }
        }
        #expect(read("{}") == .missing(.root["version"]))
        #expect(read(#"{"version":"1"}"#) == .wrongType(.root["version"], wanted: "a whole number", found: "string"))
        #expect(read("{}", version: 2) == .unknown(type: type, schemaVersion: 2))
        #expect(read(#"{"version":1,"mapping":{"workflow":{}}}"#) == .missing(.root["mapping"]["journey"]))
    }

    @Test func `carry every mapping that a conversion makes`() throws {
        for seed in 0..<100 as Range<UInt64> {
            let mapping = try WorkflowToJourney.convert(RandomFlow.workflow(seed: seed, .wild), id: "wf").mapping
            let event = MappingEvent.proposed(version: 1, mapping: mapping)
            let again = try MappingEvent(decoding: event.encoded(), type: event.type, schemaVersion: 1)
            #expect(again == event)
        }
    }
}
