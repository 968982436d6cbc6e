import FoundationEssentials

/// An event as the log holds it: a fact plus its position, version and times.
///
/// A recorded event is a view into the ``EventBatch`` it was read with: copying it copies no payload, and the payload's
/// bytes are the ones that were appended.
public struct RecordedEvent: Sendable {
    @usableFromInline let storage: EventStorage
    @usableFromInline let index: Int

    @usableFromInline init(storage: EventStorage, index: Int) {
        self.storage = storage
        self.index = index
    }

    @usableFromInline var row: EventRow { storage.rows[index] }

    /// Place in the one order over all streams.
    @inlinable public var position: GlobalPosition { GlobalPosition(row.position) }
    /// Place in its stream.
    @inlinable public var version: StreamVersion { StreamVersion(row.version) }
    /// The id that its writer gave it.
    @inlinable public var id: UUID { row.id }
    /// Workspace, category and type.
    @inlinable public var kind: EventKind { storage.kinds[Int(row.kind)] }
    /// The tenant.
    public var workspace: Workspace { kind.workspace }
    /// The category of its stream.
    public var category: Category { kind.category }
    /// What happened.
    public var type: EventType { kind.type }
    /// The version of the JSON Schema that the payload follows.
    public var schemaVersion: Int32 { row.schemaVersion }
    /// When it happened, by its writer's clock.
    public var occurredAt: Timestamp { Timestamp(microseconds: row.occurredAt) }
    /// When it was appended, by the database's clock.
    public var recordedAt: Timestamp { Timestamp(microseconds: row.recordedAt) }
    /// The conversation it belongs to.
    public var correlationID: UUID? { row.correlationID }
    /// The message that directly caused it.
    public var causationID: UUID? { row.causationID }
    /// Who did it.
    public var actor: String? {
        row.hasActor ? withBytes(row.actorRange) { String(decoding: $0, as: UTF8.self) } : nil
    }
    /// The stream it is in.
    public var stream: StreamName {
        StreamName(trusting: withBytes(row.streamRange) { String(decoding: $0, as: UTF8.self) })
    }
    /// A copy of the payload; see ``withData(_:)`` for reading it in place.
    public var data: [UInt8] { withBytes(row.dataRange, Array.init) }
    /// A copy of the metadata; see ``withMetadata(_:)`` for reading it in place.
    public var metadata: [UInt8] { withBytes(row.metadataRange, Array.init) }
    /// Length of the payload in bytes.
    public var dataLength: Int { row.dataRange.count }
    /// Bytes of stream name, actor, payload and metadata together: what the event costs in memory and on the wire.
    public var byteCount: Int { row.byteCount }

    /// The payload in place. The buffer is valid inside `body` only.
    @inlinable public func withData<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withBytes(row.dataRange, body)
    }

    /// The metadata in place. The buffer is valid inside `body` only.
    @inlinable public func withMetadata<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withBytes(row.metadataRange, body)
    }

    /// The stream's name in place. The buffer is valid inside `body` only.
    @inlinable public func withStream<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withBytes(row.streamRange, body)
    }

    /// The actor in place, empty when there is none. The buffer is valid inside `body` only.
    @inlinable public func withActor<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withBytes(row.actorRange, body)
    }

    @usableFromInline func withBytes<R>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R {
        try storage.bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}
