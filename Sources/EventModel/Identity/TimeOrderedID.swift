import Crypto
import FoundationEssentials

/// Identifiers that start with their time, so that an index on them grows at its right edge.
public enum TimeOrderedID {
    /// A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 bits of randomness.
    public static func version7(at time: Timestamp, using random: inout some RandomNumberGenerator) -> UUID {
        assemble(
            milliseconds: time.milliseconds, version: 0x70,
            high: UInt64.random(in: .min ... .max, using: &random),
            low: UInt64.random(in: .min ... .max, using: &random))
    }

    /// A UUIDv8 (RFC 9562 §5.8) derived for idempotency: 48 bits of the command's time in milliseconds, then 74 bits of
    /// SHA-256(command id ‖ index as 8 bytes, big-endian). Deciding the same command again yields the same id.
    public static func derived(from command: UUID, index: Int, at time: Timestamp) -> UUID {
        derived(from: command, name: "", index: index, at: time)
    }

    /// The same for a command that concerns several things, told apart by their names: SHA-256(command id ‖ name ‖ index as 8 bytes,
    /// big-endian).
    public static func derived(from command: UUID, name: String, index: Int, at time: Timestamp) -> UUID {
        var hash = SHA256()
        withUnsafeBytes(of: command.uuid) { hash.update(bufferPointer: $0) }
        var name = name
        name.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        withUnsafeBytes(of: UInt64(bitPattern: Int64(index)).bigEndian) { hash.update(bufferPointer: $0) }
        let digest = hash.finalize()
        let (high, low) = digest.withUnsafeBytes {
            ($0.loadUnaligned(fromByteOffset: 0, as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        return assemble(
            milliseconds: time.milliseconds, version: 0x80, high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }

    private static func assemble(milliseconds: Int64, version: UInt8, high: UInt64, low: UInt64) -> UUID {
        let time = UInt64(bitPattern: max(0, milliseconds))
        func byte(_ value: UInt64, _ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: value >> (8 * index)) }
        return UUID(
            uuid: (
                byte(time, 5), byte(time, 4), byte(time, 3), byte(time, 2), byte(time, 1), byte(time, 0),
                version | (byte(high, 7) & 0x0f), byte(high, 6), 0x80 | (byte(low, 7) & 0x3f), byte(low, 6),
                byte(low, 5),
                byte(low, 4), byte(low, 3), byte(low, 2), byte(low, 1), byte(low, 0)
            ))
    }
}
