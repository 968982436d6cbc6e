import Conversion
import Converting
import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("Converting what is brought along") struct ConversionImportTests {
    private let world = ConversionWorld()

    private func file(base: ContentDigest?, _ journey: JourneyDefinition) throws -> ConversionContent {
        .journey(try JourneyFile.read(journey.file(id: "refund", base: base), name: "refund.json"))
    }

    @Test func `import and conversion are one append`() async throws {
        let answer = try await world.convert(.workflow(try ConversionWorld.workflow("Ask one")))
        #expect(answer.outcome == .converted)
        let events = try await world.store.read(EventQuery(after: .start)).events.map(\.type.rawValue)
        #expect(events.prefix(2) == ["conversion.started", "workflow.imported"])
        #expect(Set(events.map { $0.split(separator: ".")[0] }) == ["workflow", "journey", "mapping", "conversion"])
        #expect(try await world.convert(.workflow(try ConversionWorld.workflow("Ask one"))).outcome == .unchanged)
    }

    @Test func `what is refused is not imported, and the refusal is on record`() async throws {
        let bad = try WorkflowFile.read(
            Array(
                #"{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start","subBlocks":{},"outputs":{},"enabled":true}},"edges":[{"id":"e","source":"start","target":"nowhere"}],"loops":{},"parallels":{}}"#
                    .utf8), name: "refund.json", chosenID: "refund")
        await #expect(throws: ConversionFault.self) { try await world.convert(.workflow(bad)) }
        #expect(try await world.workflow() == nil)
        #expect(try await world.types("conversion-refund").last == "conversion.failed")
    }

    @Test func `what an event cannot hold is refused before anything is stored, with the value and the limit`()
        async throws
    {
        let large = ConversionContent.workflow(try ConversionWorld.line(of: 2_000))
        var bytes: Int?
        await #expect {
            try await world.convert(large)
        } throws: {
            guard case ConversionFault.refused(let refusal)? = $0 as? ConversionFault else { return false }
            bytes = refusal.findings.first?.message.split(separator: " ").compactMap { Int($0) }.first
            return refusal.code == "limit_exceeded" && !refusal.isTolerable
                && refusal.findings.map(\.code).allSatisfy { $0 == .workflowLimitExceeded }
        }
        #expect(try #require(bytes) > JourneyLimits.definitionBytes)
        #expect(try await world.workflow() == nil, "it is imported with its result or not at all")
        let failed = try #require(try await ConversionService(world.store).history(of: "refund").last?.failed)
        #expect(failed.code == "limit_exceeded" && failed.step == .storeMapping)
        #expect(failed.message.contains("\(JourneyLimits.definitionBytes)"))
        // What fits is not refused; and nothing new is said of what was refused before.
        let head = try await world.store.head().position
        await #expect(throws: ConversionFault.self) { try await world.convert(large) }
        #expect(try await world.store.head().position == head)
        #expect(try await world.convert(.workflow(try ConversionWorld.line(of: 300))).outcome == .converted)
    }

    @Test func `what a rule refuses is final and on record, until the rule allows it`() async throws {
        try await world.record("Ask one")
        _ = try await world.convert()
        func tell(_ command: JourneyDecider.Command) async throws {
            _ = try await CommandHandler<JourneyDecider, InMemoryEventStore>(world.store).handle(
                StreamCommand(command, to: StreamName(trusting: "journey-refund"), ConversionWorld.context()))
        }
        try await tell(.archive(reason: nil))
        try await world.record("Ask two")
        for _ in 1...2 {
            await #expect {
                try await world.convert()
            } throws: {
                guard case ConversionFault.rejected(let reason)? = $0 as? ConversionFault else { return false }
                return reason.contains("archived")
            }
        }
        let runs = try await ConversionService(world.store).history(of: "refund")
        #expect(runs.last?.failed?.code == "rejected" && runs.last?.failed?.message.contains("archived") == true)
        #expect(try await world.types("conversion-refund").filter { $0 == "conversion.failed" }.count == 1)
        try await tell(.restore)
        #expect(try await world.convert().outcome == .converted)
    }

    @Test func `the same refusal of the same content is told once`() async throws {
        let bad = try WorkflowFile.read(
            Array(
                #"{"blocks":{"start":{"id":"start","type":"start_trigger","name":"Start","subBlocks":{},"outputs":{},"enabled":true}},"edges":[{"id":"e","source":"start","target":"nowhere"}],"loops":{},"parallels":{}}"#
                    .utf8), name: "refund.json", chosenID: "refund")
        for _ in 1...3 {
            await #expect {
                try await world.convert(.workflow(bad))
            } throws: {
                guard case ConversionFault.refused? = $0 as? ConversionFault else { return false }
                return true
            }
        }
        let types = try await world.types("conversion-refund")
        #expect(types.filter { $0 == "conversion.started" }.count == 1)
        #expect(types.filter { $0 == "conversion.failed" }.count == 1)
        let answer = try await ConversionService(world.store).run(
            ConversionRequest(importing: .workflow(bad), toleratesErrors: true))
        #expect(answer.outcome == .converted, "what failed before begins anew when there is something new to say")
        #expect(try await ConversionService(world.store).history(of: "refund").last?.failed == nil)
    }

    @Test func `a target that was changed on its own side keeps the import out`() async throws {
        _ = try await world.convert(.workflow(try ConversionWorld.workflow("Ask one")))
        let edited = try #require(try await world.journey()).content.definition.saying("Ask politely")
        try await world.record(edited)
        let two = ConversionContent.workflow(try ConversionWorld.workflow("Ask two"))
        await #expect(throws: ConversionFault.self) { try await world.convert(two) }
        #expect(try await world.workflow()?.digest == ConversionWorld.workflow("Ask one").digest)
        #expect(try await world.journey()?.content.definition == edited)
        #expect(try await world.convert(two, replacesChanges: true).outcome == .converted)
        #expect(try await world.workflow()?.digest == two.digest)
    }

    @Test func `the journey says which version of the workflow's stream it came from`() async throws {
        try await world.record("Ask one")
        try await world.record("Ask two")
        _ = try await world.convert(.workflow(try ConversionWorld.workflow("Ask three")))
        #expect(try await world.journey()?.content.origin == .converted(workflow: "refund", version: 3))
    }

    @Test(arguments: [true, false])
    func `a journey's file from before a change of its workflow does not undo the change`(_ saysBase: Bool) async throws
    {
        _ = try await world.convert(.workflow(try ConversionWorld.workflow("Ask one")))
        let exported = try #require(try await world.journey()).content
        try await world.record(exported.definition.saying("Ask politely"))
        _ = try await world.convert(
            .workflow(try ConversionWorld.workflow("Ask two")), replacesChanges: true)
        let present = try await world.workflow()?.digest
        let old = try file(base: saysBase ? exported.digest : nil, exported.definition)
        await #expect {
            try await world.convert(old)
        } throws: {
            guard case ConversionFault.sourceChanged(id: "refund", _) = $0 else { return false }
            return true
        }
        #expect(try await world.workflow()?.digest == present)
        #expect(try await world.convert(old, replacesChanges: true).outcome == .converted)
        #expect(try await world.workflow()?.digest == ConversionWorld.workflow("Ask one").digest)
    }

    @Test func `an edited file is taken when nothing has changed since it was exported, and not afterwards`()
        async throws
    {
        _ = try await world.convert(.workflow(try ConversionWorld.workflow("Ask one")))
        let exported = try #require(try await world.journey()).content
        let polite = try file(base: exported.digest, exported.definition.saying("Ask politely"))
        #expect(try await world.convert(polite).outcome == .converted)
        #expect(try await world.convert(polite).outcome == .unchanged)
        let rude = try file(base: exported.digest, exported.definition.saying("Ask rudely"))
        await #expect(throws: ConversionFault.self) { try await world.convert(rude) }
        #expect(try await world.journey()?.content.digest == polite.digest)
    }

    @Test func `a workflow's file from before a change of its journey does not undo the change`() async throws {
        let one = ConversionContent.workflow(try ConversionWorld.workflow("Ask one"))
        _ = try await world.convert(one)
        let exported = try #require(try await world.journey()).content
        _ = try await world.convert(try file(base: exported.digest, exported.definition.saying("Ask politely")))
        let present = try await world.workflow()?.digest
        #expect(present != one.digest)
        await #expect(throws: ConversionFault.self) { try await world.convert(one) }
        #expect(try await world.workflow()?.digest == present)
    }

    @Test func `a workflow goes back to an older file of its own side`() async throws {
        let one = ConversionContent.workflow(try ConversionWorld.workflow("Ask one"))
        _ = try await world.convert(one)
        _ = try await world.convert(.workflow(try ConversionWorld.workflow("Ask two")))
        #expect(try await world.convert(one).outcome == .converted)
        #expect(try await world.workflow()?.digest == one.digest)
        #expect(try await world.activeMapping()?.workflowDigest == one.digest)
    }

    @Test func `a file too large to be kept beside its result is imported and kept before`() async throws {
        let reading = try ConversionWorld.workflow("Ask one")
        let padded =
            reading.original + [UInt8](repeating: UInt8(ascii: " "), count: ConversionLimits.joinedOriginalBytes)
        let large = ConversionContent.workflow(try WorkflowFile.read(padded, name: "refund.json", chosenID: "refund"))
        #expect(try await world.convert(large).outcome == .converted)
        let types = try await world.types("workflow-refund")
        #expect(types == ["workflow.imported"] + Array(repeating: "workflow.original_kept", count: 5))
        #expect(try await world.journey()?.content.origin == .converted(workflow: "refund", version: 6))
    }
}
