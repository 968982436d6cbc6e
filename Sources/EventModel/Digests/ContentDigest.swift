import Crypto

/// A SHA-256 as 64 lower-case hexadecimal digits.
public struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    /// The digits.
    public let hexadecimal: String

    /// The digest of `bytes`.
    public init(of bytes: [UInt8]) {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        let digits = Array("0123456789abcdef".utf8)
        let text = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        hexadecimal = String(decoding: text, as: UTF8.self)
    }

    /// A digest written down.
    /// - Returns: `nil` unless `hexadecimal` is 64 lower-case hexadecimal digits.
    public init?(hexadecimal: String) {
        let digits = Set("0123456789abcdef".utf8)
        guard hexadecimal.utf8.count == 64, hexadecimal.utf8.allSatisfy(digits.contains) else { return nil }
        self.hexadecimal = hexadecimal
    }

    /// The digits.
    public var description: String { hexadecimal }
}
