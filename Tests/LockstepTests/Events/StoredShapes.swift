import Conversion
import EventModel
import EventSourcingTesting
import FoundationEssentials
import JourneyDomain
import ReadModels
import Reconciliation
import WorkflowDomain

@testable import lockstep

/// Every shape that was ever stored, and everybody who reads them.
enum StoredShapes {
    /// A sample of each version of each type, as the program carries them.
    static let all = FoldSample.registered
    /// Those that are not the newest of their type.
    static let old = all.filter { sample in
        all.contains { $0.type == sample.type && $0.schemaVersion > sample.schemaVersion }
    }
    /// The newest of each type.
    static let newest = all.filter { sample in
        !old.contains { $0.type == sample.type && $0.schemaVersion == sample.schemaVersion }
    }

    /// A domain that decodes events.
    struct Domain: Sendable {
        let category: String
        let upcasters: Upcasters
        /// The type and version that an event says of itself once it was decoded.
        let decode: @Sendable (RecordedEvent) throws(EventFlaw) -> (type: EventType, version: Int32)

        init<Event: DomainEvent & SendableMetatype>(_ event: Event.Type) {
            category = Event.category
            upcasters = Event.upcasters
            decode = { (recorded) throws(EventFlaw) in
                let event = try Event(recorded)
                return (event.type, event.schemaVersion)
            }
        }
    }

    static let domains: [Domain] = [
        Domain(SubjectEvent.self), Domain(WorkflowEvent.self), Domain(ExecutionEvent.self), Domain(JourneyEvent.self),
        Domain(JourneyPushEvent.self), Domain(SessionEvent<ParlantSessions>.self),
        Domain(SessionEvent<JourneySessions>.self),
        Domain(MappingEvent.self), Domain(ConversionEvent.self), Domain(ProjectionEvent.self),
        Domain(ReconciliationEvent.self), Domain(PolicyEvent.self),
    ]

    /// An event as the log would hand it out.
    static func event(
        _ type: EventType, _ version: Int32, _ data: [UInt8], category: String? = nil, at position: Int64 = 1
    ) -> RecordedEvent {
        let category = category ?? String(type.rawValue.prefix { $0 != "." })
        let time = Timestamp(microseconds: 1_767_225_600_000_000 + position * 1_000_000)
        let fixed = EventBatchBuilder.Fixed(
            position: GlobalPosition(position), version: StreamVersion(position),
            id: UUID(uuid: (1, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, UInt8(truncatingIfNeeded: position))),
            kind: EventKind(trustingWorkspace: "default", category: category, type: type.rawValue),
            schemaVersion: version, occurredAt: time, recordedAt: time, correlationID: nil, causationID: nil)
        var builder = EventBatchBuilder()
        Array("\(category)-1".utf8).withUnsafeBytes { stream in
            data.withUnsafeBytes { data in
                EventDraft.noMetadata.withUnsafeBytes {
                    builder.append(fixed, stream: stream, actor: nil, data: data, metadata: $0)
                }
            }
        }
        return builder.finish()[0]
    }

    /// A category of streams that a projection knows erasures in.
    static func erasedCategory(of projection: any Projection) -> String? {
        let all = ["workflow_execution", "journey_session", "parlant_session", "workflow", "journey"]
        guard case .types(let types) = projection.interest else { return all.first }
        return all.first { category in types.contains { $0.rawValue.hasPrefix("\(category).") } }
    }

    static func event(_ sample: FoldSample, at position: Int64 = 1) -> RecordedEvent {
        event(sample.type, sample.schemaVersion, sample.data, at: position)
    }

    /// The same event as if it had been written today.
    static func lifted(_ event: RecordedEvent) throws -> RecordedEvent {
        let data = try JSONValue(event.data)
        for domain in domains where domain.category == event.category.rawValue {
            let newest = domain.upcasters(data, type: event.type, version: event.schemaVersion)
            guard newest.version != event.schemaVersion else { continue }
            return Self.event(event.type, newest.version, newest.data.canonicalBytes(), at: event.position.rawValue)
        }
        return event
    }
}
