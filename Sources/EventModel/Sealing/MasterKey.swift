import Crypto
import FoundationEssentials

/// The key that wraps the subjects' keys. It comes from the configuration and is never stored beside what it protects.
public struct MasterKey: Sendable {
    /// Length of the key in bytes.
    public static let byteCount = 32
    /// The longest id, in bytes.
    public static let idLimit = 64
    private static let nonceCount = 12

    /// Its name, stored with every key that it wraps.
    public let id: String
    private let secret: SymmetricKey

    /// A key written as `id:base64`, the base64 of 32 bytes.
    ///
    /// - Throws: ``MasterKeyFlaw``, which never holds any part of the key.
    public init(spelling: some StringProtocol) throws(MasterKeyFlaw) {
        guard let colon = spelling.firstIndex(of: ":") else { throw .noID }
        let id = String(spelling[..<colon])
        guard Self.isID(id) else { throw .badID(limit: Self.idLimit) }
        guard let bytes = Data(base64Encoded: String(spelling[spelling.index(after: colon)...])) else {
            throw .notBase64(id: id)
        }
        guard bytes.count == Self.byteCount else {
            throw .wrongLength(id: id, bytes: bytes.count, wanted: Self.byteCount)
        }
        self.init(id: id, secret: SymmetricKey(data: bytes))
    }

    private init(id: String, secret: SymmetricKey) {
        self.id = id
        self.secret = secret
    }

    /// A new key, spelled as the configuration takes it.
    public static func generate(id: String, using random: inout some RandomNumberGenerator) -> String {
        "\(id):\(Data([UInt8].random(byteCount, using: &random)).base64EncodedString())"
    }

    /// Whether `id` can name a master key: letters, digits, `.`, `_` and `-`.
    public static func isID(_ id: String) -> Bool {
        (1...idLimit).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// `key` in the form that may be stored.
    public func wrap(_ key: SubjectKey, using random: inout some RandomNumberGenerator) throws(SealFault) -> WrappedKey
    {
        do {
            let nonce = try AES.GCM.Nonce(data: [UInt8].random(Self.nonceCount, using: &random))
            let plain = key.secret.withUnsafeBytes { Array($0) }
            let box = try AES.GCM.seal(plain, using: secret, nonce: nonce, authenticating: bound(to: key.id))
            guard let bytes = box.combined else { throw SealFault.cipher }
            return WrappedKey(id: key.id, masterKey: id, bytes: [UInt8](bytes))
        } catch {
            throw .cipher
        }
    }

    /// The key that was wrapped.
    /// - Throws: ``SealFault/tampered`` when another master key wrapped it, or it belongs to another subject.
    public func unwrap(_ wrapped: WrappedKey) throws(SealFault) -> SubjectKey {
        do {
            let plain = try AES.GCM.open(
                AES.GCM.SealedBox(combined: wrapped.bytes), using: secret, authenticating: bound(to: wrapped.id))
            guard plain.count == SubjectKey.byteCount else { throw SealFault.malformed }
            return SubjectKey(wrapped.id, secret: SymmetricKey(data: plain))
        } catch {
            throw .tampered
        }
    }

    private func bound(to key: SubjectKeyID) -> [UInt8] {
        var bytes = key.bytes
        bytes.append(lengthPrefixed: id)
        return bytes
    }
}

extension MasterKey: CustomStringConvertible, CustomReflectable {
    /// Its id, never the key.
    public var description: String { "master key \(id)" }
    /// Nothing: a dump must not show the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A subject's key as it is stored: useless without the master key.
public struct WrappedKey: Hashable, Sendable {
    /// Which key it is.
    public let id: SubjectKeyID
    /// The id of the master key that wraps it.
    public let masterKey: String
    /// Nonce, ciphertext and tag of AES-256-GCM: 60 bytes.
    public let bytes: [UInt8]

    /// A wrapped key by its parts.
    public init(id: SubjectKeyID, masterKey: String, bytes: [UInt8]) {
        self.id = id
        self.masterKey = masterKey
        self.bytes = bytes
    }
}
