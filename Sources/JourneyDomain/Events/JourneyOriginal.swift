import EventModel
import FoundationEssentials

/// An imported file, or a part of it, as it was byte for byte. Every file has events of its own behind the definition that it became.
public struct JourneyOriginal: Equatable, Sendable {
    /// A part of the file's bytes.
    public struct Part: Equatable, Sendable {
        /// Which part this is, from 1.
        public let number: Int
        /// How many there are.
        public let count: Int
        /// The part's bytes as base64, or the hidden form of it.
        public let data: JSONValue

        /// A part.
        public init(number: Int, count: Int, data: JSONValue) {
            self.number = number
            self.count = count
            self.data = data
        }
    }

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
    public let part: Part?

    /// What is kept of a file.
    public init(
        revision: Int, name: JSONValue, format: JourneyFormat, bytes: Int, digest: ContentDigest, part: Part?
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
        func original(_ part: JourneyOriginal.Part?) -> JourneyOriginal {
            JourneyOriginal(
                revision: revision, name: .string(name), format: format, bytes: bytes.count, digest: digest, part: part)
        }
        guard bytes.count <= JourneyLimits.originalBytes else { return [original(nil)] }
        let size = JourneyLimits.originalPartBytes
        let count = (bytes.count + size - 1) / size
        return (0..<count).map { index in
            let slice = bytes[index * size..<min((index + 1) * size, bytes.count)]
            return original(
                .init(number: index + 1, count: count, data: .string(Data(slice).base64EncodedString())))
        }
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
        var part: Part?
        if payload.has("part") {
            part = Part(
                number: try payload.int("part"), count: try payload.int("parts"), data: try payload.value("data"))
        }
        self.init(
            revision: try payload.int("revision"), name: try payload.personalText("name"),
            format: try payload.choice("format"), bytes: try payload.int("bytes"), digest: try payload.digest("digest"),
            part: part)
    }
}
