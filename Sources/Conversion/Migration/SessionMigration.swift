import EventModel
import JourneyDomain

/// What a structural edit of a journey means for one live session: where its path leads now, or why it cannot be carried over.
///
/// It is a plan, computed from one version of the session's stream. Whoever writes the path into the engine checks first that the session is still
/// there; and only when the engine has taken the new journey over do its numbers mean what `indexes` says.
public struct SessionMigration: Equatable, Sendable {
    /// What it means.
    public enum Outcome: Equatable, Sendable {
        /// The path by states of the new journey, and as the engine stores it; `nil` is "left the journey". `isChanged` tells whether what is
        /// stored has to be written anew.
        case carried(states: [String?], indexes: [String?], isChanged: Bool)
        /// The session cannot be carried over.
        case stranded(PathMigration.Reason)
        /// The path is longer than an event holds: it is `bytes` long.
        case tooLong(bytes: Int)
    }

    /// The session's stream.
    public let stream: String
    /// The version of the stream that this was computed from.
    public let version: Int
    /// The session, as the engine names it, if somebody told.
    public let session: String?
    /// The execution that it walks for, if it is bound.
    public let execution: String?
    /// What it means.
    public let outcome: Outcome

    /// A migration by its parts.
    public init(stream: String, version: Int, session: String?, execution: String?, outcome: Outcome) {
        self.stream = stream
        self.version = version
        self.session = session
        self.execution = execution
        self.outcome = outcome
    }

    /// The migration of a session that has walked `way` of the old journey.
    ///
    /// - Parameter journey: the new journey's numbers.
    public init(
        of way: SessionWay, in stream: String, version: Int, by migration: PathMigration, to journey: JourneyPathIndex
    ) {
        var outcome: Outcome
        switch migration.migrate(way.steps) {
        case .stranded(let reason): outcome = .stranded(reason)
        case .carried(let path, let isChanged):
            let indexes = journey.path(of: path) ?? []
            outcome = .carried(
                states: path.map(\.state), indexes: indexes,
                isChanged: way.isNumbered ? way.stored.map { $0 != indexes } ?? isChanged : path.last != way.steps.last)
        }
        let made = SessionMigration(
            stream: stream, version: version, session: way.session, execution: way.execution, outcome: outcome)
        let bytes = made.canonicalValue.compactBytes().count
        if bytes > ConversionRunLimits.migrationBytes { outcome = .tooLong(bytes: bytes) }
        self.init(
            stream: stream, version: version, session: way.session, execution: way.execution, outcome: outcome)
    }

    /// Whether the session goes on.
    public var isCarried: Bool { if case .carried = outcome { true } else { false } }

    /// Whether the session goes on and its stored path has to be written anew.
    public var isRewritten: Bool { if case .carried(_, _, true) = outcome { true } else { false } }

    /// Why not, in a sentence; `nil` when it is carried over.
    public var obstacle: String? {
        switch outcome {
        case .carried: nil
        case .stranded(let reason): reason.sentence
        case .tooLong(let bytes):
            "its path takes \(bytes) bytes, and an event holds \(ConversionRunLimits.migrationBytes) of one"
        }
    }
}

extension JourneyPathIndex.Step {
    fileprivate var state: String? { if case .state(let id) = self { id.text } else { nil } }
}

extension PathMigration.Reason {
    /// The stable word for the reason.
    public var code: String {
        switch self {
        case .emptyPath: "empty_path"
        case .unknownState: "unknown_state"
        case .stateRemoved: "state_removed"
        case .containerChanged: "container_changed"
        case .unreachable: "unreachable"
        case .wayRemoved: "way_removed"
        }
    }

    /// The reason in a sentence.
    public var sentence: String {
        switch self {
        case .emptyPath: "nothing is known of where it stands"
        case .unknownState(let state): "the journey before had no state \(state)"
        case .stateRemoved(let state): "the block of \(state), where it stands, is gone"
        case .containerChanged(let state): "\(state), where it stands, is in another container now"
        case .unreachable(let state): "nothing leads to \(state), where it stands, any more"
        case .wayRemoved(let from, let to): "\(from) does not lead to \(to), where it stands, any more"
        }
    }
}

// MARK: Stored form

extension SessionMigration {
    /// As it is stored and shown.
    public var canonicalValue: JSONValue {
        var object = JSONObject()
        object["stream"] = .string(stream)
        object["version"] = .number(JSONNumber(version))
        object["session"] = session.map(JSONValue.string) ?? .null
        object["execution"] = execution.map(JSONValue.string) ?? .null
        func texts(_ list: [String?]) -> JSONValue { .array(list.map { $0.map(JSONValue.string) ?? .null }) }
        switch outcome {
        case .carried(let states, let indexes, let isChanged):
            object["outcome"] = "carried"
            object["states"] = texts(states)
            object["indexes"] = texts(indexes)
            object["changed"] = .bool(isChanged)
        case .stranded(let reason):
            object["outcome"] = "stranded"
            object["reason"] = .string(reason.code)
            object["state"] = reason.state.map(JSONValue.string) ?? .null
            object["from"] = reason.origin.map(JSONValue.string) ?? .null
        case .tooLong(let bytes):
            object["outcome"] = "stranded"
            object["reason"] = "path_too_long"
            object["bytes"] = .number(JSONNumber(bytes))
        }
        return .object(object)
    }

    /// Reads back what ``canonicalValue`` wrote.
    public init(_ reader: PayloadReader) throws(EventFlaw) {
        let outcome: Outcome
        switch try reader.text("outcome") {
        case "carried":
            outcome = .carried(
                states: try reader.optionalTexts("states"), indexes: try reader.optionalTexts("indexes"),
                isChanged: try reader.bool("changed"))
        case "stranded": outcome = try Self.stranded(reader)
        case let other: throw .unexpected(reader.path["outcome"], value: other)
        }
        self.init(
            stream: try reader.text("stream"), version: try reader.int("version"),
            session: try reader.optionalText("session"), execution: try reader.optionalText("execution"),
            outcome: outcome)
    }

    private static func stranded(_ reader: PayloadReader) throws(EventFlaw) -> Outcome {
        func state() throws(EventFlaw) -> ElementID { ElementID(try reader.text("state")) }
        switch try reader.text("reason") {
        case "empty_path": return .stranded(.emptyPath)
        case "unknown_state": return .stranded(.unknownState(try reader.text("state")))
        case "state_removed": return .stranded(.stateRemoved(try state()))
        case "container_changed": return .stranded(.containerChanged(try state()))
        case "unreachable": return .stranded(.unreachable(try state()))
        case "way_removed":
            return .stranded(.wayRemoved(from: ElementID(try reader.text("from")), to: try state()))
        case "path_too_long": return .tooLong(bytes: try reader.int("bytes"))
        case let other: throw .unexpected(reader.path["reason"], value: other)
        }
    }
}

extension PathMigration.Reason {
    fileprivate var state: String? {
        switch self {
        case .emptyPath: nil
        case .unknownState(let state): state
        case .stateRemoved(let state), .containerChanged(let state), .unreachable(let state), .wayRemoved(_, let state):
            state.text
        }
    }

    fileprivate var origin: String? { if case .wayRemoved(let from, _) = self { from.text } else { nil } }
}
