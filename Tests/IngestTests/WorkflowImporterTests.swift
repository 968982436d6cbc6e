import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Ingest
import Testing
import WorkflowDomain

@Suite("Importing workflows") struct WorkflowImporterTests {
    private static func reading(_ block: String = "Start", workflow: String = "Refund") throws -> WorkflowReading {
        let text = """
            {"version":"1.0","state":{"blocks":{"start":{"id":"start","type":"start_trigger","name":"\(block)","position":{"x":0,"y":0},
            "subBlocks":{},"outputs":{},"enabled":true}},"edges":[],"loops":{},"parallels":{},"metadata":{"name":"\(workflow)"}}}
            """
        return try WorkflowFile.read(Array(text.utf8), name: "file.json")
    }

    private func importer(_ store: TroubledLog, attempts: Int = 4) -> WorkflowImporter<TroubledLog> {
        WorkflowImporter(
            into: store, actor: "ada", limits: ImportLimits(attempts: attempts), time: HastyTimekeeper(),
            random: SeededRandom(seed: 1))
    }

    @Test func `the first import is imported, the same content is unchanged, other content is revised`() async throws {
        let store = TroubledLog()
        let importer = importer(store)
        let first = try await importer.run(try Self.reading())
        #expect(first.outcome == .imported && first.version == StreamVersion(1) && first.position == GlobalPosition(1))
        #expect(first.stream.rawValue == "workflow-refund")
        let again = try await importer.run(try Self.reading())
        #expect(again.outcome == .unchanged && again.version == first.version && again.position == first.position)
        let revised = try await importer.run(try Self.reading("Begin"))
        #expect(revised.outcome == .revised && revised.version == StreamVersion(2))
        #expect(try await store.head().position == GlobalPosition(2))
    }

    @Test func `what is appended says who, what and against which version`() async throws {
        let store = TroubledLog()
        _ = try await importer(store).run(try Self.reading())
        _ = try await importer(store).run(try Self.reading("Begin"))
        let parts = store.asked.map { $0.streams[0] }
        #expect(parts.map(\.expected) == [.noStream, .exactly(StreamVersion(1))])
        #expect(parts.map { $0.events.map(\.type.rawValue) } == [["workflow.imported"], ["workflow.revised"]])
        #expect(parts.allSatisfy { $0.events[0].actor == "ada" && $0.events[0].schemaVersion == 2 })
        #expect(parts[0].events[0].correlationID != parts[1].events[0].correlationID)
    }

    @Test func `an append whose answer was lost is retried with the same ids and stored once`() async throws {
        let store = TroubledLog(appending: [.unavailable, .lostAnswer, .unavailable])
        let done = try await importer(store).run(try Self.reading())
        #expect(done.outcome == .imported && done.version == StreamVersion(1))
        #expect(Set(store.asked.map { $0.streams[0].events[0].id }).count == 1)
        #expect(try await store.head().position == GlobalPosition(1))
    }

    @Test func `two imports of the same content over the same version are the same command`() async throws {
        let (one, other) = (TroubledLog(), TroubledLog())
        _ = try await importer(one).run(try Self.reading())
        _ = try await importer(other).run(try Self.reading())
        #expect(one.asked[0].streams[0].events[0].id == other.asked[0].streams[0].events[0].id)
    }

    @Test func `a lost race is folded and decided again`() async throws {
        let rival = TroubledLog()
        _ = try await importer(rival).run(try Self.reading("Rival"))
        let store = TroubledLog(appending: [.overtaken([rival.asked[0]])])
        let done = try await importer(store).run(try Self.reading("Mine"))
        #expect(done.outcome == .revised && done.version == StreamVersion(2))
    }

    @Test func `a rival who imported the same content leaves nothing to do`() async throws {
        let rival = TroubledLog()
        let rivals = WorkflowImporter(
            into: rival, actor: "eve", time: SystemTimekeeper(), random: SeededRandom(seed: 2))
        _ = try await rivals.run(try Self.reading())
        let store = TroubledLog(appending: [.overtaken([rival.asked[0]])])
        let done = try await importer(store).run(try Self.reading())
        #expect(done.outcome == .unchanged && done.version == StreamVersion(1))
        #expect(try await store.head().position == GlobalPosition(1))
    }

    @Test func `a log that stays away is a fault after the last attempt`() async throws {
        let store = TroubledLog(appending: Array(repeating: .unavailable, count: 9))
        await #expect(throws: ImportError.store(.unavailable(reason: "a test"))) {
            try await importer(store, attempts: 3).run(try Self.reading())
        }
        #expect(store.asked.count == 3)
    }

    @Test func `a stream that holds what we did not write is left alone`() async throws {
        let store = TroubledLog()
        let foreign = EventDraft(
            id: UUID(), type: try EventType("workflow.imported"), data: Array("{}".utf8),
            occurredAt: HastyTimekeeper().now())
        _ = try await store.append(
            AppendRequest([foreign], to: StreamName(trusting: "workflow-refund"), expecting: .noStream))
        let error = await #expect(throws: ImportError.self) { try await importer(store).run(try Self.reading()) }
        guard case .unreadableEvent(let stream, let version, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(stream.rawValue == "workflow-refund" && version == StreamVersion(1))
        #expect(try await store.head().position == GlobalPosition(1))
    }

    @Test func `the file's own bytes are kept with the import, once`() async throws {
        let store = TroubledLog()
        let reading = try Self.reading()
        let first = try await importer(store).run(reading)
        #expect(first.original == .kept(parts: 0))
        #expect(try await importer(store).run(reading).original == .notAgain)
        let events = try store.asked.flatMap { $0.streams[0].events }.map {
            try WorkflowEvent(decoding: $0.data, type: $0.type, schemaVersion: $0.schemaVersion)
        }
        var search = OriginalSearch(of: "workflow")
        for event in events { event.tell(&search) }
        #expect(try search.result().bytes == reading.original)
    }

    @Test func `a large file follows its import in parts, within one append`() async throws {
        let store = TroubledLog()
        let text = String(decoding: try Self.reading().original, as: UTF8.self)
        let padded = text + String(repeating: " ", count: 1_000_000)
        let reading = try WorkflowFile.read(Array(padded.utf8), name: "file.json")
        let done = try await importer(store).run(reading)
        #expect(done.original == .kept(parts: 3) && done.version == StreamVersion(4) && store.asked.count == 1)
        #expect(try await importer(store).run(reading).outcome == .unchanged)
    }

    @Test func `two files with the same content are two commands, of which one finds nothing to do`() async throws {
        let rival = TroubledLog()
        let reading = try Self.reading()
        let other = try WorkflowFile.read(reading.original + [0x0A], name: "other.json")
        _ = try await importer(rival).run(other)
        let store = TroubledLog(appending: [.overtaken([rival.asked[0]])])
        let done = try await importer(store).run(reading)
        #expect(done.outcome == .unchanged && done.version == StreamVersion(1))
        #expect(store.asked[0].streams[0].events[0].id != rival.asked[0].streams[0].events[0].id)
    }

    @Test func `a workflow belongs to its workspace`() async throws {
        let store = TroubledLog()
        let acme = WorkflowImporter(
            into: store, workspace: try Workspace("acme"), time: HastyTimekeeper(), random: SeededRandom(seed: 1))
        _ = try await importer(store).run(try Self.reading())
        let other = try await acme.run(try Self.reading())
        #expect(other.outcome == .imported && other.position == GlobalPosition(2))
    }
}
