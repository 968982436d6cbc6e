import EventModel
import EventSourcing

/// Takes the messages of `COPY … TO STDOUT (FORMAT binary)` and decodes each as it arrives.
///
/// The first message starts with a header, the last is a trailer; between them every message is one row.
// @unchecked: used by one COPY on one connection's thread, then by the task that awaited it; never by both at a time.
final class CopyReceiver: @unchecked Sendable {
    private var decoder: EventDecoder?
    private var flaw: EventDecoder.Flaw?
    private var fields = CopyRow()
    private var isFirst = true
    /// Whether rows were left over because the batch had its bytes.
    private(set) var isCut = false
    private let byteLimit: Int

    init(kinds: [EventKind?], reservingEvents events: Int, byteLimit: Int) {
        decoder = EventDecoder(kinds: kinds, reservingEvents: events)
        self.byteLimit = byteLimit
    }

    /// What is thrown to end a COPY early.
    struct Enough: Error {}

    func receive(_ message: UnsafeRawBufferPointer) throws {
        var row = message
        if isFirst {
            isFirst = false
            row = UnsafeRawBufferPointer(rebasing: try Self.withoutHeader(message))
        }
        guard !row.isEmpty, fields.parse(row) else { return }
        if let full = decoder?.batch.byteCount, full >= byteLimit {
            isCut = true
            throw Enough()
        }
        do throws(EventDecoder.Flaw) { try decoder?.append(fields) } catch {
            flaw = error
            throw error
        }
    }

    /// The batch; `nil` when a row has a kind that is not known yet.
    func finish() throws(StoreError) -> EventBatch? {
        switch flaw {
        case .malformed(let reason): throw reason
        case .unknownKind: return nil
        case nil: return decoder.take()?.finish()
        }
    }

    private static func withoutHeader(_ message: UnsafeRawBufferPointer) throws -> Slice<UnsafeRawBufferPointer> {
        // 11 bytes signature, 4 flags, then the length of an extension.
        let fixed = 19
        guard message.count >= fixed else { throw malformed }
        let extra = UInt32(bigEndian: message.loadUnaligned(fromByteOffset: 15, as: UInt32.self))
        guard message.count >= fixed + Int(extra) else { throw malformed }
        return message[(fixed + Int(extra))...]
    }

    private static var malformed: StoreError { .failed(reason: "a COPY answer without its header") }
}

/// The fields of one row of a binary COPY.
private struct CopyRow: EventFields {
    private var starts = [UnsafeRawPointer?](repeating: nil, count: EventColumns.count)
    private var lengths = [Int](repeating: 0, count: EventColumns.count)

    /// `false` for the trailer.
    mutating func parse(_ row: UnsafeRawBufferPointer) -> Bool {
        guard row.count >= 2, let base = row.baseAddress else { return false }
        let count = Int(Int16(bigEndian: row.loadUnaligned(as: Int16.self)))
        guard count == EventColumns.count else { return false }
        var offset = 2
        for column in 0..<count {
            guard offset + 4 <= row.count else { return false }
            let length = Int(Int32(bigEndian: row.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
            offset += 4
            guard length <= row.count - offset else { return false }
            starts[column] = length < 0 ? nil : base + offset
            lengths[column] = length
            offset += max(0, length)
        }
        return true
    }

    func field(_ column: Int) -> UnsafeRawBufferPointer? {
        starts[column].map { UnsafeRawBufferPointer(start: $0, count: lengths[column]) }
    }
}
