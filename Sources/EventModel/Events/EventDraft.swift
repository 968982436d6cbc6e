import FoundationEssentials

/// An event that has been decided but not yet appended.
public struct EventDraft: Sendable, Hashable {
    /// Made by the client, before the first try, and used again for every retry: the log stores an id once.
    public var id: UUID
    /// What happened.
    public var type: EventType
    /// The version of the JSON Schema that `data` follows, from 1.
    public var schemaVersion: Int32
    /// The payload as JSON text, stored and handed on byte for byte.
    public var data: [UInt8]
    /// What travels beside the payload (trace context, source …) as a JSON object, stored byte for byte.
    public var metadata: [UInt8]
    /// The conversation that the event belongs to.
    public var correlationID: UUID?
    /// The message that directly caused it.
    public var causationID: UUID?
    /// Who did it.
    public var actor: String?
    /// When it happened, by the clock of whoever saw it.
    public var occurredAt: Timestamp

    /// An empty JSON object.
    public static let noMetadata = Array("{}".utf8)

    /// A draft; limits and JSON are checked when it is appended.
    public init(
        id: UUID, type: EventType, schemaVersion: Int32 = 1, data: [UInt8], metadata: [UInt8] = EventDraft.noMetadata,
        correlationID: UUID? = nil, causationID: UUID? = nil, actor: String? = nil, occurredAt: Timestamp
    ) {
        self.id = id
        self.type = type
        self.schemaVersion = schemaVersion
        self.data = data
        self.metadata = metadata
        self.correlationID = correlationID
        self.causationID = causationID
        self.actor = actor
        self.occurredAt = occurredAt
    }
}
