import EventModel
import EventSourcing
import EventSourcingTesting
import Ingest
import JourneyDomain
import Testing

@Suite("Importing journeys") struct JourneyImporterTests {
    private let store = InMemoryEventStore()

    private func reading(action: String = "Ask for the order number") throws -> JourneyReading {
        let journey = JourneyDefinition(
            title: "Refund", conditions: ["the customer wants a refund"], root: "start",
            states: [
                JourneyState(id: "start", kind: nil), JourneyState(id: "ask", kind: .chat, action: action),
            ],
            transitions: [
                JourneyTransition(id: "t1", source: "start", target: "ask"),
                JourneyTransition(id: "t2", source: "ask", target: JourneyState.end),
            ])
        return try JourneyFile.read(journey.canonicalBytes(), name: "refund.json", chosenID: "refund")
    }

    @Test func `a journey is imported, unchanged, and revised`() async throws {
        let importer = JourneyImporter(into: store, actor: "tester")
        let first = try await importer.run(try reading())
        #expect(first.outcome == .imported)
        #expect(first.stream.rawValue == "journey-refund")
        #expect(try await importer.run(try reading()).outcome == .unchanged)
        let revised = try await importer.run(try reading(action: "Ask for the invoice"))
        #expect(revised.outcome == .revised)
        #expect(revised.version == StreamVersion(2))
        #expect(try await store.head().position == GlobalPosition(2))
        let events = try await store.read(StreamQuery(first.stream)).events
        #expect(events.map(\.type.rawValue) == ["journey.created", "journey.revised"])
        #expect(events.allSatisfy { $0.actor == "tester" })
    }

    @Test func `an importer that has forgotten everything appends nothing twice`() async throws {
        _ = try await JourneyImporter(into: store).run(try reading())
        #expect(try await JourneyImporter(into: store).run(try reading()).outcome == .unchanged)
        #expect(try await store.head().position == GlobalPosition(1))
    }
}
