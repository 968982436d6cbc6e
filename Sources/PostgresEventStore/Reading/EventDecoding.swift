import EventModel
import EventSourcing
import FoundationEssentials
import PostgresDriver

/// Turns rows of `lockstep.events` into a batch, with one copy of each variable-length field and no allocation per event.
struct EventDecoder: ~Copyable {
    /// What stopped the decoding of a row.
    enum Flaw: Error {
        /// A kind that this process has not read yet: refresh, then decode again.
        case unknownKind(Int32)
        /// A row that no version of this program wrote.
        case malformed(StoreError)
    }

    private let kinds: [EventKind?]
    private(set) var batch: EventBatchBuilder

    init(kinds: [EventKind?], reservingEvents events: Int) {
        self.kinds = kinds
        batch = EventBatchBuilder(reservingEvents: events, bytes: events * 1_024)
    }

    mutating func append(_ row: some EventFields) throws(Flaw) {
        let position = try row.int64(EventColumns.position)
        let number = try row.int32(EventColumns.kind)
        guard Int(number) < kinds.count, number >= 0, let kind = kinds[Int(number)] else { throw .unknownKind(number) }
        let fixed = EventBatchBuilder.Fixed(
            position: GlobalPosition(position), version: StreamVersion(try row.int64(EventColumns.version)),
            id: try row.uuid(EventColumns.id), kind: kind,
            schemaVersion: Int32(try row.int16(EventColumns.schemaVersion)),
            occurredAt: try row.timestamp(EventColumns.occurredAt),
            recordedAt: try row.timestamp(EventColumns.recordedAt),
            correlationID: try row.optionalUUID(EventColumns.correlationID),
            causationID: try row.optionalUUID(EventColumns.causationID))
        batch.append(
            fixed, stream: try row.bytes(EventColumns.stream), actor: row.field(EventColumns.actor),
            data: try row.bytes(EventColumns.data), metadata: try row.bytes(EventColumns.metadata))
    }

    consuming func finish() -> EventBatch { batch.finish() }
}

extension EventFields {
    /// Microseconds from 1970 to PostgreSQL's epoch, 2000-01-01.
    private static var epoch: Int64 { 946_684_800_000_000 }

    @inline(__always)
    fileprivate func bytes(_ column: Int) throws(EventDecoder.Flaw) -> UnsafeRawBufferPointer {
        guard let bytes = field(column) else { throw malformed(column) }
        return bytes
    }

    @inline(__always)
    private func fixed(_ column: Int, width: Int) throws(EventDecoder.Flaw) -> UnsafeRawBufferPointer {
        guard let bytes = field(column), bytes.count == width else { throw malformed(column) }
        return bytes
    }

    @inline(__always)
    fileprivate func int64(_ column: Int) throws(EventDecoder.Flaw) -> Int64 {
        Int64(bigEndian: try fixed(column, width: 8).loadUnaligned(as: Int64.self))
    }

    @inline(__always)
    fileprivate func int32(_ column: Int) throws(EventDecoder.Flaw) -> Int32 {
        Int32(bigEndian: try fixed(column, width: 4).loadUnaligned(as: Int32.self))
    }

    @inline(__always)
    fileprivate func int16(_ column: Int) throws(EventDecoder.Flaw) -> Int16 {
        Int16(bigEndian: try fixed(column, width: 2).loadUnaligned(as: Int16.self))
    }

    @inline(__always)
    fileprivate func timestamp(_ column: Int) throws(EventDecoder.Flaw) -> Timestamp {
        Timestamp(microseconds: try int64(column) &+ Self.epoch)
    }

    @inline(__always)
    fileprivate func uuid(_ column: Int) throws(EventDecoder.Flaw) -> UUID {
        UUID(uuid: try fixed(column, width: 16).loadUnaligned(as: uuid_t.self))
    }

    @inline(__always)
    fileprivate func optionalUUID(_ column: Int) throws(EventDecoder.Flaw) -> UUID? {
        field(column) == nil ? nil : try uuid(column)
    }

    private func malformed(_ column: Int) -> EventDecoder.Flaw {
        let position = field(EventColumns.position).flatMap { bytes in
            bytes.count == 8 ? Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)) : nil
        }
        return .malformed(
            .corrupt(
                at: GlobalPosition(position ?? 0),
                reason: "column \(column) of lockstep.events has no value of its type"))
    }
}

/// One row of a query's result.
struct ResultRow: EventFields {
    let result: PostgresResult
    let row: Int

    @inline(__always)
    func field(_ column: Int) -> UnsafeRawBufferPointer? {
        result.isNull(row, column) ? nil : result.unsafeBytes(row, column)
    }
}
