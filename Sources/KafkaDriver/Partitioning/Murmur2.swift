/// The 32-bit murmur2 hash with the seed Kafka's own clients use.
public enum Murmur2 {
    private static let seed: UInt32 = 0x9747_b28c
    private static let multiplier: UInt32 = 0x5bd1_e995
    private static let shift: UInt32 = 24

    /// The hash of `bytes`, equal to the bits of `org.apache.kafka.common.utils.Utils.murmur2`.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var hash = seed ^ UInt32(truncatingIfNeeded: bytes.count)
        let whole = bytes.count & ~3
        for offset in stride(from: 0, to: whole, by: 4) {
            let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            hash = (hash &* multiplier) ^ scrambled(word)
        }
        if whole < bytes.count {
            for offset in whole..<bytes.count { hash ^= UInt32(bytes[offset]) << (8 * UInt32(offset - whole)) }
            hash = hash &* multiplier
        }
        hash = (hash ^ (hash >> 13)) &* multiplier
        return hash ^ (hash >> 15)
    }

    private static func scrambled(_ word: UInt32) -> UInt32 {
        let product = word &* multiplier
        return (product ^ (product >> shift)) &* multiplier
    }
}

/// Chooses the partition of a key as Kafka's Java client does by default, so that every language agrees.
public enum KafkaPartitioner {
    /// The partition of `key` among `partitions`, which must be at least 1.
    public static func partition(key: UnsafeRawBufferPointer, partitions: Int) -> Int32 {
        precondition(partitions > 0 && partitions <= Int(Int32.max), "a topic has at least one partition")
        return Int32((Murmur2.hash(key) & 0x7fff_ffff) % UInt32(partitions))
    }

    /// The partition of `key` among `partitions`, which must be at least 1.
    public static func partition(key: some Sequence<UInt8>, partitions: Int) -> Int32 {
        let fast = key.withContiguousStorageIfAvailable { bytes in
            partition(key: UnsafeRawBufferPointer(bytes), partitions: partitions)
        }
        if let fast { return fast }
        return Array(key).withUnsafeBytes { bytes in partition(key: bytes, partitions: partitions) }
    }
}
