internal import CRDKafka

/// The headers of the message being appended. Names and values are copied at once.
public struct KafkaHeaderWriter: ~Copyable {
    private(set) var handle: OpaquePointer?

    init() {}

    /// Frees headers that no message has taken.
    deinit {
        if let handle { rd_kafka_headers_destroy(handle) }
    }

    /// Gives the headers up: a message owns them now.
    mutating func relinquish() { handle = nil }

    /// Adds a header. An empty buffer is an empty value, which is not the same as no value.
    public mutating func add(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        let bytes = UnsafeRawPointer(name.utf8Start)
        write(bytes, name.utf8CodeUnitCount, value.baseAddress ?? bytes, value.count)
    }

    /// Adds a header with the UTF-8 bytes of `value`.
    public mutating func add(_ name: StaticString, _ value: String) {
        var text = value
        text.withUTF8 { add(name, UnsafeRawBufferPointer($0)) }
    }

    /// Adds a header with `value` in decimal ASCII.
    public mutating func add(_ name: StaticString, decimal value: some BinaryInteger) {
        add(name, String(value))
    }

    /// Adds a header whose name is known only at run time; a nil value is a header without a value.
    public mutating func add(name: String, _ value: UnsafeRawBufferPointer?) {
        var name = name
        name.withUTF8 { bytes in
            withUnsafeBytes(of: UInt8(0)) { nothing in
                let start = bytes.baseAddress.map { UnsafeRawPointer($0) } ?? nothing.baseAddress
                guard let start else { return }
                write(start, bytes.count, value.map { $0.baseAddress ?? start }, value?.count ?? 0)
            }
        }
    }

    private mutating func write(
        _ name: UnsafeRawPointer, _ nameCount: Int, _ value: UnsafeRawPointer?, _ valueCount: Int
    ) {
        if handle == nil { handle = rd_kafka_headers_new(KafkaLimits.headersPerMessage) }
        rd_kafka_header_add(handle, name.assumingMemoryBound(to: CChar.self), nameCount, value, valueCount)
    }
}
