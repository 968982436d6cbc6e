import Crypto

/// A SHA-256 as 64 lower-case hexadecimal digits.
public struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    /// The digits.
    public let hexadecimal: String

    /// The digest of `bytes`.
    public init(of bytes: [UInt8]) {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        self.init(hash.finalize())
    }

    /// A digest that has been worked out.
    init(_ digest: SHA256.Digest) {
        hexadecimal = String(unsafeUninitializedCapacity: 2 * SHA256.byteCount) { text in
            var at = 0
            for byte in digest {
                text[at] = Self.digit(byte >> 4)
                text[at + 1] = Self.digit(byte & 15)
                at += 2
            }
            return at
        }
    }

    /// A digest written down.
    /// - Returns: `nil` unless `hexadecimal` is 64 lower-case hexadecimal digits.
    public init?(hexadecimal: String) {
        guard hexadecimal.utf8.count == 2 * SHA256.byteCount, hexadecimal.utf8.allSatisfy(Self.isDigit) else {
            return nil
        }
        self.hexadecimal = hexadecimal
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }

    /// The digits.
    public var description: String { hexadecimal }
}
