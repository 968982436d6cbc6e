import EventModel
import EventSourcing
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import Testing
import WorkflowDomain

@testable import Reconciliation

@Suite struct `An event that is heard` {
    private let store = InMemoryEventStore()

    private func append(_ events: [some DomainEvent], to stream: StreamName, by actor: String?) async throws {
        let drafts = events.map { event in
            EventDraft(
                id: UUID(), type: event.type, schemaVersion: event.schemaVersion, data: event.encoded(),
                metadata: Array("{}".utf8), correlationID: nil, causationID: nil, actor: actor, occurredAt: second(0))
        }
        _ = try await store.append(AppendRequest(drafts, to: stream, expecting: .any))
    }

    @Test func `is loaded from the log by whoever loads streams, with its place and who did it`() async throws {
        let heard = try HeardExecution(RandomExecution(seed: 4).reports)
        let talked = try HeardConversation(RandomConversation(seed: 4).inputs)
        try await append([ElsewhereEvent()], to: "elsewhere-1", by: nil)
        try await append(heard.events.map(\.event), to: "workflow_execution-e1", by: "engine")
        try await append(talked.facts.map { JourneySessionEvent($0.fact) }, to: "journey_session-e1", by: nil)
        let handler = JointHandler(store)
        let workflow = try await handler.state(of: "workflow_execution-e1", by: WorkflowSideFold.self)
        var expected = WorkflowSide()
        for (event, origin) in heard.events {
            expected.receive(event, at: Origin(origin.position.next, actor: "engine"))
        }
        #expect(workflow == expected && workflow.claims[.status]?.origin.actor == "engine")
        let journey = try await handler.state(of: "journey_session-e1", by: JourneySideFold.self)
        #expect(journey.claims(by: names).values == talked.side.claims(by: names).values)
        #expect(journey.heard == Origin(GlobalPosition(Int64(heard.events.count + 2))))
    }

    @Test func `is stored as its event is, and has no place before it was`() throws {
        let event = JourneySessionEvent(.closed(SessionClosing(reason: .deleted, at: second(1))))
        let heard = Heard(event, at: Origin(GlobalPosition(7), actor: "a"))
        #expect(
            heard.payload == event.payload && heard.type == event.type && heard.schemaVersion == event.schemaVersion)
        #expect(Heard<JourneySessionEvent>.category == "journey_session")
        #expect(Heard<ExecutionEvent>.personalMarks.count == ExecutionEvent.personalMarks.count)
        let read = try Heard<JourneySessionEvent>(
            decoding: heard.encoded(), type: heard.type, schemaVersion: heard.schemaVersion)
        #expect(read.event == event && read.origin == Origin(.start))
        #expect(throws: EventFlaw.self) {
            try Heard<ExecutionEvent>(decoding: heard.encoded(), type: heard.type, schemaVersion: 1)
        }
    }
}

/// Something that happens in a stream of no side.
private struct ElsewhereEvent: DomainEvent {
    static let category = "elsewhere"
    static let personalMarks: [PersonalMark] = []
    var type: EventType { EventType(trusting: "elsewhere.happened") }
    var schemaVersion: Int32 { 1 }
    var payload: JSONValue { [:] }
    init() {}
    init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {}
}
