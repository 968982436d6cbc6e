import EventModel
import FoundationEssentials

/// A whole definition and where it came from.
public struct WorkflowContent: Equatable, Sendable {
    /// The workflow.
    public let definition: WorkflowDefinition
    /// The format of the file.
    public let format: WorkflowFormat
    /// The definition's digest, without volatile fields.
    public let digest: ContentDigest
    /// The base name of the file: a text, or the hidden form of one.
    public let source: JSONValue
    /// What is known of the file's own bytes; `nil` in events from before they were kept, and where there was no file.
    public let original: OriginalFile?

    /// The content of an event.
    public init(
        definition: WorkflowDefinition, format: WorkflowFormat, digest: ContentDigest, source: JSONValue,
        original: OriginalFile? = nil
    ) {
        self.definition = definition
        self.format = format
        self.digest = digest
        self.source = source
        self.original = original
    }

    /// The base name of the file; `nil` for those who may not see it.
    public var sourceName: String? { source.string }
}

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

    /// The bytes of the file that became `revision`, from the events of its stream.
    ///
    /// - Throws: ``OriginalFlaw`` saying why they cannot be had.
    public static func bytes(of revision: Int, in events: some Sequence<WorkflowEvent>) throws(OriginalFlaw) -> [UInt8]
    {
        var original: OriginalFile?
        var parts: [OriginalPart] = []
        for event in events {
            switch event {
            case .imported(let event) where revision == 1: original = event.content.original
            case .revised(let event) where event.revision == revision: original = event.content.original
            case .originalKept(let part) where part.revision == revision: parts.append(part)
            case .imported, .revised, .originalKept, .edited, .replaced, .published, .unpublished, .archived,
                .restored:
                break
            }
        }
        guard let original else { throw .notKept }
        var bytes: [UInt8] = []
        switch original.place {
        case .here(let data): bytes = try decoded(data)
        case .parts(let count):
            guard parts.map(\.number) == Array(1...max(1, count)) else { throw .incomplete(parts.count, of: count) }
            for part in parts { bytes += try decoded(part.data) }
        case .nowhere: throw .tooLarge(bytes: original.bytes, limit: WorkflowLimits.originalBytes)
        }
        guard ContentDigest(of: bytes) == original.digest else { throw .damaged }
        return bytes
    }

    private static func decoded(_ data: JSONValue) throws(OriginalFlaw) -> [UInt8] {
        guard !data.isHidden else { throw .hidden }
        guard let text = data.string, let decoded = Data(base64Encoded: text) else { throw .damaged }
        return [UInt8](decoded)
    }
}

/// Why the bytes of an imported file cannot be had.
public enum OriginalFlaw: Error, Equatable, Sendable {
    /// The revision did not come from a file, or from before files were kept.
    case notKept
    /// They are sealed for this reader, or erased.
    case hidden
    /// The file was larger than one append takes, so only its digest was kept.
    case tooLarge(bytes: Int, limit: Int)
    /// Parts are missing or out of order.
    case incomplete(Int, of: Int)
    /// The bytes are not those that were imported.
    case damaged
}
