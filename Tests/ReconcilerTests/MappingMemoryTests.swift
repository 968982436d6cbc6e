import Conversion
import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import JourneyDomain
import Testing
import WorkflowDomain

@testable import Reconciler

/// The words of a mapping, in processes that have begun at different times.
@Suite struct MappingMemoryTests {
    private let store = InMemoryEventStore()
    private let pin = MappingPin(mapping: "refund", version: 1)
    private static let journey = "j-refund"

    /// A journey that ends behind these states.
    private static func definition(endingAt last: [String], title: String = "Refund") -> JourneyDefinition {
        JourneyDefinition(
            title: title, root: "ask",
            states: [
                JourneyState(id: "ask", kind: .chat, action: "Ask"),
                JourneyState(id: "pay", kind: .chat, action: "Pay"),
            ],
            transitions: [JourneyTransition(id: "t", source: "ask", target: "pay")]
                + last.map {
                    JourneyTransition(id: ElementID("end-\($0)"), source: ElementID($0), target: JourneyState.end)
                })
    }

    private func change(_ command: JourneyDecider.Command) async throws {
        _ = try await CommandHandler<JourneyDecider, InMemoryEventStore>(store).handle(
            StreamCommand(
                command, to: StreamName(trusting: "journey-\(Self.journey)"),
                CommandContext(id: UUID(), time: Timestamp(microseconds: 1_770_000_000_000_000))))
    }

    private func define(_ definition: JourneyDefinition) async throws {
        try await change(.define(JourneyContent(definition: definition, origin: .parlant)))
    }

    private func map(_ definition: JourneyDefinition) async throws {
        let mapping = Mapping(
            workflowID: "refund", journeyID: Self.journey, workflowDigest: ContentDigest(of: [1]),
            journeyDigest: definition.digest,
            nodes: [Mapping.Node(block: "ask", states: ["ask"]), Mapping.Node(block: "pay", states: ["pay"])],
            links: [],
            contexts: [])
        _ = try await CommandHandler<MappingDecider, InMemoryEventStore>(store).handle(
            StreamCommand(
                .propose(mapping), to: StreamName(trusting: "mapping-refund"),
                CommandContext(id: UUID(), time: Timestamp(microseconds: 1_770_000_000_000_000))))
    }

    private func lastStates(in memory: MappingMemory) async throws -> Set<ElementID>? {
        let joint = JointHandler(store)
        let names = try #require(try await memory.names(pin, .default, joint))
        return names.graph?.lastStates
    }

    @Test func `who reads them before a journey is edited and who reads them afterwards knows the same last states`()
        async throws
    {
        let before = MappingMemory()
        try await define(Self.definition(endingAt: ["pay"]))
        try await map(Self.definition(endingAt: ["pay"]))
        #expect(try await lastStates(in: before) == ["pay"])
        try await define(Self.definition(endingAt: ["ask", "pay"]))
        try await change(.rename("Refunds"))
        try await change(.archive(reason: nil))
        #expect(try await lastStates(in: before) == ["pay"])
        #expect(try await lastStates(in: MappingMemory()) == ["pay"])
    }

    @Test func `a title is part of a revision, and its states are those that it had then`() async throws {
        try await define(Self.definition(endingAt: ["ask"]))
        try await change(.rename("Refunds"))
        try await map(Self.definition(endingAt: ["ask"], title: "Refunds"))
        try await define(Self.definition(endingAt: ["pay"], title: "Refunds"))
        #expect(try await lastStates(in: MappingMemory()) == ["ask"])
    }

    @Test func `a revision that is not in the log is nobody's, and everybody's as soon as it is`() async throws {
        let early = MappingMemory()
        try await map(Self.definition(endingAt: ["pay"]))
        #expect(try await lastStates(in: early) == nil)
        try await define(Self.definition(endingAt: ["ask"]))
        #expect(try await lastStates(in: early) == nil)
        #expect(try await lastStates(in: MappingMemory()) == nil)
        try await define(Self.definition(endingAt: ["pay"]))
        #expect(try await lastStates(in: early) == ["pay"])
        #expect(try await lastStates(in: MappingMemory()) == ["pay"])
    }
}
