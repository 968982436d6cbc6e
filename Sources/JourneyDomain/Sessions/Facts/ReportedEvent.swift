import EventModel

/// One event of a conversation as its engine reported it, whole: ``parlantValue`` gives it back.
public struct ReportedEvent: Equatable, Sendable {
    /// What every event has.
    public let envelope: EventEnvelope
    /// What it says.
    public let content: EventContent
    /// What clients attached to it; personal. `nil` when there is nothing.
    public let metadata: JSONValue?
    /// Members of the event that are not known; personal. `nil` when there are none.
    public let rest: JSONValue?
    /// Whose data the personal parts are: `customer:<id>`, or `session:<id>` where the customer is a guest or not known.
    public let subject: String

    /// An event as reported.
    public init(
        envelope: EventEnvelope, content: EventContent, metadata: JSONValue? = nil, rest: JSONValue? = nil,
        subject: String
    ) {
        self.envelope = envelope
        self.content = content
        self.metadata = metadata
        self.rest = rest
        self.subject = subject
    }

    /// This event with another subject.
    func of(_ subject: String) -> ReportedEvent {
        ReportedEvent(envelope: envelope, content: content, metadata: metadata, rest: rest, subject: subject)
    }
}

/// What every event of a conversation has, and none of it personal.
public struct EventEnvelope: Equatable, Sendable {
    /// The engine's id of the event; a repeated event has the same.
    public let id: String
    /// `message`, `tool`, `status`, `custom`, or whatever the engine says.
    public let kind: String
    /// `customer`, `ai_agent` and so on, or whatever the engine says.
    public let source: String
    /// The event's place in the session. Offsets grow and are never used again; gaps are normal.
    public let offset: Int
    /// When it happened by the engine's clock, as the engine spells it; `nil` when it does not say.
    public let at: String?
    /// What ties the events of one turn together.
    public let trace: String?
    /// The engine's other name of the trace, where it differs.
    public let correlation: String?

    /// An envelope.
    public init(
        id: String, kind: String, source: String, offset: Int, at: String? = nil, trace: String? = nil,
        correlation: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.source = source
        self.offset = offset
        self.at = at
        self.trace = trace
        self.correlation = correlation
    }

    /// The moment that ``at`` spells.
    public var moment: Timestamp? { at.flatMap(Timestamp.init(rfc3339:)) }
}

/// What an event of a conversation says. Personal values are JSON, because they may be hidden from the reader.
public enum EventContent: Equatable, Sendable {
    /// Somebody wrote something.
    case message(MessageContent)
    /// Tools ran. `detail` are the other members of the event's data; personal.
    case toolCalls([ToolCall], detail: JSONValue?)
    /// A value was asked for and given.
    case input(CollectedInput)
    /// Whatever a client wants to say; personal.
    case custom(JSONValue)
    /// How the engine is doing.
    case status(StatusContent)
    /// An event of an unknown kind, or not of the shape that its kind has; personal.
    case other(JSONValue)

    /// The kind of fact that such an event is.
    public var kind: SessionFact.Kind {
        switch self {
        case .message: .messagePosted
        case .toolCalls: .toolCalled
        case .input: .inputCollected
        case .custom: .customPosted
        case .status: .statusReported
        case .other: .eventReported
        }
    }
}

/// A message.
public struct MessageContent: Equatable, Sendable {
    /// The text; personal.
    public let text: JSONValue
    /// Who wrote it, by id.
    public let participant: String?
    /// Who wrote it, by name; personal.
    public let name: JSONValue?
    /// The other members of the event's data, flags and tags for example; personal.
    public let detail: JSONValue?

    /// A message.
    public init(text: JSONValue, participant: String? = nil, name: JSONValue? = nil, detail: JSONValue? = nil) {
        self.text = text
        self.participant = participant
        self.name = name
        self.detail = detail
    }
}

/// One call of a tool.
public struct ToolCall: Equatable, Sendable {
    /// The tool, `service:tool` in Parlant.
    public let tool: String
    /// What it was given; personal.
    public let arguments: JSONValue
    /// What it answered; personal.
    public let result: JSONValue
    /// The other members of the call; personal.
    public let detail: JSONValue?

    /// A call.
    public init(tool: String, arguments: JSONValue, result: JSONValue, detail: JSONValue? = nil) {
        self.tool = tool
        self.arguments = arguments
        self.result = result
        self.detail = detail
    }
}

/// A value that was asked for in the conversation.
public struct CollectedInput: Equatable, Sendable {
    /// What it is called.
    public let name: String
    /// The value; personal.
    public let value: JSONValue
    /// The journey that asked.
    public let journey: String?
    /// The state that asked.
    public let state: ElementID?
    /// The other members of the event's data; personal.
    public let detail: JSONValue?

    /// An input.
    public init(
        name: String, value: JSONValue, journey: String? = nil, state: ElementID? = nil, detail: JSONValue? = nil
    ) {
        self.name = name
        self.value = value
        self.journey = journey
        self.state = state
        self.detail = detail
    }
}
