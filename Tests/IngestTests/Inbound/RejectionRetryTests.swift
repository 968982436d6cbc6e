import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import Testing

@testable import Ingest

@Suite("Retrying refused messages") struct RejectionRetryTests {
    private func retry(
        _ world: InboundWorld, for workspaces: InboundWorkspaces = .any
    ) -> RejectionRetry<InMemoryInboundLedger, InMemoryInboundLedger> {
        RejectionRetry(
            at: world.desks(), for: workspaces, remembering: world.ledger, of: world.ledger, sealing: world.sealing)
    }

    /// A message for a workspace that is not taken in yet.
    private func refused(_ world: InboundWorld) async throws -> KeptRejection {
        world.topic.write([.words(["a"], id: "1", workspace: "acme")])
        try await world.run([world.consumer(for: .only([.default]))], until: 1)
        return try #require(world.ledger.kept.first)
    }

    @Test func `what is accepted after all becomes events once, and is marked`() async throws {
        let world = try InboundWorld()
        let kept = try await refused(world)
        #expect(try await retry(world)(kept) == .accepted(events: 1))
        #expect(try await world.words(in: Workspace(trusting: "acme")) == ["a"])
        let marked = try #require(world.ledger.kept.first)
        #expect(marked.acceptedAt != nil && marked.events == 1 && marked.attempts == 2)
        #expect(try await retry(world)(marked) == .acceptedBefore)
        #expect(try await retry(world)(kept) == .acceptedBefore, "who read it before the other accepted it learns so")
        #expect(try await world.words(in: Workspace(trusting: "acme")) == ["a"])
    }

    @Test func `the name of what was accepted is remembered`() async throws {
        let world = try InboundWorld()
        _ = try await retry(world)(try await refused(world))
        world.topic.write([.words(["b"], id: "1", workspace: "acme")])
        try await world.run([world.consumer()], until: 2)
        #expect(world.ledger.kept.last?.message.code == "key_reused")
    }

    @Test func `what is still refused says why and counts the attempt`() async throws {
        let world = try InboundWorld()
        let kept = try await refused(world)
        guard case .refused(let rejection) = try await retry(world, for: .only([.default]))(kept) else {
            Issue.record("it was accepted")
            return
        }
        #expect(rejection.code == .unknownWorkspace)
        #expect(world.ledger.kept.first?.attempts == 2 && world.ledger.kept.first?.acceptedAt == nil)
    }

    @Test func `what was altered is not taken for what it was`() async throws {
        let world = try InboundWorld()
        let message = try await refused(world).message
        let other = InboundPlace(
            topic: message.place.topic, generation: message.place.generation, partition: message.place.partition,
            offset: message.place.offset + 1)
        let moved = RejectedMessage(
            workspace: message.workspace, place: other, code: message.code, reason: message.reason, kind: nil,
            bytes: message.bytes, sealed: message.sealed)
        await #expect(throws: StoreError.self) { _ = try await world.sealing.open(moved) }
    }

    @Test(arguments: [0, 1, 512 * 1_024 - 1, 512 * 1_024, 2_000_000])
    func `a record of any size and content is opened as it was`(_ size: Int) async throws {
        let world = try InboundWorld()
        let record = InboundRecord(
            key: [0, 0xff], value: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) },
            headers: [.init(name: "", value: nil), .init(name: "ä\n", value: []), .init(name: "x", value: [0xff])],
            timeMilliseconds: .max)
        let place = InboundPlace(topic: FakeTopic.name, generation: UUID(), partition: 3, offset: 9)
        let sealed = try await world.sealing.seal(record, at: place, in: .default)
        #expect(try await world.sealing.seal(record, at: place, in: .default) == sealed, "a repetition is the same")
        let message = RejectedMessage(
            InboundRejection(.malformed, "x"), workspace: .default, place: place, bytes: size, sealed: sealed)
        #expect(try await world.sealing.open(message) == .record(record))
    }

    @Test func `without a master key nothing is kept plain`() async throws {
        let sealing = RejectionSealing(SubjectKeyring(InMemorySubjectKeys(), masterKeys: nil))
        let place = InboundPlace(topic: FakeTopic.name, generation: UUID(), partition: 0, offset: 0)
        await #expect(throws: StoreError.keys(.noMasterKey)) {
            _ = try await sealing.seal(.text("{"), at: place, in: .default)
        }
    }
}
