import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Ingest
import JourneyDomain
import Testing
import WorkflowDomain

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
        #expect(revised.version == StreamVersion(4))
        #expect(try await store.head().position == GlobalPosition(4))
        let events = try await store.read(StreamQuery(first.stream)).events
        #expect(
            events.map(\.type.rawValue) == [
                "journey.created", "journey.original_kept", "journey.revised", "journey.original_kept",
            ])
        #expect(events.allSatisfy { $0.actor == "tester" })
    }

    @Test func `an importer that has forgotten everything appends nothing twice`() async throws {
        _ = try await JourneyImporter(into: store).run(try reading())
        #expect(try await JourneyImporter(into: store).run(try reading()).outcome == .unchanged)
        #expect(try await store.head().position == GlobalPosition(2))
    }

    @Test func `what the file was is kept with what it became, and not again for the same content`() async throws {
        let importer = JourneyImporter(into: store)
        let done = try await importer.run(try reading())
        #expect(done.original == .kept(parts: 1) && done.original.remark == nil)
        let bytes = try #require(try reading().original)
        let padded = try JourneyFile.read(bytes + [0x0A], name: "other.json", chosenID: "refund")
        let again = try await importer.run(padded)
        #expect(again.outcome == .unchanged && again.original == .notAgain)
        let events = try await store.read(StreamQuery(done.stream)).events
        guard events.count == 2, case .originalKept(let kept) = try JourneyEvent(events[1]) else {
            Issue.record("\(events.map(\.type.rawValue))")
            return
        }
        #expect(kept.part?.data.string.flatMap { Data(base64Encoded: $0) } == Data(bytes))
        #expect(kept.name == "refund.json" && kept.revision == 1 && kept.digest == ContentDigest(of: bytes))
    }

    @Test(arguments: [(0, 10), (1, 0)])
    func `the largest file that is kept fits one append, and of a larger one the digest is kept`(
        _ excess: Int, _ parts: Int
    ) async throws {
        let bytes = try #require(try reading().original)
        let size = OriginalLimits.fileBytes + excess
        let padding = [UInt8](repeating: 0x20, count: size - bytes.count)
        let large = try JourneyFile.read(bytes + padding, name: "refund.json", chosenID: "refund")
        let done = try await JourneyImporter(into: store).run(large)
        #expect(done.outcome == .imported && done.version == StreamVersion(Int64(1 + max(parts, 1))))
        guard parts == 0 else {
            #expect(done.original == .kept(parts: parts))
            return
        }
        #expect(done.original == .digestOnly(bytes: size, limit: OriginalLimits.fileBytes))
        #expect(done.original.remark?.contains("\(size) bytes") == true)
    }
}
