import WorkflowDomain

/// What an archive may have at most; whatever it says of itself is checked against this before anything is unpacked.
public enum ArchiveLimits {
    /// Bytes of the archive.
    public static let bytes = 64 << 20
    /// Entries, directories included.
    public static let entries = 10_000
    /// Bytes of one file inside, unpacked: what a workflow file may have.
    public static let entryBytes = WorkflowLimits.fileBytes
    /// Bytes of all files inside together, unpacked.
    public static let unpackedBytes = 256 << 20
    /// How many bytes one packed byte may become. JSON packs ten- to thirtyfold.
    public static let ratio = 250
}

/// Why an archive, or a file inside, is refused.
public enum ArchiveFlaw: Error, Equatable, Sendable {
    /// It is no ZIP archive, or cut off.
    case notAnArchive
    /// More entries than ``ArchiveLimits/entries``.
    case tooManyEntries(count: Int, limit: Int)
    /// The file has more bytes than ``ArchiveLimits/entryBytes``.
    case entryTooLarge(String, bytes: Int, limit: Int)
    /// The files have more bytes together than ``ArchiveLimits/unpackedBytes``.
    case unpacksTooLarge(bytes: Int, limit: Int)
    /// The file is packed more densely than ``ArchiveLimits/ratio``: it is made to exhaust whoever unpacks it.
    case tooDense(String, ratio: Int, limit: Int)
    /// Two entries have one name.
    case duplicate(String)
    /// The file is encrypted.
    case encrypted(String)
    /// The file is packed by a method other than stored and deflated.
    case unsupportedMethod(String, Int)
    /// The archive needs the 64-bit format or several volumes.
    case unsupportedFormat
    /// What the archive says of the file at its two places differs, or is not what comes out.
    case damaged(String)
    /// A name leads out of the archive, or cannot be shown: it is made to be written somewhere.
    case unsafeName(String)
    /// Files share bytes of the archive: it is made to exhaust whoever unpacks it.
    case overlapping(String)
}

extension ArchiveFlaw: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .notAnArchive: "this is no complete ZIP archive; export it again"
        case .tooManyEntries(let count, let limit): "the archive has \(count) entries, the limit is \(limit); split it"
        case .entryTooLarge(let path, let bytes, let limit):
            "\"\(path)\" in the archive has \(bytes) bytes, the limit is \(limit); export it alone"
        case .unpacksTooLarge(let bytes, let limit):
            "the archive unpacks to \(bytes) bytes, the limit is \(limit); split it"
        case .tooDense(let path, let ratio, let limit):
            "\"\(path)\" in the archive is packed \(ratio) to 1, the limit is \(limit); unpack it yourself if you trust it"
        case .duplicate(let path): "\"\(path)\" is in the archive twice; export it again"
        case .encrypted(let path): "\"\(path)\" in the archive is encrypted; unpack it first"
        case .unsupportedMethod(let path, let method):
            "\"\(path)\" in the archive is packed by method \(method); unpack it and pack it again"
        case .unsupportedFormat: "the archive has the 64-bit format or several volumes; split it"
        case .damaged(let path): "\"\(path)\" in the archive is damaged; export it again"
        case .unsafeName(let path):
            "\"\(ZipName.shown(path))\" in the archive is no name of a file inside it; nothing of the archive was read, export it again"
        case .overlapping(let path): "\"\(path)\" shares bytes with another file of the archive; export it again"
        }
    }
}

/// Reads the files of a ZIP archive that is in memory. Nothing is ever written anywhere, so paths are names and no more.
struct ZipArchive {
    /// One file inside.
    struct Entry: Equatable {
        let path: String
        let method: Int
        let checksum: UInt32
        let packedSize: Int
        let size: Int
        /// Where its local header is.
        let offset: Int
        fileprivate let name: [UInt8]
        fileprivate let flags: Int
    }

    /// The files, without directories, in the order of the archive's own list.
    let entries: [Entry]
    private let bytes: [UInt8]
    private let directoryStart: Int

    /// Reads the list of files.
    init(_ bytes: [UInt8]) throws(ArchiveFlaw) {
        self.bytes = bytes
        let end = try ZipFields.directoryEnd(of: bytes)
        guard end.count <= ArchiveLimits.entries else {
            throw .tooManyEntries(count: end.count, limit: ArchiveLimits.entries)
        }
        directoryStart = end.start
        var entries: [Entry] = []
        var names: Set<[UInt8]> = []
        var place = end.start
        for _ in 0..<end.count {
            let (entry, next) = try ZipFields.entry(of: bytes, at: place)
            guard names.insert(entry.name).inserted else { throw .duplicate(entry.path) }
            guard ZipName.isSafe(entry.path) else { throw .unsafeName(entry.path) }
            if entry.name.last != UInt8(ascii: "/") { entries.append(entry) }
            place = next
        }
        self.entries = entries
    }

