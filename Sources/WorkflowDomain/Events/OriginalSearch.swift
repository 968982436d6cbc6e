import EventModel
import FoundationEssentials

/// Looks for the bytes of an imported file among the events of a workflow, or of whatever else is imported from files and tells its revisions.
/// It keeps one file at a time, however often there was an import.
public struct OriginalSearch: Sendable {
    private struct Candidate {
        let revision: Int
        let file: OriginalFile
        let name: String?
        let format: String
        var parts: [OriginalPart] = []
    }

    private let kind: String
    private let wanted: Int?
    private var newest = 0
    private var candidate: Candidate?

    /// A search.
    ///
    /// - Parameters:
    ///   - kind: what was imported, as people call it.
    ///   - revision: the revision that the file became; `nil`: the newest one that came from a file.
    public init(of kind: String = WorkflowEvent.category, revision: Int? = nil) {
        self.kind = kind
        wanted = revision
    }

    /// Takes the stream's next event; they come in stream order.
    public mutating func take(_ event: WorkflowEvent) {
        switch event {
        case .imported(let event): meet(1, event.content)
        case .revised(let event): meet(event.revision, event.content)
        case .originalKept(let part): meet(part)
        case .edited(let event): meet(event.revision)
        case .replaced(let event): meet(event.revision)
        case .published, .unpublished, .archived, .restored: break
        }
    }

    private mutating func meet(_ revision: Int, _ content: WorkflowContent) {
        meet(revision)
        guard let file = content.original else { return }
        meet(revision, file, name: content.sourceName, format: content.format.rawValue)
    }

    /// There is a revision, from wherever it came.
    public mutating func meet(_ revision: Int) { newest = revision }

    /// A revision came from a file; its parts follow, if it is in parts.
    public mutating func meet(_ revision: Int, _ file: OriginalFile, name: String?, format: String) {
        guard wanted ?? revision == revision else { return }
        candidate = Candidate(revision: revision, file: file, name: name, format: format)
    }

    /// The next part of a file.
    public mutating func meet(_ part: OriginalPart) {
        if part.revision == candidate?.revision { candidate?.parts.append(part) }
    }

    /// What the events that were taken hold of the file.
    ///
    /// - Throws: ``OriginalFlaw`` saying why its bytes cannot be had; they are never given out altered or in part.
    public func result() throws(OriginalFlaw) -> ImportedFile {
        guard newest > 0 else { throw .unknown(kind) }
        guard let candidate else {
            if let wanted, !(1...newest).contains(wanted) { throw .noRevision(wanted, newest: newest) }
            throw .notFromFile(revision: wanted)
        }
        let bytes = try candidate.file.bytes(candidate.parts)
        return ImportedFile(
            kind: kind, bytes: bytes, digest: candidate.file.digest, name: candidate.name, format: candidate.format,
            revision: candidate.revision, newestRevision: newest)
    }
}

/// A file as it was imported, byte for byte.
public struct ImportedFile: Equatable, Sendable {
    /// What it became, as people call it.
    public let kind: String
    /// What was in it.
    public let bytes: [UInt8]
    /// SHA-256 of that.
    public let digest: ContentDigest
    /// Its base name; `nil` for those who may not see it.
    public let name: String?
    /// The format that it was read as.
    public let format: String
    /// The revision that it became.
    public let revision: Int
    /// The newest revision, which edits and conversions may have made since.
    public let newestRevision: Int
}

extension OriginalFile {
    fileprivate func bytes(_ parts: [OriginalPart]) throws(OriginalFlaw) -> [UInt8] {
        var bytes: [UInt8] = []
        switch place {
        case .here(let data): bytes = try Self.decoded(data)
        case .parts(let count):
            guard count > 0, parts.map(\.number) == Array(1...count) else {
                throw .incomplete(parts.count, of: count)
            }
            bytes.reserveCapacity(self.bytes)
            for part in parts { bytes += try Self.decoded(part.data) }
        case .nowhere: throw .tooLarge(bytes: self.bytes, limit: WorkflowLimits.originalBytes)
        }
        guard ContentDigest(of: bytes) == digest else { throw .damaged }
        return bytes
    }

    private static func decoded(_ data: JSONValue) throws(OriginalFlaw) -> [UInt8] {
        if let subject = data.erasedSubject { throw .erased(subject: subject) }
        guard !data.isHidden else { throw .sealed }
        guard let text = data.string, let decoded = Data(base64Encoded: text) else { throw .damaged }
        return [UInt8](decoded)
    }
}

/// Why the bytes of an imported file cannot be had.
public enum OriginalFlaw: Error, Equatable, Sendable {
    /// There is nothing of this kind under the id.
    case unknown(String)
    /// There is no such revision.
    case noRevision(Int, newest: Int)
    /// The revision was made by an edit or a conversion, or imported before files were kept; `nil`: every revision was.
    case notFromFile(revision: Int?)
    /// They are sealed for this reader.
    case sealed
    /// They were erased with the data of this subject.
    case erased(subject: String)
    /// The file was larger than one append takes, so only its digest was kept.
    case tooLarge(bytes: Int, limit: Int)
    /// Parts are missing or out of order.
    case incomplete(Int, of: Int)
    /// The bytes are not those that were imported.
    case damaged
}

extension OriginalFlaw: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknown(let kind): "the log holds no such \(kind); import it first"
        case .noRevision(let revision, let newest):
            "there is no revision \(revision), the newest is \(newest); choose one that was imported from a file"
        case .notFromFile(let revision?):
            "revision \(revision) came from no file: an edit or a conversion made it, or it was imported before files were kept; "
                + "choose a revision that was imported"
        case .notFromFile(nil):
            "it came from no file: a conversion made it, or it was imported before files were kept; export it without --original"
        case .sealed:
            "the file is sealed for whoever has no master key; set LOCKSTEP_MASTER_KEY_FILE or LOCKSTEP_MASTER_KEY to the key that it was sealed with"
        case .erased(let subject):
            "the file was erased with the data of \(subject), so nobody can see it any more; import it anew from wherever it still is"
        case .tooLarge(let bytes, let limit):
            "the file had \(bytes) bytes, and more than \(limit) are not kept; export it without --original"
        case .incomplete(let parts, let count):
            "the log holds \(parts) of the file's \(count) parts; run `lockstep audit verify`"
        case .damaged: "the bytes in the log are not those that were imported; run `lockstep audit verify`"
        }
    }
}
