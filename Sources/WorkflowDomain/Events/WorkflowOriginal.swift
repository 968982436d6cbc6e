import EventModel

/// A part of the file that a revision of a workflow was imported from.
public struct WorkflowOriginal: Equatable, Sendable {
    /// The revision that the file became.
    public let revision: Int
    /// SHA-256 of the whole file.
    public let digest: ContentDigest
    /// The part.
    public let part: OriginalPart

    /// A part of a file.
    public init(revision: Int, digest: ContentDigest, part: OriginalPart) {
        self.revision = revision
        self.digest = digest
        self.part = part
    }

    /// How the bytes of a file are kept beside an event that takes `room` bytes more: with it, behind it in parts, or not at all.
    ///
    /// Base64 makes four bytes of three, and sealing does so again.
    static func keeping(_ bytes: [UInt8], room: Int, revision: Int) -> (OriginalFile, [WorkflowOriginal]) {
        let digest = ContentDigest(of: bytes)
        func file(_ place: OriginalFile.Place) -> OriginalFile {
            OriginalFile(bytes: bytes.count, digest: digest, place: place)
        }
        if bytes.count <= WorkflowLimits.inlineOriginalBytes, WorkflowLimits.sealedTwice(bytes.count) <= room {
            return (file(.here(OriginalPart.base64(bytes))), [])
        }
        guard let parts = OriginalPart.cutting(bytes) else { return (file(.nowhere), []) }
        return (
            file(.parts(parts.count)),
            parts.map { WorkflowOriginal(revision: revision, digest: digest, part: $0) }
        )
    }
}

extension WorkflowEvent: OriginalTelling {
    /// Tells of the revision that the event makes, and of the file that it came from.
    public func tell(_ search: inout OriginalSearch) {
        switch self {
        case .imported(let event): event.content.tell(&search, revision: 1)
        case .revised(let event): event.content.tell(&search, revision: event.revision)
        case .originalKept(let original): search.meet(original.part, of: original.revision)
        case .edited(let event): search.meet(event.revision)
        case .replaced(let event): search.meet(event.revision)
        case .published, .unpublished, .archived, .restored: break
        }
    }
}

extension WorkflowContent {
    fileprivate func tell(_ search: inout OriginalSearch, revision: Int) {
        search.meet(revision)
        guard let original else { return }
        search.meet(revision, original, name: sourceName, format: format.rawValue)
    }
}
