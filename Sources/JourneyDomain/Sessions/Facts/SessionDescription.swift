import EventModel

/// Who and what a session is.
public struct SessionDescription: Equatable, Sendable {
    /// The engine: `parlant`, or the name that another gives itself.
    public let engine: String
    /// The session, as the engine names it.
    public let session: String
    /// The agent.
    public let agent: String?
    /// The customer, by id. Parlant's `guest` is everybody who gave no name.
    public let customer: String?
    /// Whether the engine answers by itself.
    public let mode: SessionMode?
    /// When the session began, as the engine spells it.
    public let createdAt: String?
    /// Its labels, in order.
    public let labels: [String]
    /// Its title; personal.
    public let title: JSONValue?
    /// What clients attached to it; personal.
    public let metadata: JSONValue?
    /// The other members; personal.
    public let rest: JSONValue?
    /// When the engine said so.
    public let observedAt: Timestamp
    /// Whose data the personal parts are.
    public let subject: String

    /// A description.
    public init(
        engine: String, session: String, agent: String? = nil, customer: String? = nil, mode: SessionMode? = nil,
        createdAt: String? = nil, labels: [String] = [], title: JSONValue? = nil, metadata: JSONValue? = nil,
        rest: JSONValue? = nil, observedAt: Timestamp, subject: String? = nil
    ) {
        self.engine = engine
        self.session = session
        self.agent = agent
        self.customer = customer
        self.mode = mode
        self.createdAt = createdAt
        self.labels = JourneyDefinition.ordered(labels)
        self.title = title
        self.metadata = metadata
        self.rest = rest
        self.observedAt = observedAt
        self.subject = subject ?? SessionSubject.of(customer: customer, session: session)
    }

    /// Parlant describes a session whole; other engines may leave out what they have said before.
    func filled(from known: SessionDescription) -> SessionDescription {
        guard engine != SessionReport.parlant else { return self }
        return SessionDescription(
            engine: engine, session: session, agent: agent ?? known.agent, customer: customer ?? known.customer,
            mode: mode, createdAt: createdAt ?? known.createdAt, labels: labels.isEmpty ? known.labels : labels,
            title: title ?? known.title, metadata: metadata ?? known.metadata, rest: rest ?? known.rest,
            observedAt: observedAt)
    }

    /// Whether both say the same; what is hidden from the reader counts as unchanged, and when it was said, and what the engine counts
    /// for its clients, says nothing.
    func agrees(with other: SessionDescription) -> Bool {
        func same(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
            if left?.isHidden == true || right?.isHidden == true { return true }
            return left?.canonicalized == right?.canonicalized
        }
        return engine == other.engine && session == other.session && agent == other.agent && customer == other.customer
            && createdAt == other.createdAt && labels == other.labels && same(title, other.title)
            && same(metadata, other.metadata)
    }
}

/// Whether the engine answers by itself.
public enum SessionMode: Hashable, Sendable {
    /// It does.
    case auto
    /// It waits for people to answer.
    case manual
    /// Something that we do not know.
    case other(String)

    /// The mode that Parlant spells `text`.
    public init(_ text: String) {
        switch text {
        case "auto": self = .auto
        case "manual": self = .manual
        default: self = .other(text)
        }
    }

    /// Parlant's spelling.
    public var text: String {
        switch self {
        case .auto: "auto"
        case .manual: "manual"
        case .other(let text): text
        }
    }
}

/// The mode became another.
public struct SessionModeChange: Equatable, Sendable {
    /// The mode from now on.
    public let mode: SessionMode
    /// When the engine said so.
    public let at: Timestamp

    /// A change of the mode.
    public init(mode: SessionMode, at: Timestamp) {
        self.mode = mode
        self.at = at
    }
}

/// The end of a session.
public struct SessionClosing: Equatable, Sendable {
    /// How a session ends.
    public enum Reason: String, Sendable, CaseIterable {
        /// The engine has deleted it.
        case deleted
        /// The engine says that it is over.
        case ended
        /// The execution it walks for is over.
        case executionEnded = "execution_ended"
        /// Somebody closed it.
        case requested
    }

    /// How it ended.
    public let reason: Reason
    /// When it was noticed.
    public let at: Timestamp

    /// The end of a session.
    public init(reason: Reason, at: Timestamp) {
        self.reason = reason
        self.at = at
    }
}

/// Whose personal data a conversation holds.
public enum SessionSubject {
    /// Parlant's customer for everybody who gave no name. Different people share it, so it cannot be erased as one.
    public static let guest = "guest"

    /// `customer:<id>`, or `session:<id>` where the customer is a guest, not known, or has an id that no subject can have.
    public static func of(customer: String?, session: String) -> String {
        of(customer: customer) ?? "session:\(session)"
    }

    /// `customer:<id>`; `nil` where the customer is a guest, not known, or has an id that no subject can have.
    static func of(customer: String?) -> String? {
        guard let customer, customer != guest, !customer.isEmpty else { return nil }
        return (try? DataSubject("customer:\(customer)"))?.text
    }
}
