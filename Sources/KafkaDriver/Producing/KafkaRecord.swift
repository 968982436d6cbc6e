/// A message to send, for callers that do not count nanoseconds.
public struct KafkaRecord: Sendable, Hashable {
    /// One header. A header without a value is not the same as one with an empty value.
    public struct Header: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The value.
        public let value: [UInt8]?

        /// A header of raw bytes.
        public init(_ name: String, _ value: [UInt8]?) {
            self.name = name
            self.value = value
        }

        /// A header of UTF-8 text.
        public init(_ name: String, _ value: String) { self.init(name, Array(value.utf8)) }
    }

    /// The topic's name.
    public var topic: String
    /// The partition; nil lets the configured partitioner choose by the key.
    public var partition: Int32?
    /// The key; nil is no key.
    public var key: [UInt8]?
    /// The value; nil is a tombstone.
    public var value: [UInt8]?
    /// The headers, in order; names may repeat.
    public var headers: [Header]
    /// Milliseconds since 1970 in UTC; nil is now.
    public var timestampMilliseconds: Int64?

    /// A message.
    public init(
        topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: [Header] = [],
        timestampMilliseconds: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestampMilliseconds = timestampMilliseconds
    }
}

extension KafkaBatch {
    /// Appends a record to the topic it names, which must be `topic`.
    mutating func append(_ record: KafkaRecord, to topic: KafkaTopic) {
        withBytes(of: record.key) { key in
            withBytes(of: record.value) { value in
                append(
                    to: topic, partition: record.partition, key: key, value: value,
                    timestampMilliseconds: record.timestampMilliseconds
                ) { writer in
                    for header in record.headers {
                        withBytes(of: header.value) { writer.add(name: header.name, $0) }
                    }
                }
            }
        }
    }
}

private func withBytes(of bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Void) {
    guard let bytes else { return body(nil) }
    bytes.withUnsafeBytes { body($0) }
}