    /// Refuses what would exhaust memory or cannot be unpacked, before anything is unpacked.
    func check(_ chosen: [Entry]) throws(ArchiveFlaw) {
        var total = 0
        for entry in chosen {
            guard entry.flags & 0x41 == 0, entry.method != 99 else { throw .encrypted(entry.path) }
            guard entry.method == 0 || entry.method == 8 else { throw .unsupportedMethod(entry.path, entry.method) }
            guard entry.size <= ArchiveLimits.entryBytes else {
                throw .entryTooLarge(entry.path, bytes: entry.size, limit: ArchiveLimits.entryBytes)
            }
            let ratio = entry.size / max(1, entry.packedSize)
            guard ratio <= ArchiveLimits.ratio else {
                throw .tooDense(entry.path, ratio: ratio, limit: ArchiveLimits.ratio)
            }
            total += entry.size
        }
        guard total <= ArchiveLimits.unpackedBytes else {
            throw .unpacksTooLarge(bytes: total, limit: ArchiveLimits.unpackedBytes)
        }
        var end = 0
        for entry in chosen.sorted(by: { $0.offset < $1.offset }) {
            guard entry.offset >= end else { throw .overlapping(entry.path) }
            end = try content(of: entry).upperBound
        }
    }

    /// The bytes of a file that ``check(_:)`` has let pass.
    func unpack(_ entry: Entry) throws(ArchiveFlaw) -> [UInt8] {
        let packed = bytes[try content(of: entry)]
        let unpacked: [UInt8]
        if entry.method == 0 {
            guard entry.packedSize == entry.size else { throw .damaged(entry.path) }
            unpacked = Array(packed)
        } else {
            do throws(Inflate.Flaw) {
                unpacked = try Inflate.bytes(packed, size: entry.size)
            } catch {
                throw .damaged(entry.path)
            }
        }
        guard CRC32.checksum(of: unpacked) == entry.checksum else { throw .damaged(entry.path) }
        return unpacked
    }

    /// Where the packed bytes are: behind the local header, which must name the same file, and before the list.
    private func content(of entry: Entry) throws(ArchiveFlaw) -> Range<Int> {
        guard let header = ZipFields(bytes, at: entry.offset, signature: 0x0403_4B50, length: 30),
            header.number(8, 2) == entry.method
        else { throw .damaged(entry.path) }
        let name = entry.offset + 30
        let (nameLength, extraLength) = (header.number(26, 2), header.number(28, 2))
        let start = name + nameLength + extraLength
        let end = start + entry.packedSize
        guard end <= directoryStart, bytes[name..<(name + nameLength)].elementsEqual(entry.name) else {
            throw .damaged(entry.path)
        }
        return start..<end
    }
}

/// Little-endian numbers of one record of an archive.
struct ZipFields {
    private let bytes: [UInt8]
    private let start: Int

    /// The record at `start`, if it is there whole.
    init?(_ bytes: [UInt8], at start: Int, signature: Int, length: Int) {
        guard start >= 0, start <= bytes.count - length else { return nil }
        self.bytes = bytes
        self.start = start
        guard number(0, 4) == signature else { return nil }
    }

    func number(_ offset: Int, _ length: Int) -> Int {
        (0..<length).reduce(0) { $0 | Int(bytes[start + offset + $1]) << (8 * $1) }
    }

    /// Where the list of files begins, and how many there are. The record that says so ends the archive, less a comment.
    static func directoryEnd(of bytes: [UInt8]) throws(ArchiveFlaw) -> (start: Int, count: Int) {
        let length = 22
        var place = bytes.count - length
        while place >= max(0, bytes.count - length - 0xFFFF) {
            guard let record = ZipFields(bytes, at: place, signature: 0x0605_4B50, length: length),
                place + length + record.number(20, 2) == bytes.count
            else {
                place -= 1
                continue
            }
            let (count, size, start) = (record.number(10, 2), record.number(12, 4), record.number(16, 4))
            guard record.number(4, 2) == 0, record.number(6, 2) == 0, record.number(8, 2) == count, count != 0xFFFF,
                start != 0xFFFF_FFFF
            else { throw .unsupportedFormat }
            guard start + size <= place else { throw .notAnArchive }
            return (start, count)
        }
        throw .notAnArchive
    }

    /// One line of the list, and where the next one is.
    static func entry(of bytes: [UInt8], at place: Int) throws(ArchiveFlaw) -> (ZipArchive.Entry, next: Int) {
        let length = 46
        guard let record = ZipFields(bytes, at: place, signature: 0x0201_4B50, length: length) else {
            throw .notAnArchive
        }
        let nameEnd = place + length + record.number(28, 2)
        guard nameEnd <= bytes.count else { throw .notAnArchive }
        let name = Array(bytes[(place + length)..<nameEnd])
        let entry = ZipArchive.Entry(
            path: String(decoding: name, as: UTF8.self), method: record.number(10, 2),
            checksum: UInt32(truncatingIfNeeded: record.number(16, 4)), packedSize: record.number(20, 4),
            size: record.number(24, 4), offset: record.number(42, 4), name: name, flags: record.number(8, 2))
        guard entry.size != 0xFFFF_FFFF, entry.packedSize != 0xFFFF_FFFF, entry.offset != 0xFFFF_FFFF else {
            throw .unsupportedFormat
        }
        return (entry, nameEnd + record.number(30, 2) + record.number(32, 2))
    }
}

/// The checksum of ZIP: CRC-32 of IEEE 802.3.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    static func checksum(of bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }
}
