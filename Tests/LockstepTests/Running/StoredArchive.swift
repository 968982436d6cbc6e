import Foundation

/// Writes a ZIP archive whose files are stored as they are.
enum StoredArchive {
    static func bytes(_ files: [(name: String, content: String)]) -> Data {
        var archive = Data()
        var list = Data()
        for file in files {
            let (name, content) = (Data(file.name.utf8), Data(file.content.utf8))
            let shared =
                number(0, 2) + number(0, 2) + number(0, 4) + number(checksum(content), 4)
                + number(UInt32(content.count), 4) + number(UInt32(content.count), 4) + number(UInt32(name.count), 2)
            list += number(0x0201_4B50, 4) + number(20, 2) + number(20, 2) + shared + Data(count: 12)
            list += number(UInt32(archive.count), 4) + name
            archive += number(0x0403_4B50, 4) + number(20, 2) + shared + number(0, 2) + name + content
        }
        let count = number(UInt32(files.count), 2)
        return archive + list + number(0x0605_4B50, 4) + number(0, 4) + count + count
            + number(UInt32(list.count), 4) + number(UInt32(archive.count), 4) + number(0, 2)
    }

    private static func number(_ value: UInt32, _ length: Int) -> Data {
        Data((0..<length).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) })
    }

    private static func checksum(_ data: Data) -> UInt32 {
        ~data.reduce(0xFFFF_FFFF) { value, byte in
            (0..<8).reduce(value ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }
}
