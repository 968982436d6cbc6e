import EventModel

/// A journey of ours was brought to a Parlant server: which revision, and which version it has there. Whatever else is found there later was
/// changed past us.
public struct JourneyPush: Equatable, Sendable {
    /// The server, by the name under which its conversations are followed too.
    public let server: String
    /// The version that the server gave it.
    public let version: String
    /// The digest of the definition that was pushed.
    public let digest: ContentDigest
    /// The revision that was pushed.
    public let revision: Int

    /// A push by its parts.
    public init(server: String, version: String, digest: ContentDigest, revision: Int) {
        self.server = server
        self.version = version
        self.digest = digest
        self.revision = revision
    }
}

/// What happens to a journey of ours on Parlant servers: `parlant_journey-<journey id>`.
public enum JourneyPushEvent: Equatable, Sendable {
    /// It was brought there.
    case pushed(JourneyPush)
}

/// The rule: what is there already is no news.
public enum JourneyPushDecider: Decider {
    /// The latest push to each server, by the server's name.
    public typealias State = [String: JourneyPush]
    /// What happens.
    public typealias Event = JourneyPushEvent

    /// What may be asked.
    public enum Command: Equatable, Sendable {
        /// Record a push.
        case record(JourneyPush)
    }

    /// Nothing is ever refused.
    public enum Rejection: Error, Equatable, Sendable {}

    /// It was never pushed.
    public static var initialState: State { [:] }

    /// The state after one more event.
    public static func evolve(_ state: State, _ event: Event) -> State {
        switch event {
        case .pushed(let push):
            var state = state
            state[push.server] = push
            return state
        }
    }

    /// `pushed`, unless the latest push to that server was the same.
    public static func decide(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
        switch command {
        case .record(let push): state[push.server] == push ? [] : [.pushed(push)]
        }
    }
}

extension JourneyPushEvent: DomainEvent {
    /// `parlant_journey`
    public static var category: String { "parlant_journey" }
    /// Nothing is personal.
    public static var personalMarks: [PersonalMark] { [] }
    private static let pushedType = EventType(trusting: "parlant_journey.pushed")

    /// The stable name.
    public var type: EventType {
        switch self {
        case .pushed: Self.pushedType
        }
    }

    /// The version of the schema that is written: 1.
    public var schemaVersion: Int32 { 1 }

    /// The event's data by its schema.
    public var payload: JSONValue {
        switch self {
        case .pushed(let push):
            [
                "server": .string(push.server), "version": .string(push.version),
                "digest": .string(push.digest.hexadecimal), "revision": .number(JSONNumber(push.revision)),
            ]
        }
    }

    /// Reads back what ``payload`` answered.
    public init(payload: PayloadReader, type: EventType, schemaVersion: Int32) throws(EventFlaw) {
        guard schemaVersion == 1, type == Self.pushedType else {
            throw .unknown(type: type, schemaVersion: schemaVersion)
        }
        self = .pushed(
            JourneyPush(
                server: try payload.text("server"), version: try payload.text("version"),
                digest: try payload.digest("digest"), revision: try payload.int("revision")))
    }
}
