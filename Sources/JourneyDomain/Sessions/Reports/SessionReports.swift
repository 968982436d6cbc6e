import EventModel

/// What one inbound payload says of one session.
public struct SessionReport: Equatable, Sendable {
    /// The engine: `parlant`, or the name that another gives itself.
    public let engine: String
    /// The session, as the engine names it.
    public let session: String
    /// The execution that the session walks for, as far as the report says.
    public let execution: String?
    /// What was reported, in the order in which it is to be read.
    public let inputs: [SessionInput]

    /// A report.
    public init(engine: String, session: String, execution: String? = nil, inputs: [SessionInput]) {
        self.engine = engine
        self.session = session
        self.execution = execution
        self.inputs = inputs
    }

    /// Parlant's name among the engines.
    public static let parlant = "parlant"

    /// Where the report belongs: a conversation of Parlant's has a stream of its own; another engine reports to the execution.
    public var home: SessionStream {
        guard engine != Self.parlant, let execution else { return .conversation(session) }
        return .execution(execution)
    }
}

/// A stream that holds a session.
public enum SessionStream: Hashable, Sendable {
    /// `parlant_session-<session id>`
    case conversation(String)
    /// `journey_session-<execution id>`
    case execution(String)

    /// The category of the stream.
    public var category: String {
        switch self {
        case .conversation: ParlantSessions.category
        case .execution: JourneySessions.category
        }
    }

    /// The key of the stream.
    public var key: String {
        switch self {
        case .conversation(let key), .execution(let key): key
        }
    }
}

/// Reads inbound payloads of the journey's side: what Parlant answers, and the neutral form of other engines.
///
/// Which it is, is told by structure: `session_id`, or a session object as Parlant answers it, is Parlant's; `engine` with `session` and
/// `execution` is the neutral form. An array holds several of either. The forms are documented by `Schemas/ingest/journey_session.*.json`.
/// Kinds, sources, statuses and types that are not known are kept, never refused; what would be lost is refused.
public enum SessionReports {
    /// Reads a payload.
    /// - Parameters:
    ///   - bytes: JSON of at most ``SessionLimits/reportBytes``.
    ///   - receivedAt: when it came; the time of everything in it that does not say when it was observed.
    /// - Throws: ``ReportFlaw`` for the first thing that is wrong; nothing of the payload counts then.
    public static func read(_ bytes: [UInt8], receivedAt: Timestamp) throws(ReportFlaw) -> [SessionReport] {
        guard bytes.count <= SessionLimits.reportBytes else {
            throw .tooLarge(bytes: bytes.count, limit: SessionLimits.reportBytes)
        }
        let value: JSONValue
        do throws(JSONFlaw) { value = try JSONValue(bytes) } catch { throw .json(error) }
        return try read(value, receivedAt: receivedAt)
    }

    /// Reads a payload that has passed the door.
    public static func read(_ value: JSONValue, receivedAt: Timestamp) throws(ReportFlaw) -> [SessionReport] {
        guard case .array(let elements) = value else { return [try report(value, at: .root, receivedAt)] }
        guard !elements.isEmpty else { throw .unrecognised(found: []) }
        guard elements.count <= SessionLimits.reports else {
            throw .tooMany(.root, count: elements.count, limit: SessionLimits.reports)
        }
        var reports: [SessionReport] = []
        for (index, element) in elements.enumerated() {
            reports.append(try report(element, at: JSONPath.root[index], receivedAt))
        }
        return reports
    }

    /// Whether a payload claims to be a report of a session, judged by its keys alone.
    public static func recognises(_ value: JSONValue) -> Bool {
        if case .array(let elements) = value { return elements.first.map { form(of: $0) != nil } ?? false }
        return form(of: value) != nil
    }

    private enum Form { case parlant, parlantSession, neutral }

    private static func form(of value: JSONValue) -> Form? {
        guard let object = value.object else { return nil }
        func has(_ keys: String...) -> Bool { keys.allSatisfy { object[$0] != nil } }
        if has("session_id") { return .parlant }
        if has("id", "agent_id", "customer_id") { return .parlantSession }
        if has("engine", "session", "execution") { return .neutral }
        return nil
    }

    private static func report(
        _ value: JSONValue, at path: JSONPath, _ receivedAt: Timestamp
    ) throws(ReportFlaw) -> SessionReport {
        guard let form = form(of: value) else { throw .unrecognised(found: value.object?.keys ?? [value.kind]) }
        let members = try ReportMembers(value, at: path)
        switch form {
        case .parlant: return try ParlantReport(members, receivedAt: receivedAt).report()
        case .parlantSession:
            let description = try ParlantReport.description(members, observedAt: receivedAt)
            return SessionReport(
                engine: SessionReport.parlant, session: description.session,
                execution: ParlantReport.execution(of: description), inputs: [.description(description)])
        case .neutral: return try NeutralReport(members, receivedAt: receivedAt).report()
        }
    }
}
