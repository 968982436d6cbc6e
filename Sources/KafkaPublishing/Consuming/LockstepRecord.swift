import EventModel
import FoundationEssentials

/// An event as the topic holds it: everything that a reader of the log's table knows.
public struct LockstepRecord: Sendable, Hashable {
    /// The partition it came from.
    public var partition: Int32
    /// Its offset there.
    public var offset: Int64
    /// Its place in the chain, its id and its history.
    public var mark: RecordMark
    /// The record's key: the sync key.
    public var key: [UInt8]
    /// The payload, byte for byte as appended.
    public var data: [UInt8]
    /// The stream it is in.
    public var stream: StreamName
    /// Place in its stream.
    public var version: StreamVersion
    /// What happened.
    public var type: EventType
    /// The tenant.
    public var workspace: Workspace
    /// The version of the payload's schema.
    public var schemaVersion: Int32
    /// When it happened.
    public var occurredAt: Timestamp
    /// When it was appended.
    public var recordedAt: Timestamp
    /// The metadata, byte for byte as appended.
    public var metadata: [UInt8]
    /// Who did it.
    public var actor: String?
    /// The conversation it belongs to.
    public var correlationID: UUID?
    /// Its direct cause.
    public var causationID: UUID?
    /// W3C trace context.
    public var traceParent: String?

    /// A record by its parts.
    public init(
        partition: Int32, offset: Int64, mark: RecordMark, key: [UInt8], data: [UInt8], stream: StreamName,
        version: StreamVersion, type: EventType, workspace: Workspace, schemaVersion: Int32, occurredAt: Timestamp,
        recordedAt: Timestamp, metadata: [UInt8], actor: String? = nil, correlationID: UUID? = nil,
        causationID: UUID? = nil, traceParent: String? = nil
    ) {
        self.partition = partition
        self.offset = offset
        self.mark = mark
        self.key = key
        self.data = data
        self.stream = stream
        self.version = version
        self.type = type
        self.workspace = workspace
        self.schemaVersion = schemaVersion
        self.occurredAt = occurredAt
        self.recordedAt = recordedAt
        self.metadata = metadata
        self.actor = actor
        self.correlationID = correlationID
        self.causationID = causationID
        self.traceParent = traceParent
    }

    /// Place in the one order over all streams.
    public var position: GlobalPosition { mark.position }
    /// The id that its writer gave it.
    public var id: UUID { mark.eventID }
}

/// Where a consumer is in one partition: store it with the result of handling the record, and resume from it.
public struct ConsumerPosition: Sendable, Hashable {
    /// Offset of the last accepted record; reading resumes behind it.
    public var offset: Int64
    /// Position of the last accepted record; the next one must name it as its previous.
    public var lastAccepted: GlobalPosition

    /// A position by its parts.
    public init(offset: Int64, lastAccepted: GlobalPosition) {
        self.offset = offset
        self.lastAccepted = lastAccepted
    }
}

/// What a consumer meets, one after the other.
public enum ConsumerStep: Sendable, Hashable {
    /// The next event of a partition. Handle it.
    case record(LockstepRecord)
    /// A record that the consumer rule ignores.
    case ignored(partition: Int32, offset: Int64, IgnoredReason)
    /// The partition has nothing more now.
    case caughtUp(partition: Int32, offset: Int64)
    /// The partition is read again from its oldest record, because what comes next was not found where it was expected. Nothing that
    /// was accepted comes again.
    case rewound(partition: Int32)
}

/// Why a consumer stops.
public enum ConsumerError: Error, Sendable, Hashable {
    /// The topic does not exist.
    case unknownTopic(String)
    /// The cluster failed in a way that waiting does not help.
    case failed(reason: String)
}

extension ConsumerError: CustomStringConvertible {
    /// One sentence and what to do next.
    public var description: String {
        switch self {
        case .unknownTopic(let topic): "topic \(topic) does not exist; start the publisher, or check the name"
        case .failed(let reason): "the topic cannot be read: \(reason)"
        }
    }
}
