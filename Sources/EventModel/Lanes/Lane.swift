/// The unit of parallelism: lane = Kafka partition = murmur2(sync key) mod P, in every deployment.
public struct Lane: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of lanes of a log unless its topic says otherwise.
    public static let defaultCount = 12

    /// From 0 up to the number of lanes, exclusive.
    public let rawValue: Int32

    /// A lane by its number.
    public init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The lane that a sync key travels in, as Apache Kafka's default partitioner computes it.
    public init(of key: UnsafeRawBufferPointer, count: Int) {
        precondition(count > 0, "a log has at least one lane")
        rawValue = Int32(Int(Murmur2.hash(key) & 0x7fff_ffff) % count)
    }

    /// The lane of an event: that of its stream's sync key.
    public init(of event: RecordedEvent, count: Int) {
        self = event.withStream { Lane(of: Self.syncKey(of: $0), count: count) }
    }

    /// The bytes behind the first `-` of a stream name.
    public static func syncKey(of stream: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let dash = stream.firstIndex(of: UInt8(ascii: "-")) else { return stream }
        return UnsafeRawBufferPointer(rebasing: stream[(dash + 1)...])
    }

    /// One sentence for people.
    public var description: String { String(rawValue) }

    /// By number.
    public static func < (lhs: Lane, rhs: Lane) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// MurmurHash2, 32 bits, with the seed of Apache Kafka's clients.
enum Murmur2 {
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
        let blocks = bytes.count / 4
        for block in 0..<blocks {
            var word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: block * 4, as: UInt32.self))
            word = word &* multiplier
            word ^= word >> 24
            word = word &* multiplier
            hash = (hash &* multiplier) ^ word
        }
        let tail = blocks * 4
        if tail < bytes.count {
            for offset in (tail..<bytes.count).reversed() {
                hash ^= UInt32(bytes[offset]) << (8 * UInt32(offset - tail))
            }
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        hash ^= hash >> 15
        return hash
    }
}
