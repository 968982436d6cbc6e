import EventModel

/// An event of a domain together with where the log holds it. It is only ever read: its stored form is that of its event.
public struct Heard<Event: DomainEvent>: DomainEvent {
    /// What happened.
    public let event: Event
    /// Where that was said; position 0 when it was not read from a log.
    public let origin: Origin

    /// An event and its origin.
    public init(_ event: Event, at origin: Origin) {
        self.event = event
        self.origin = origin
    }

    /// Reads a recorded event.
    public init(_ event: RecordedEvent) throws(EventFlaw) {
        self.init(try Event(event), at: Origin(event.position, actor: event.actor))
    }

    /// Reads an event that is in no log.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        self.init(
            try Event(payload: payload, type: type, schemaVersion: schemaVersion), at: Origin(GlobalPosition.start))
    }

    /// That of the event.
    public static var category: String { Event.category }
    /// Those of the event.
    public static var personalMarks: [PersonalMark] { Event.personalMarks }
    /// Those of the event.
    public static var upcasters: Upcasters { Event.upcasters }
    /// That of the event.
    public var type: EventType { event.type }
    /// That of the event.
    public var schemaVersion: Int32 { event.schemaVersion }
    /// That of the event.
    public var payload: JSONValue { event.payload }
}
