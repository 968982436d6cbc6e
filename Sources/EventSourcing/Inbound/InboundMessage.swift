import EventModel

/// Something that somebody outside says about workflows or journeys, as it came.
public struct InboundMessage: Sendable {
    /// Which message it is; a repetition has the same key.
    public var key: InboundKey
    /// The bytes: JSON, unless it is refused.
    public var payload: [UInt8]
    /// When it was received, by the clock of whoever kept it first.
    public var receivedAt: Timestamp
    /// Whether ``receivedAt`` is kept with the message, so that a repetition has the same: only then it may stand in for times that the
    /// payload does not tell.
    public var keepsTime: Bool
    /// When it happened, where the message says so outside its payload.
    public var occurredAt: Timestamp?
    /// Who says it, as it is recorded.
    public var actor: String?
    /// Where it came from, for people: a file and its line, or a topic, partition and offset.
    public var origin: String
    /// The tenant that it names; the default one when it names none.
    public var workspace = Workspace.default
    /// Why it is refused before its payload is read, if it is.
    public var refusal: InboundRejection?

    /// A message by its parts.
    public init(
        key: InboundKey, payload: [UInt8], receivedAt: Timestamp, keepsTime: Bool, occurredAt: Timestamp? = nil,
        actor: String? = nil, origin: String
    ) {
        self.key = key
        self.payload = payload
        self.receivedAt = receivedAt
        self.keepsTime = keepsTime
        self.occurredAt = occurredAt
        self.actor = actor
        self.origin = origin
    }
}
