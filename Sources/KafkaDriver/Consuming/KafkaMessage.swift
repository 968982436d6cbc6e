internal import CRDKafka

/// One message, read in place. It keeps its batch alive; copy what should outlive the batch.
public struct KafkaMessage: Sendable {
    private let batch: KafkaMessageBatch
    private let index: Int

    init(_ batch: KafkaMessageBatch, _ index: Int) {
        self.batch = batch
        self.index = index
    }

    private var native: UnsafeMutablePointer<rd_kafka_message_t> { batch.native(index) }

    /// The topic's name.
    public var topic: String { batch.topicName(of: native) }
    /// The partition's number, from 0.
    public var partition: Int32 { native.pointee.partition }
    /// The partition.
    public var topicPartition: KafkaTopicPartition { KafkaTopicPartition(topic, partition) }
    /// The offset in the partition.
    public var offset: Int64 { native.pointee.offset }

    /// When the message was made, or stored, in milliseconds since 1970 in UTC; nil when it carries no time.
    public var timestampMilliseconds: Int64? {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let time = rd_kafka_message_timestamp(native, &kind)
        return kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : time
    }

    /// The key in place; nil when there is none.
    public func withKey<R, E: Error>(_ body: (UnsafeRawBufferPointer?) throws(E) -> R) throws(E) -> R {
        let message = native
        return try body(message.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.key_len) })
    }

    /// The value in place; nil for a tombstone.
    public func withValue<R, E: Error>(_ body: (UnsafeRawBufferPointer?) throws(E) -> R) throws(E) -> R {
        let message = native
        return try body(message.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.len) })
    }

    /// The key, copied.
    public var key: [UInt8]? { withKey { $0.map { Array($0) } } }
    /// The value, copied.
    public var value: [UInt8]? { withValue { $0.map { Array($0) } } }
    /// Bytes of key and value together.
    public var byteCount: Int { native.pointee.len + native.pointee.key_len }
    /// The headers.
    public var headers: KafkaHeaders { KafkaHeaders(batch, batch.headers(of: native)) }
}

/// The headers of one message, read in place.
///
/// `@unchecked Sendable`: the pointer belongs to a message of `batch` and is only read; the batch keeps it alive.
public struct KafkaHeaders: @unchecked Sendable {
    private let batch: KafkaMessageBatch
    private let handle: OpaquePointer?

    init(_ batch: KafkaMessageBatch, _ handle: OpaquePointer?) {
        self.batch = batch
        self.handle = handle
    }

    /// The number of headers.
    public var count: Int { handle.map { rd_kafka_header_cnt($0) } ?? 0 }

    /// The value of the last header called `name`, in place. `body` gets `.missing` when there is none.
    public func withValue<R, E: Error>(of name: StaticString, _ body: (Lookup) throws(E) -> R) throws(E) -> R {
        let text = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        return try body(lookup(text))
    }

    /// The value of the last header called `name`, as UTF-8 text; nil when there is none or it has no value.
    public func text(_ name: StaticString) -> String? {
        withValue(of: name) { found in
            guard case .value(let bytes) = found else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The value of the last header called `name`, copied; nil when there is none or it has no value.
    public func bytes(_ name: String) -> [UInt8]? {
        guard case .value(let bytes) = lookup(name) else { return nil }
        return Array(bytes)
    }

    /// Calls `body` with every header in order: the name's bytes, and the value or nil for a header without one.
    public func forEach<E: Error>(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) throws(E) -> Void
    ) throws(E) {
        guard let handle else { return }
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(handle, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            let length = name.map { String(cString: $0).utf8.count } ?? 0
            try body(
                UnsafeRawBufferPointer(start: name, count: length),
                value.map { UnsafeRawBufferPointer(start: $0, count: size) })
            index += 1
        }
    }

    /// Every header, copied, in order.
    public var all: [KafkaRecord.Header] {
        var headers: [KafkaRecord.Header] = []
        headers.reserveCapacity(count)
        forEach { name, value in
            headers.append(KafkaRecord.Header(String(decoding: name, as: UTF8.self), value.map { Array($0) }))
        }
        return headers
    }

    /// What a look-up found.
    public enum Lookup {
        /// There is no such header.
        case missing
        /// The header has no value.
        case null
        /// The header's value, possibly empty.
        case value(UnsafeRawBufferPointer)
    }

    private func lookup(_ name: UnsafePointer<CChar>) -> Lookup {
        guard let handle else { return .missing }
        var value: UnsafeRawPointer?
        var size = 0
        guard rd_kafka_header_get_last(handle, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return .missing
        }
        guard let value else { return .null }
        return .value(UnsafeRawBufferPointer(start: value, count: size))
    }
}
