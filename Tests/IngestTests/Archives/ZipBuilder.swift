/// Writes ZIP archives byte by byte, sound ones and others.
struct ZipBuilder {
    struct File {
        var name: [UInt8]
        var content: [UInt8]
        var method = 0
        var flags = 0
        /// What the archive claims; what is true when `nil`.
        var claimedSize: Int?
        var localName: [UInt8]?
        var offset: Int?
        var checksum: UInt32?

        init(_ name: String, _ content: [UInt8]) {
            self.name = Array(name.utf8)
            self.content = content
        }
    }

    static func archive(_ files: [File], comment: [UInt8] = [], claimedCount: Int? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        var list: [UInt8] = []
        for file in files {
            let offset = file.offset ?? bytes.count
            bytes += header(file, name: file.localName ?? file.name) + file.content
            list += line(file, offset: offset)
        }
        let count = claimedCount ?? files.count
        return bytes + list + number(0x0605_4B50, 4) + number(0, 4) + number(count, 2) + number(count, 2)
            + number(list.count, 4) + number(bytes.count, 4) + number(comment.count, 2) + comment
    }

    private static func header(_ file: File, name: [UInt8]) -> [UInt8] {
        number(0x0403_4B50, 4) + number(20, 2) + shared(file) + number(name.count, 2) + number(0, 2) + name
    }

    private static func line(_ file: File, offset: Int) -> [UInt8] {
        number(0x0201_4B50, 4) + number(20, 2) + number(20, 2) + shared(file) + number(file.name.count, 2)
            + number(0, 12) + number(offset, 4) + file.name
    }

    private static func shared(_ file: File) -> [UInt8] {
        let checksum = file.checksum ?? self.checksum(of: file.content)
        return number(file.flags, 2) + number(file.method, 2) + number(0, 4) + number(Int(checksum), 4)
            + number(file.content.count, 4) + number(file.claimedSize ?? file.content.count, 4)
    }

    static func number(_ value: Int, _ length: Int) -> [UInt8] {
        (0..<length).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
    }

    /// Bit by bit, unlike the reader's.
    static func checksum(of bytes: [UInt8]) -> UInt32 {
        var value = UInt32.max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}
