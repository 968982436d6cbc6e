import EventModel
import FoundationEssentials

extension ConversionEvent: DomainEvent {
    /// `conversion`
    public static let category = "conversion"

    /// A conversion speaks of ids, digests and counts; but what is found wrong may quote what somebody has typed in.
    public static let personalMarks: [PersonalMark] = [
        PersonalMark(
            EventType(trusting: Kind.failed.rawValue), version: 1, at: [.key("findings")], of: .workspace)
    ]

    /// The stored names.
    public enum Kind: String, Sendable, CaseIterable {
        /// ``ConversionEvent/started(_:)``
        case started = "conversion.started"
        /// ``ConversionEvent/stepCompleted(_:)``
        case stepCompleted = "conversion.step_completed"
        /// ``ConversionEvent/completed(_:)``
        case completed = "conversion.completed"
        /// ``ConversionEvent/failed(_:)``
        case failed = "conversion.failed"
        /// ``ConversionEvent/pathsMigrated(_:)``
        case pathsMigrated = "conversion.paths_migrated"
    }

    /// The stored name of this event.
    public var kind: Kind {
        switch self {
        case .started: .started
        case .stepCompleted: .stepCompleted
        case .completed: .completed
        case .failed: .failed
        case .pathsMigrated: .pathsMigrated
        }
    }

    /// The stable name under which the event is stored.
    public var type: EventType { EventType(trusting: kind.rawValue) }

    /// 1 for every event.
    public var schemaVersion: Int32 { 1 }

    /// The event's data by its schema.
    public var payload: JSONValue {
        switch self {
        case .started(let event):
            [
                "run": event.run.json, "direction": .string(event.direction.rawValue),
                "source": ["id": .string(event.sourceID), "digest": .string(event.sourceDigest.hexadecimal)],
                "rules": .number(JSONNumber(event.rules)),
            ]
        case .stepCompleted(let event):
            ["run": event.run.json, "step": .string(event.step.rawValue), "counts": .object(event.counts)]
        case .completed(let event):
            [
                "run": event.run.json,
                "result": ["id": .string(event.resultID), "digest": .string(event.resultDigest.hexadecimal)],
                "mapping_version": .number(JSONNumber(event.mappingVersion)), "report": event.report,
            ]
        case .failed(let event):
            [
                "run": event.run.json, "step": .string(event.step.rawValue), "code": .string(event.code),
                "message": .string(event.message), "findings": .array(event.findings),
            ]
        case .pathsMigrated(let event):
            [
                "run": event.migrations.run.json, "journey": .string(event.migrations.journey),
                "part": .number(JSONNumber(event.part)), "last": .bool(event.migrations.isLast),
                "sessions": .array(event.migrations.sessions.map(\.canonicalValue)),
            ]
        }
    }

    /// Reads back what ``payload`` answered.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard let kind = Kind(rawValue: type.rawValue), schemaVersion == 1 else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        let run = try payload.parsed("run", UUID.init(uuidString:))
        switch kind {
        case .started:
            let source = try payload.nested("source")
            self = .started(
                ConversionStarted(
                    run: run, direction: try payload.choice("direction"), sourceID: try source.text("id"),
                    sourceDigest: try source.digest("digest"), rules: try payload.int("rules")))
        case .stepCompleted:
            self = .stepCompleted(
                ConversionStepCompleted(
                    run: run, step: try payload.choice("step"), counts: try payload.object("counts")))
        case .completed:
            let result = try payload.nested("result")
            self = .completed(
                ConversionCompleted(
                    run: run, resultID: try result.text("id"), resultDigest: try result.digest("digest"),
                    mappingVersion: try payload.int("mapping_version"), report: try payload.value("report")))
        case .failed:
            self = .failed(
                ConversionFailed(
                    run: run, step: try payload.choice("step"), code: try payload.text("code"),
                    message: try payload.text("message"),
                    findings: try payload.value("findings").isHidden
                        ? [] : payload.elements("findings").map(\.value)))
        case .pathsMigrated:
            var sessions: [SessionMigration] = []
            for element in try payload.elements("sessions") { sessions.append(try SessionMigration(element)) }
            self = .pathsMigrated(
                ConversionPathsMigrated(
                    part: try payload.int("part"),
                    SessionMigrations(
                        run: run, journey: try payload.text("journey"), sessions: sessions,
                        isLast: try payload.bool("last"))))
        }
    }
}

extension UUID {
    fileprivate var json: JSONValue { .string(uuidString.lowercased()) }
}
