import EventModel
import EventSourcingTesting
import Foundation
import JourneyDomain
import Testing

@Suite("Pushes of journeys") struct JourneyPushTests {
    private func push(_ version: String, to server: String = "a") -> JourneyPush {
        JourneyPush(server: server, version: version, digest: ContentDigest(of: [1]), revision: 1)
    }

    @Test func `the same push again is no news, another one is`() throws {
        let state = JourneyPushDecider.evolve([:], .pushed(push("1.x")))
        #expect(try JourneyPushDecider.decide(.record(push("1.x")), state).isEmpty)
        #expect(try JourneyPushDecider.decide(.record(push("2.x")), state) == [.pushed(push("2.x"))])
        #expect(try JourneyPushDecider.decide(.record(push("1.x", to: "b")), state).count == 1, "of another server")
    }

    @Test func `the event is stored as its schema and sample say`() throws {
        let folder = ProjectFiles.eventSchemas(of: "parlant_journey")
        let sample = try ProjectFiles.bytes(folder + "/pushed.v1.sample.json")
        let event = try JourneyPushEvent(
            decoding: sample, type: EventType("parlant_journey.pushed"), schemaVersion: 1)
        #expect(event.type.rawValue == "parlant_journey.pushed" && event.schemaVersion == 1)
        #expect(try JSONValue(event.encoded()) == JSONValue(sample))
        let schema = try JSONValue(try ProjectFiles.bytes(folder + "/pushed.v1.json"))
        #expect(schema["title"]?.string == event.type.rawValue)
        #expect(schema["required"]?.array?.compactMap(\.string) == event.payload.object?.keys.sorted())
        #expect(throws: EventFlaw.self) {
            try JourneyPushEvent(decoding: sample, type: EventType("parlant_journey.pushed"), schemaVersion: 2)
        }
    }
}
