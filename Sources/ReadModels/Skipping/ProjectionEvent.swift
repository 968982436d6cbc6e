import EventModel
import FoundationEssentials

/// What people decide about a projection, in the stream `projection-<name>` of the default workspace.
public enum ProjectionEvent: DomainEvent {
    /// An event is left out of the read model, now and in every rebuild.
    case eventSkipped(EventSkipped)

    /// The category of the streams.
    public static let category = "projection"
    /// ``eventSkipped(_:)``
    public static let eventSkippedType = EventType(trusting: "projection.event_skipped")

    /// None: places in the log and a reason, which must not describe a person.
    public static let personalMarks: [PersonalMark] = []

    /// The stream of a projection.
    public static func stream(of projection: String) -> StreamName {
        StreamName(trusting: "\(category)-\(projection)")
    }

    /// The stable name.
    public var type: EventType {
        switch self {
        case .eventSkipped: Self.eventSkippedType
        }
    }

    /// 1.
    public var schemaVersion: Int32 { 1 }

    /// By `Schemas/events/projection/event_skipped.v1.json`.
    public var payload: JSONValue {
        switch self {
        case .eventSkipped(let event): event.payload
        }
    }

    /// Reads back what ``payload`` answered.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard type == Self.eventSkippedType, schemaVersion == 1 else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        self = .eventSkipped(try EventSkipped(payload))
    }
}

/// One event that a projection leaves out, and why.
public struct EventSkipped: Equatable, Sendable {
    /// The longest reason, in bytes.
    public static let reasonLimit = 1_000
    /// The longest cause that is recorded, in bytes; a longer one is cut.
    public static let causeLimit = 2_000

    /// The generation whose fold stumbled over it. The event is left out of every generation from then on.
    public var version: Int
    /// Where the event is.
    public var position: GlobalPosition
    /// Its id.
    public var eventID: UUID
    /// Its type.
    public var eventType: EventType
    /// The key that was parked for it.
    public var key: ParkingKey
    /// Why it could not be folded.
    public var cause: String
    /// Why it is left out, as whoever decided said.
    public var reason: String

    /// An event by its parts.
    public init(
        version: Int, position: GlobalPosition, eventID: UUID, eventType: EventType, key: ParkingKey, cause: String,
        reason: String
    ) {
        self.version = version
        self.position = position
        self.eventID = eventID
        self.eventType = eventType
        self.key = key
        self.cause = cause
        self.reason = reason
    }
}

extension EventSkipped {
    fileprivate var payload: JSONValue {
        let payload: JSONValue = [
            "version": .number(JSONNumber(version)), "position": .number(JSONNumber(Int(position.rawValue))),
            "event_id": .string(eventID.uuidString.lowercased()), "event_type": .string(eventType.rawValue),
            "key": .string(key.text), "cause": .string(cause), "reason": .string(reason),
        ]
        return payload.canonicalized
    }

    fileprivate init(_ payload: PayloadReader) throws(EventFlaw) {
        version = try payload.int("version")
        position = GlobalPosition(Int64(try payload.int("position")))
        eventID = try payload.parsed("event_id") { UUID(uuidString: $0) }
        eventType = try payload.parsed("event_type") { try? EventType($0) }
        key = ParkingKey(text: try payload.text("key"))
        cause = try payload.text("cause")
        reason = try payload.text("reason")
    }
}
