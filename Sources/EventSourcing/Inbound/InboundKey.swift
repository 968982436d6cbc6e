import Crypto
import EventModel
import FoundationEssentials

/// Which message something is: the hash of what its sender calls it, or of where it lies.
public struct InboundKey: Hashable, Sendable {
    /// Where the key comes from.
    public enum Origin: Hashable, Sendable {
        /// The sender named the message. Another message with the same name and other content is refused.
        case named
        /// The place of the message in a topic. One place holds one content.
        case placed
        /// The content itself.
        case content
    }

    /// A UUIDv8 of the hash: the id of the command that the message is.
    public let id: UUID
    /// Where it comes from.
    public let origin: Origin

    /// The key of a message that names itself by CloudEvents' `source` and `id`.
    public init(source: String, id: String) {
        self.init(.named, ["named", source, id])
    }

    /// The key of a message in a topic.
    ///
    /// - Parameter generation: tells the topic from another one of the same name, earlier or later.
    public init(cluster: String, topic: String, generation: UUID, partition: Int32, offset: Int64) {
        self.init(.placed, ["placed", cluster, topic, generation.uuidString, "\(partition)", "\(offset)"])
    }

    /// The key of a message that has nothing but its content.
    public init(content: [UInt8]) {
        var hash = SHA256()
        hash.update(data: Array("content\0".utf8))
        hash.update(data: content)
        (id, origin) = (UUID(version8: hash.finalize()), .content)
    }

    /// The id of the command that the message is for a tenant: one message may speak to several, and event ids are unique in the log.
    public func command(in workspace: Workspace) -> UUID {
        workspace == .default ? id : InboundKey(origin, ["tenant", workspace.rawValue, id.uuidString]).id
    }

    private init(_ origin: Origin, _ parts: [String]) {
        var hash = SHA256()
        for part in parts {
            var part = part
            // Each part behind its length: no two lists of parts hash alike.
            withUnsafeBytes(of: UInt64(part.utf8.count).bigEndian) { hash.update(bufferPointer: $0) }
            part.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        }
        (id, self.origin) = (UUID(version8: hash.finalize()), origin)
    }
}

/// What a message's bytes hash to: two contents of one key are told apart by it.
public struct InboundFingerprint: Hashable, Sendable {
    /// The first half of the SHA-256 of the bytes, as a UUIDv8.
    public let id: UUID

    /// The fingerprint of `bytes`.
    public init(of bytes: [UInt8]) {
        self.init(parts: [bytes])
    }

    /// The fingerprint of several pieces, in order, each behind its length.
    public init(parts: [[UInt8]]) {
        var hash = SHA256()
        for part in parts {
            if parts.count > 1 {
                withUnsafeBytes(of: UInt64(part.count).bigEndian) { hash.update(bufferPointer: $0) }
            }
            hash.update(data: part)
        }
        id = UUID(version8: hash.finalize())
    }

    /// Stands for a content that is never compared.
    public static let none = InboundFingerprint(id: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))

    /// A fingerprint that was written down.
    public init(id: UUID) { self.id = id }
}

extension UUID {
    /// The first 122 bits of a hash in the form of RFC 9562 §5.8.
    fileprivate init(version8 digest: SHA256.Digest) {
        self = digest.withUnsafeBytes { bytes in
            var uuid = bytes.loadUnaligned(as: uuid_t.self)
            uuid.6 = 0x80 | (uuid.6 & 0x0f)
            uuid.8 = 0x80 | (uuid.8 & 0x3f)
            return UUID(uuid: uuid)
        }
    }
}
