import EventModel
import EventSourcing
import EventSourcingTesting
import Foundation
import Ingest
import Testing
import WorkflowDomain

@Suite("Active mappings") struct ActiveMappingsTests {
    private let store = InMemoryEventStore()
    private let refund: WorkflowID

    init() throws { refund = try #require(WorkflowID("refund")) }

    private func record(_ type: String, _ version: Int, of workflow: String = "refund") async throws {
        let draft = EventDraft(
            id: UUID(), type: EventType(trusting: "mapping.\(type)"), data: Array(#"{"version":\#(version)}"#.utf8),
            occurredAt: Timestamp(microseconds: 0))
        let outcome = try await store.append(
            AppendRequest([draft], to: StreamName(trusting: "mapping-\(workflow)"), expecting: .any))
        guard case .appended = outcome else { throw StoreError.cancelled }
    }

    @Test func `the latest that was activated counts, from the next look on`() async throws {
        let mappings = ActiveMappings(in: store)
        try await mappings.refresh()
        #expect(mappings.pin(for: refund) == nil)
        try await record("activated", 1)
        try await record("activated", 9, of: "other")
        #expect(mappings.pin(for: refund) == nil)
        try await mappings.refresh()
        #expect(mappings.pin(for: refund) == MappingPin(mapping: "refund", version: 1))
        try await record("retired", 1)
        try await record("activated", 2)
        try await mappings.refresh()
        #expect(mappings.pin(for: refund)?.version == 2)
    }

    @Test func `one that is retired without a successor is active no more`() async throws {
        let mappings = ActiveMappings(in: store)
        try await record("activated", 1)
        try await record("retired", 1)
        try await mappings.refresh()
        #expect(mappings.pin(for: refund) == nil)
    }

    @Test func `an execution pins the mapping that is active when its first report is read`() async throws {
        try await record("activated", 3)
        let desk = InboundDesk(into: store, remembering: InMemoryInboundLedger())
        try await desk.prepare()
        let payload = #"{"execution":"e1","workflow":"refund","type":"started","at":"2026-03-02T09:00:00Z"}"#
        let message = InboundMessage(
            key: InboundKey(source: "test", id: "1"), payload: Array(payload.utf8),
            receivedAt: Timestamp(microseconds: 1_800_000_000_000_000), keepsTime: true, origin: "test")
        let settlement = try await desk.settle(desk.read([message]))
        #expect(settlement.verdicts.map(\.events) == [1])
        let stream = StreamName(trusting: "workflow_execution-e1")
        let event = try #require(try await store.read(StreamQuery(stream)).events.first)
        #expect(try ExecutionEvent(event).pin == MappingPin(mapping: "refund", version: 3))
    }
}
