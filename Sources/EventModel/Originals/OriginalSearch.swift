/// An event of something that is imported from files.
public protocol OriginalTelling: DomainEvent, SendableMetatype {
    /// Tells `search` what the event says of revisions and files.
    func tell(_ search: inout OriginalSearch)
}

/// Looks for the bytes of an imported file among the events of whatever is imported from files. It keeps one file at a time, however often
/// there was an import.
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
    public init(of kind: String, revision: Int? = nil) {
        self.kind = kind
        wanted = revision
    }

    /// There is a revision, from wherever it came; they come in stream order.
    public mutating func meet(_ revision: Int) { newest = revision }

    /// A revision came from a file; its parts follow, if it is in parts.
    public mutating func meet(_ revision: Int, _ file: OriginalFile, name: String?, format: String) {
        guard wanted ?? revision == revision else { return }
        candidate = Candidate(revision: revision, file: file, name: name, format: format)
    }

    /// The next part of the file that became a revision.
    public mutating func meet(_ part: OriginalPart, of revision: Int) {
        if revision == candidate?.revision { candidate?.parts.append(part) }
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
        case .here(let data): bytes = try OriginalPart.bytes(data)
        case .parts(let count):
            guard count > 0, parts.map(\.number) == Array(1...count) else {
                throw .incomplete(parts.count, of: count)
            }
            bytes.reserveCapacity(self.bytes)
            for part in parts { bytes += try OriginalPart.bytes(part.data) }
        case .nowhere: throw .tooLarge(bytes: self.bytes, limit: OriginalLimits.fileBytes)
        }
        guard ContentDigest(of: bytes) == digest else { throw .damaged }
        return bytes
    }
}
