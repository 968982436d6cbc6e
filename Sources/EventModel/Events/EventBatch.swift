import FoundationEssentials

/// Events in log order that were read together and share one block of memory.
public struct EventBatch: RandomAccessCollection, Sendable {
    /// A batch without events.
    public static let empty = EventBatch(storage: EventStorage(rows: [], kinds: [], bytes: []), indices: 0..<0)

    @usableFromInline let storage: EventStorage
    /// As the protocol says.
    public let indices: Range<Int>

    @usableFromInline init(storage: EventStorage, indices: Range<Int>) {
        self.storage = storage
        self.indices = indices
    }

    /// As the protocol says.
    @inlinable public var startIndex: Int { indices.lowerBound }
    /// As the protocol says.
    @inlinable public var endIndex: Int { indices.upperBound }
    /// The event at an index of this batch.
    @inlinable public subscript(position: Int) -> RecordedEvent { RecordedEvent(storage: storage, index: position) }
    /// A part of the batch; shares its memory.
    public subscript(bounds: Range<Int>) -> EventBatch { EventBatch(storage: storage, indices: bounds) }
}

/// What an ``EventBatch`` is made of: fixed-size rows, the kinds that they name by index, and every variable-length field
/// of every row in one array. Three allocations for any number of events.
@usableFromInline final class EventStorage: Sendable {
    @usableFromInline let rows: [EventRow]
    @usableFromInline let kinds: [EventKind]
    @usableFromInline let bytes: [UInt8]

    init(rows: [EventRow], kinds: [EventKind], bytes: [UInt8]) {
        self.rows = rows
        self.kinds = kinds
        self.bytes = bytes
    }
}

/// The fixed-size part of an event. Stream, actor, data and metadata lie one after the other from `start`.
@usableFromInline struct EventRow: Sendable {
    @usableFromInline var position: Int64
    @usableFromInline var version: Int64
    var occurredAt: Int64
    var recordedAt: Int64
    @usableFromInline var id: UUID
    var correlationID: UUID?
    var causationID: UUID?
    @usableFromInline var kind: UInt32
    var schemaVersion: Int32
    var start: Int
    var streamLength: Int32
    var actorLength: Int32
    var dataLength: Int32
    var metadataLength: Int32

    var hasActor: Bool { actorLength >= 0 }
    var byteCount: Int { Int(streamLength) + Int(max(0, actorLength)) + Int(dataLength) + Int(metadataLength) }
    @usableFromInline var streamRange: Range<Int> { start..<start + Int(streamLength) }
    @usableFromInline var actorRange: Range<Int> {
        streamRange.upperBound..<streamRange.upperBound + Int(max(0, actorLength))
    }
    @usableFromInline var dataRange: Range<Int> { actorRange.upperBound..<actorRange.upperBound + Int(dataLength) }
    @usableFromInline var metadataRange: Range<Int> {
        dataRange.upperBound..<dataRange.upperBound + Int(metadataLength)
    }
}
