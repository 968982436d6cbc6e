import Conversion
import Converting
import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("Conversions, while others write") struct ConversionRaceTests {
    private let world = ConversionWorld()

    /// What is true whenever nobody writes.
    private func expectAgreement() async throws {
        let mapping = try #require(try await world.activeMapping())
        #expect(try await world.workflow()?.digest == mapping.workflowDigest)
        #expect(try await world.journey()?.content.digest == mapping.journeyDigest)
    }

    @Test func `of a source that changes meanwhile, what it is then is converted, and the answer says so`() async throws
    {
        try await world.record("Ask one")
        let log = DisturbedLog(world.store) { [world] number in
            if number == 1 { try await world.record("Ask two") }
        }
        let answer = try await ConversionService(log).run(ConversionRequest(.toJourney, of: "refund"))
        #expect(answer.outcome == .converted)
        #expect(try await world.workflow()?.digest == answer.started.sourceDigest)
        #expect(try answer.started.sourceDigest == ConversionWorld.workflow("Ask two").digest)
        try await expectAgreement()
        let runs = try await ConversionService(world.store).history(of: "refund")
        #expect(runs.map(\.failed?.code) == ["overtaken", nil])
        #expect(runs.last?.completed == answer.completed)
    }

    @Test func `a mapping that somebody else activates meanwhile is followed by this one`() async throws {
        try await world.record("Ask one")
        let log = DisturbedLog(world.store) { [world] number in
            guard number == 1 else { return }
            try await world.record("Ask two")
            _ = try await world.convert()
            try await world.record("Ask one")
        }
        let answer = try await ConversionService(log).run(ConversionRequest(.toJourney, of: "refund"))
        #expect(answer.completed.mappingVersion == 2)
        try await expectAgreement()
    }

    @Test func `a target that is edited between reading and writing is not written over`() async throws {
        try await world.record("Ask one")
        _ = try await world.convert()
        try await world.record("Ask two")
        let edited = try #require(try await world.journey()).content.definition.saying("Ask politely")
        let log = DisturbedLog(world.store) { [world] number in
            if number == 1 { try await world.record(edited) }
        }
        await #expect {
            _ = try await ConversionService(log).run(ConversionRequest(.toJourney, of: "refund"))
        } throws: {
            guard case ConversionFault.targetChanged(id: "refund", digest: edited.digest) = $0 else { return false }
            return true
        }
        #expect(try await world.journey()?.content.definition == edited)
        #expect(try await ConversionService(world.store).history(of: "refund").last?.failed?.code == "target_changed")
    }

    @Test func `a source that never rests is given up`() async throws {
        try await world.record("Ask one")
        let log = DisturbedLog(world.store) { [world] number in try await world.record("Ask \(number) times") }
        let limits = CommandLimits(decisions: 3, contentionBackoff: Backoff(base: .zero, cap: .zero))
        await #expect {
            _ = try await ConversionService(log, limits: limits).run(
                ConversionRequest(.toJourney, of: "refund"))
        } throws: {
            guard case ConversionFault.failed(let error) = $0 else { return false }
            return error as? JointContention == JointContention(attempts: 3)
        }
        #expect(try await world.activeMapping() == nil)
    }

    @Test(arguments: 0..<8)
    func `many at once, each with a content of its own, leave workflow, mapping and journey of one content`(
        _ round: Int
    ) async throws {
        let log = DisturbedLog(world.store) { _ in await Task.yield() }
        let answers = try await withThrowingTaskGroup(of: (ContentDigest, ConversionAnswer).self) { group in
            for number in 0..<6 {
                let content = ConversionContent.workflow(try ConversionWorld.workflow("Ask \(round) \(number)"))
                group.addTask {
                    let limits = CommandLimits(decisions: 100, contentionBackoff: Backoff(base: .zero, cap: .zero))
                    let answer = try await ConversionService(log, limits: limits).run(
                        ConversionRequest(importing: content, replacesChanges: true))
                    return (content.digest, answer)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.0 == $0.1.started.sourceDigest && $0.1.outcome == .converted })
        try await expectAgreement()
    }

    @Test(arguments: 0..<8)
    func `many at once, while the workflow is edited, leave mapping and journey of one content`(_ round: Int)
        async throws
    {
        try await world.record("Ask \(round)")
        let log = DisturbedLog(world.store) { _ in await Task.yield() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask { [world] in try await world.record("Ask \(round) \(number)") }
                group.addTask {
                    let limits = CommandLimits(decisions: 100, contentionBackoff: Backoff(base: .zero, cap: .zero))
                    _ = try await ConversionService(log, limits: limits).run(
                        ConversionRequest(.toJourney, of: "refund"))
                }
            }
            try await group.waitForAll()
        }
        let mapping = try #require(try await world.activeMapping())
        #expect(try await world.journey()?.content.digest == mapping.journeyDigest)
        _ = try await world.convert()
        try await expectAgreement()
    }
}
