import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import Testing

@Suite("Stored events of journeys") struct JourneyEventTests {
    static let schemas = ProjectFiles.eventSchemas(of: "journey")

    private static func original(_ part: OriginalPart?) -> JourneyOriginal {
        JourneyOriginal(
            revision: 2, name: "é.json", format: .graph, bytes: 5, digest: ContentDigest(of: [1]), part: part)
    }

    @Test func `keep their names and versions`() {
        let digest = ContentDigest(of: [])
        let content = JourneyContent(definition: RandomJourney.journey(1), origin: .parlant)
        let changes = JourneyDifference(from: RandomJourney.journey(1), to: RandomJourney.journey(2))
        let events: [JourneyEvent] = [
            .created(JourneyCreated(content: content)),
            .revised(JourneyRevised(content: content, revision: 2, previousDigest: digest, changes: changes)),
            .originalKept(Self.original(nil)),
            .renamed(
                JourneyRenamed(title: "a", previousTitle: "b", digest: digest, previousDigest: digest, revision: 3)),
            .archived(JourneyArchived(revision: 3, reason: nil)), .restored(JourneyRestored(revision: 3)),
        ]
        #expect(JourneyEvent.category == "journey")
        #expect(
            events.map { "\($0.type)" } == [
                "journey.created", "journey.revised", "journey.original_kept", "journey.renamed", "journey.archived",
                "journey.restored",
            ])
        #expect(events.map(\.schemaVersion) == [2, 2, 1, 1, 2, 1])
    }

    @Test(arguments: UInt64(1)...100) func `are read back as they were written`(_ seed: UInt64) throws {
        let (old, new) = (RandomJourney.journey(seed), RandomJourney.journey(seed + 7))
        let origins: [JourneyOrigin] = [
            .parlant, .file(name: "é.json", format: .graph), .converted(workflow: "w-1", version: 7),
        ]
        let content = JourneyContent(definition: new, origin: origins[Int(seed % 3)])
        let events: [JourneyEvent] = [
            .created(JourneyCreated(content: content)),
            .revised(
                JourneyRevised(
                    content: content, revision: 9, previousDigest: old.digest,
                    changes: JourneyDifference(from: old, to: new))),
            .archived(JourneyArchived(revision: 3, reason: "over")),
            .originalKept(Self.original(OriginalPart(number: 2, count: 3, data: "AQI="))),
            .originalKept(Self.original(nil)),
        ]
        for event in events {
            let bytes = event.encoded()
            #expect(try JSONDoor.validate(bytes) == ())
            let again = try JourneyEvent(decoding: bytes, type: event.type, schemaVersion: event.schemaVersion)
            #expect(again == event && again.encoded() == bytes)
        }
    }

    @Test(arguments: [
        ("created", 1), ("created", 2), ("revised", 1), ("revised", 2), ("original_kept", 1), ("renamed", 1),
        ("archived", 1), ("archived", 2), ("restored", 1),
    ])
    func `of every kind and version have a sample that is one, to the byte`(_ name: String, _ version: Int32) throws {
        let path = "\(Self.schemas)/\(name).v\(version).sample.json"
        let sample = try JSONValue(try ProjectFiles.bytes(path))
        let event = try JourneyEvent(
            decoding: sample.compactBytes(), type: EventType(trusting: "journey.\(name)"), schemaVersion: version)
        #expect(event.encoded() == sample.canonicalBytes())
        switch event {
        case .created(let event): #expect(event.content.digest == event.content.definition.digest)
        case .revised(let event): #expect(event.content.digest == event.content.definition.digest)
        case .originalKept, .renamed, .archived, .restored: break
        }
    }

    @Test func `mark as personal what their schemas mark`() throws {
        var marked: Set<PersonalMark> = []
        for name in try ProjectFiles.names(in: Self.schemas) where !name.contains("sample") {
            let schema = try JSONValue(try ProjectFiles.bytes("\(Self.schemas)/\(name)"))
            let type = "journey.\(name.prefix { $0 != "." })"
            let version = try #require(name.split(separator: ".").dropFirst().first.flatMap { Int32($0.dropFirst()) })
            #expect(schema["title"] == .string(type))
            for (path, subject) in SessionEventCodingTests.marks(in: schema) {
                #expect(subject == "$workspace")
                marked.insert(PersonalMark(EventType(trusting: type), version: version, at: path, of: .workspace))
            }
        }
        #expect(marked == Set(JourneyEvent.personalMarks) && marked.count == JourneyEvent.personalMarks.count)
        #expect(marked.count == 9)
    }

    @Test func `of another version, kind or shape are refused with the place`() throws {
        func flaw(_ text: String, _ type: String = "journey.restored", _ version: Int32 = 1) -> EventFlaw? {
            do throws(EventFlaw) {
                _ = try JourneyEvent(
                    decoding: Array(text.utf8), type: EventType(trusting: type), schemaVersion: version)
                return nil
            } catch {
                return error
            }
        }
        let restored = EventType(trusting: "journey.restored")
        #expect(flaw(#"{"revision":1}"#) == nil)
        #expect(flaw(#"{"revision":1,"more":true}"#) == nil)
        #expect(flaw(#"{"revision":1}"#, "journey.restored", 2) == .unknown(type: restored, schemaVersion: 2))
        let burnt = EventType(trusting: "journey.burnt")
        #expect(flaw("{}", "journey.burnt") == .unknown(type: burnt, schemaVersion: 1))
        #expect(flaw("{}") == .missing(.root["revision"]))
        #expect(flaw(#"{"revision":"1"}"#) == .wrongType(.root["revision"], wanted: "a whole number", found: "string"))
        let bad =
            #"{"origin":{"kind":"dream"},"digest":"\#(ContentDigest(of: []).hexadecimal)","definition":{"title":"T"},"values":{}}"#
        guard case .unexpected(.root["definition"], _)? = flaw(bad, "journey.created") else {
            Issue.record("a bad definition was accepted")
            return
        }
        #expect(flaw(#"{"definition":{}}"#, "journey.created") == .missing(.root["values"]))
        for values in ["null", "7", "[]", #""text""#] {
            guard
                case .wrongType(.root["values"], _, _)? = flaw(
                    #"{"definition":{},"values":\#(values)}"#, "journey.created")
            else {
                Issue.record("values that are \(values) were accepted")
                return
            }
        }
    }
}
