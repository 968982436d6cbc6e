import EventModel

/// A fact of a session as it is stored, in the streams of one category.
///
/// The facts of a conversation that no execution has claimed and of one that walks for an execution are the same; what differs is whose
/// stream they are in, and that is the first half of the stored type.
public struct SessionEvent<Home: SessionHome>: DomainEvent {
    /// What happened.
    public let fact: SessionFact

    /// The event of a fact.
    public init(_ fact: SessionFact) { self.fact = fact }

    /// The category of the streams.
    public static var category: String { Home.category }

    /// Where the facts hold personal data.
    public static var personalMarks: [PersonalMark] { SessionFact.personalMarks(in: Home.category) }

    /// `<category>.<kind of fact>`
    public var type: EventType { fact.kind.type(in: Home.category) }

    /// The version of the schema that is written.
    public var schemaVersion: Int32 { SessionFact.schemaVersion }

    /// The event's data.
    public var payload: JSONValue { fact.payload }

    /// Reads an event back.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard schemaVersion == SessionFact.schemaVersion,
            let kind = SessionFact.Kind.allCases.first(where: { $0.type(in: Home.category) == type })
        else { throw .unknown(type: type, schemaVersion: schemaVersion) }
        fact = try SessionFact(payload, kind: kind)
    }
}

/// A category of streams that hold sessions.
public protocol SessionHome: Sendable {
    /// The category.
    static var category: String { get }
}

/// Conversations as Parlant holds them: `parlant_session-<session id>`, whatever they walk for.
public enum ParlantSessions: SessionHome {
    /// `parlant_session`
    public static let category = "parlant_session"
}

/// The journey's side of an execution: `journey_session-<execution id>`.
public enum JourneySessions: SessionHome {
    /// `journey_session`
    public static let category = "journey_session"
}

/// An event of `parlant_session-<session id>`.
public typealias ParlantSessionEvent = SessionEvent<ParlantSessions>
/// An event of `journey_session-<execution id>`.
public typealias JourneySessionEvent = SessionEvent<JourneySessions>

extension SessionFact {
    /// The version of every schema of a session's events.
    public static let schemaVersion: Int32 = 1
}

extension SessionFact.Kind {
    /// The stored type in a category.
    public func type(in category: String) -> EventType { EventType(trusting: "\(category).\(rawValue)") }
}
