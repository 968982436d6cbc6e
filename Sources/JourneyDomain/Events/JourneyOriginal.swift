import EventModel

/// An imported file, or a part of it, as it was byte for byte. Every file has events of its own behind the definition that it became.
public struct JourneyOriginal: Equatable, Sendable {
    /// The revision that the file became.
    public let revision: Int
    /// The file's base name, or the hidden form of it.
    public let name: JSONValue
    /// The form that it was read as.
    public let format: JourneyFormat
    /// How many bytes the whole file has.
    public let bytes: Int
    /// SHA-256 of them.
    public let digest: ContentDigest
    /// The bytes that are here; `nil`: the file is larger than one append takes, only its digest is known.
    public let part: OriginalPart?

    /// What is kept of a file.
    public init(
        revision: Int, name: JSONValue, format: JourneyFormat, bytes: Int, digest: ContentDigest, part: OriginalPart?
    ) {
        self.revision = revision
        self.name = name
        self.format = format
        self.bytes = bytes
        self.digest = digest
        self.part = part
    }
}

/// A file as it is brought to be imported.
public struct JourneySource: Equatable, Sendable {
    /// What is in it.
    public let bytes: [UInt8]
    /// Its base name.
    public let name: String
    /// The form that it was read as.
    public let format: JourneyFormat

    /// A file.
    public init(bytes: [UInt8], name: String, format: JourneyFormat) {
        self.bytes = bytes
        self.name = name
        self.format = format
    }

    /// What is kept of it beside the definition that it became, in parts as large as an event takes.
    func kept(revision: Int) -> [JourneyOriginal] {
        let digest = ContentDigest(of: bytes)
        func original(_ part: OriginalPart?) -> JourneyOriginal {
            JourneyOriginal(
                revision: revision, name: .string(name), format: format, bytes: bytes.count, digest: digest, part: part)
        }
        guard let parts = OriginalPart.cutting(bytes) else { return [original(nil)] }
        return parts.map(original)
    }
}

extension JourneyEvent: OriginalTelling {
    /// Tells of the revision that the event makes, and of the file that it came from.
    public func tell(_ search: inout OriginalSearch) {
        switch self {
        case .created: search.meet(1)
        case .revised(let event): search.meet(event.revision)
        case .renamed(let event): search.meet(event.revision)
        case .originalKept(let original): original.tell(&search)
        case .archived, .restored: break
        }
    }
}

extension JourneyOriginal {
    /// A journey's file has its first part where a workflow's has an entry in the import: from there on, both are looked for alike.
    fileprivate func tell(_ search: inout OriginalSearch) {
        if part?.number ?? 1 == 1 {
            let place = part.map { OriginalFile.Place.parts($0.count) } ?? .nowhere
            search.meet(
                revision, OriginalFile(bytes: bytes, digest: digest, place: place), name: name.string,
                format: format.rawValue)
        }
        if let part { search.meet(part, of: revision) }
    }
}

extension JourneyOriginal {
    var value: JSONValue {
        [
            "bytes": .number(JSONNumber(bytes)), "data": part?.data ?? .null, "digest": .string(digest.hexadecimal),
            "format": .string(format.rawValue), "name": name,
            "part": part.map { .number(JSONNumber($0.number)) } ?? .null,
            "parts": part.map { .number(JSONNumber($0.count)) } ?? .null,
            "revision": .number(JSONNumber(revision)),
        ]
    }

    init(_ payload: PayloadReader) throws(EventFlaw) {
        var part: OriginalPart?
        if payload.has("part") {
            part = OriginalPart(
                number: try payload.int("part"), count: try payload.int("parts"), data: try payload.value("data"))
        }
        self.init(
            revision: try payload.int("revision"), name: try payload.personalText("name"),
            format: try payload.choice("format"), bytes: try payload.int("bytes"), digest: try payload.digest("digest"),
            part: part)
    }
}
