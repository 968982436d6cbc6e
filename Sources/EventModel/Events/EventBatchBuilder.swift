import FoundationEssentials

/// Gathers events into an ``EventBatch``, copying each variable-length field once.
public struct EventBatchBuilder: ~Copyable {
    private var rows: [EventRow] = []
    private var bytes: [UInt8] = []
    private var kinds: [EventKind] = []
    private var indexOfKind: [ObjectIdentifier: UInt32] = [:]
    private var lastKind: (identity: ObjectIdentifier, index: UInt32)?

    /// A builder with room for `events` events and `bytes` bytes of variable-length fields.
    public init(reservingEvents events: Int = 0, bytes byteCount: Int = 0) {
        rows.reserveCapacity(events)
        bytes.reserveCapacity(byteCount)
    }

    /// How many events were added.
    public var count: Int { rows.count }
    /// Bytes of all variable-length fields so far.
    public var byteCount: Int { bytes.count }
    /// Position of the event added last.
    public var lastPosition: GlobalPosition? { rows.last.map { GlobalPosition($0.position) } }

    /// The fields of an event that have a fixed size.
    public struct Fixed: Sendable {
        /// Place in the one order.
        public var position: GlobalPosition
        /// Place in its stream.
        public var version: StreamVersion
        /// Its id.
        public var id: UUID
        /// Workspace, category and type. Kinds are told apart by identity, so share them.
        public var kind: EventKind
        /// Version of the payload's schema.
        public var schemaVersion: Int32
        /// When it happened.
        public var occurredAt: Timestamp
        /// When it was appended.
        public var recordedAt: Timestamp
        /// The conversation it belongs to.
        public var correlationID: UUID?
        /// Its direct cause.
        public var causationID: UUID?

        /// The fields of one event.
        public init(
            position: GlobalPosition, version: StreamVersion, id: UUID, kind: EventKind, schemaVersion: Int32,
            occurredAt: Timestamp, recordedAt: Timestamp, correlationID: UUID?, causationID: UUID?
        ) {
            self.position = position
            self.version = version
            self.id = id
            self.kind = kind
            self.schemaVersion = schemaVersion
            self.occurredAt = occurredAt
            self.recordedAt = recordedAt
            self.correlationID = correlationID
            self.causationID = causationID
        }
    }

    /// Adds one event. `actor` is `nil` when nobody is named.
    public mutating func append(
        _ fixed: Fixed, stream: UnsafeRawBufferPointer, actor: UnsafeRawBufferPointer?, data: UnsafeRawBufferPointer,
        metadata: UnsafeRawBufferPointer
    ) {
        rows.append(
            EventRow(
                position: fixed.position.rawValue, version: fixed.version.rawValue,
                occurredAt: fixed.occurredAt.microseconds, recordedAt: fixed.recordedAt.microseconds, id: fixed.id,
                correlationID: fixed.correlationID, causationID: fixed.causationID, kind: index(of: fixed.kind),
                schemaVersion: fixed.schemaVersion, start: bytes.count, streamLength: Int32(stream.count),
                actorLength: actor.map { Int32($0.count) } ?? -1, dataLength: Int32(data.count),
                metadataLength: Int32(metadata.count)))
        bytes.append(contentsOf: stream)
        if let actor { bytes.append(contentsOf: actor) }
        bytes.append(contentsOf: data)
        bytes.append(contentsOf: metadata)
    }

    /// The batch; the builder is used up.
    public consuming func finish() -> EventBatch {
        EventBatch(storage: EventStorage(rows: rows, kinds: kinds, bytes: bytes), indices: rows.indices)
    }

    private mutating func index(of kind: EventKind) -> UInt32 {
        let identity = ObjectIdentifier(kind)
        if let lastKind, lastKind.identity == identity { return lastKind.index }
        let index: UInt32
        if let known = indexOfKind[identity] {
            index = known
        } else {
            index = UInt32(kinds.count)
            kinds.append(kind)
            indexOfKind[identity] = index
        }
        lastKind = (identity, index)
        return index
    }
}

extension EventBatchBuilder {
    /// Adds an event that was read elsewhere.
    public mutating func append(_ event: RecordedEvent) {
        append(
            Fixed(
                position: event.position, version: event.version, id: event.id, kind: event.kind,
                schemaVersion: event.schemaVersion, occurredAt: event.occurredAt, recordedAt: event.recordedAt,
                correlationID: event.correlationID, causationID: event.causationID), from: event)
    }

    private mutating func append(_ fixed: Fixed, from event: RecordedEvent) {
        event.withStream { stream in
            event.withActor { actor in
                event.withData { data in
                    event.withMetadata { metadata in
                        append(
                            fixed, stream: stream, actor: event.row.hasActor ? actor : nil, data: data,
                            metadata: metadata)
                    }
                }
            }
        }
    }
}
