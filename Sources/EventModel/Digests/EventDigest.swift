import Crypto
import FoundationEssentials

/// Fingerprints of recorded events (SHA-256). Two logs with the same digest hold the same history, byte for byte.
public enum EventDigest {
    /// Length of a digest in bytes.
    public static let byteCount = 32

    /// The running digest of an empty log: 32 zero bytes.
    public static let empty = [UInt8](repeating: 0, count: byteCount)

    /// The running digest after one more event: SHA-256(previous ‖ canonical form of the event).
    ///
    /// The canonical form covers every contract column: position, version, occurred and recorded time and schema version as
    /// big-endian integers; the id; a flag byte and 16 bytes for correlation and causation each; then workspace, category, type,
    /// stream, actor, data and metadata, each behind its length as a big-endian UInt32 (`0xffffffff` for no actor).
    public static func chain(_ previous: [UInt8], _ event: RecordedEvent) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: previous)
        hash.absorbFixed(event)
        hash.absorb(text: event.workspace.rawValue)
        hash.absorb(text: event.category.rawValue)
        hash.absorb(text: event.type.rawValue)
        event.withStream { hash.absorb(bytes: $0) }
        if event.row.hasActor {
            event.withActor { hash.absorb(bytes: $0) }
        } else {
            hash.absorb(UInt32.max)
        }
        event.withData { hash.absorb(bytes: $0) }
        event.withMetadata { hash.absorb(bytes: $0) }
        return Array(hash.finalize())
    }

    /// SHA-256(position ‖ id ‖ data) of one event: what a consumer's ``CompletenessDigest`` adds up.
    static func completeness(of event: RecordedEvent) -> SHA256.Digest {
        var hash = SHA256()
        hash.absorb(event.position.rawValue)
        hash.absorb(id: event.id)
        event.withData { hash.update(bufferPointer: $0) }
        return hash.finalize()
    }
}

/// The sum, modulo 2²⁵⁶, of SHA-256(position ‖ id ‖ data) over all events that a consumer has seen: handled, filtered and parked.
///
/// Addition commutes, so the digest of a lane is the sum of the digests of its parts, in whatever order they were read.
public struct CompletenessDigest: Hashable, Sendable {
    /// Four limbs, least significant first.
    private var limbs: (UInt64, UInt64, UInt64, UInt64)

    /// The digest of nothing.
    public init() {
        limbs = (0, 0, 0, 0)
    }

    /// A stored digest: 32 bytes, big-endian; `nil` for any other length.
    public init?(bytes: [UInt8]) {
        guard bytes.count == EventDigest.byteCount else { return nil }
        self.init()
        bytes.withUnsafeBytes { add($0) }
    }

    /// The digest as 32 bytes, big-endian.
    public var bytes: [UInt8] {
        [limbs.3, limbs.2, limbs.1, limbs.0].flatMap { limb in withUnsafeBytes(of: limb.bigEndian, Array.init) }
    }

    /// Adds one event.
    public mutating func add(_ event: RecordedEvent) {
        EventDigest.completeness(of: event).withUnsafeBytes { add($0) }
    }

    /// Adds the events of another digest. The order does not matter, so parts can be worked out side by side.
    public mutating func add(_ other: CompletenessDigest) {
        other.bytes.withUnsafeBytes { add($0) }
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) {
        func limb(_ index: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24 - 8 * index, as: UInt64.self))
        }
        var carry: UInt64 = 0
        func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let (partial, first) = left.addingReportingOverflow(right)
            let (whole, second) = partial.addingReportingOverflow(carry)
            carry = first || second ? 1 : 0
            return whole
        }
        limbs = (sum(limbs.0, limb(0)), sum(limbs.1, limb(1)), sum(limbs.2, limb(2)), sum(limbs.3, limb(3)))
    }

    /// Equal when all limbs are.
    public static func == (lhs: CompletenessDigest, rhs: CompletenessDigest) -> Bool { lhs.limbs == rhs.limbs }

    /// Feeds what makes it equal.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(limbs.0)
        hasher.combine(limbs.3)
    }
}

extension SHA256 {
    fileprivate mutating func absorb(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { update(bufferPointer: $0) }
    }

    fileprivate mutating func absorb(id: UUID) {
        withUnsafeBytes(of: id.uuid) { update(bufferPointer: $0) }
    }

    fileprivate mutating func absorb(optional id: UUID?) {
        absorb(UInt8(id == nil ? 0 : 1))
        absorb(id: id ?? UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
    }

    fileprivate mutating func absorb(bytes: UnsafeRawBufferPointer) {
        absorb(UInt32(bytes.count))
        update(bufferPointer: bytes)
    }

    fileprivate mutating func absorb(text: String) {
        var text = text
        text.withUTF8 { absorb(bytes: UnsafeRawBufferPointer($0)) }
    }

    fileprivate mutating func absorbFixed(_ event: RecordedEvent) {
        absorb(event.position.rawValue)
        absorb(event.version.rawValue)
        absorb(event.occurredAt.microseconds)
        absorb(event.recordedAt.microseconds)
        absorb(event.schemaVersion)
        absorb(id: event.id)
        absorb(optional: event.correlationID)
        absorb(optional: event.causationID)
    }
}
