import EventModel
import FoundationEssentials

/// The bytes of an imported file, as an import or a revision speaks of them.
public struct OriginalFile: Equatable, Sendable {
    /// Where the bytes are.
    public enum Place: Equatable, Sendable {
        /// In the event, as base64, or the hidden form of it.
        case here(JSONValue)
        /// In so many events ``WorkflowEvent/originalKept(_:)`` behind it.
        case parts(Int)
        /// Nowhere: the file is larger than one append takes, only its digest is known.
        case nowhere
    }

    /// How many bytes the file has.
    public let bytes: Int
    /// SHA-256 of them.
    public let digest: ContentDigest
    /// Where they are.
    public let place: Place

    /// What is known of a file.
    public init(bytes: Int, digest: ContentDigest, place: Place) {
        self.bytes = bytes
        self.digest = digest
        self.place = place
    }
}

/// A part of an imported file.
public struct OriginalPart: Equatable, Sendable {
    /// The revision that the file became.
    public let revision: Int
    /// SHA-256 of the whole file.
    public let digest: ContentDigest
    /// Which part this is, from 1.
    public let number: Int
    /// How many there are.
    public let count: Int
    /// The part's bytes as base64, or the hidden form of it.
    public let data: JSONValue

    /// A part.
    public init(revision: Int, digest: ContentDigest, number: Int, count: Int, data: JSONValue) {
        self.revision = revision
        self.digest = digest
        self.number = number
        self.count = count
        self.data = data
    }
}

extension OriginalFile {
    /// How the bytes of a file are kept beside an event that takes `room` bytes more: with it, behind it in parts, or not at all.
    ///
    /// Base64 makes four bytes of three, and sealing does so again.
    static func kept(_ bytes: [UInt8], room: Int, revision: Int) -> (OriginalFile, [OriginalPart]) {
        let digest = ContentDigest(of: bytes)
        func file(_ place: Place) -> OriginalFile { OriginalFile(bytes: bytes.count, digest: digest, place: place) }
        if bytes.count <= WorkflowLimits.inlineOriginalBytes, WorkflowLimits.sealedTwice(bytes.count) <= room {
            return (file(.here(.string(Data(bytes).base64EncodedString()))), [])
        }
        guard bytes.count <= WorkflowLimits.originalBytes else { return (file(.nowhere), []) }
        let starts = stride(from: 0, to: bytes.count, by: WorkflowLimits.originalPartBytes)
        let parts = starts.enumerated().map { index, start in
            let end = min(start + WorkflowLimits.originalPartBytes, bytes.count)
            return OriginalPart(
                revision: revision, digest: digest, number: index + 1,
                count: (bytes.count + WorkflowLimits.originalPartBytes - 1) / WorkflowLimits.originalPartBytes,
                data: .string(Data(bytes[start..<end]).base64EncodedString()))
        }
        return (file(.parts(parts.count)), parts)
    }
}
