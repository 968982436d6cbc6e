import Crypto
import FoundationEssentials

/// Seals what was made of the personal data of several subjects: whoever has the keys of all of them opens it, and when one of the keys is
/// destroyed, nobody does.
///
/// Two keys are derived (HKDF-SHA256) from the secrets of all keys together: one encrypts (AES-256-GCM), the other makes nonces from place
/// and plaintext, so that the same bytes seal to the same bytes.
public struct JointSeal: Sendable {
    private static let nonceCount = 12
    private static let tagCount = 16

    private let encryption: SymmetricKey
    private let nonces: SymmetricKey
    private let bound: [UInt8]

    /// The seal of these keys, in whatever order; `nil` for none.
    ///
    /// - Parameter place: what the bytes belong to; sealed bytes that were moved elsewhere cannot be opened.
    public init?(_ keys: [SubjectKey], at place: [UInt8]) {
        guard !keys.isEmpty else { return nil }
        let ordered = keys.map { (id: $0.id.bytes, secret: $0.secret) }.sorted {
            $0.id.lexicographicallyPrecedes($1.id)
        }
        let secrets = ordered.flatMap { key in key.secret.withUnsafeBytes(Array.init) }
        let material = SymmetricKey(data: secrets)
        let ids = ordered.flatMap(\.id)
        encryption = Self.derive("lockstep joint seal v1 encryption", ids, from: material)
        nonces = Self.derive("lockstep joint seal v1 nonce", ids, from: material)
        bound = ids + place
    }

    /// Nonce, ciphertext and tag.
    public func seal(_ bytes: [UInt8]) throws(SealFault) -> [UInt8] {
        var hash = HMAC<SHA256>(key: nonces)
        hash.update(data: bound)
        hash.update(data: bytes)
        do {
            let nonce = try AES.GCM.Nonce(data: Array(hash.finalize())[..<Self.nonceCount])
            let box = try AES.GCM.seal(bytes, using: encryption, nonce: nonce, authenticating: bound)
            guard let sealed = box.combined else { throw SealFault.cipher }
            return [UInt8](sealed)
        } catch {
            throw .cipher
        }
    }

    /// The bytes that were sealed.
    public func open(_ sealed: [UInt8]) throws(SealFault) -> [UInt8] {
        guard sealed.count >= Self.nonceCount + Self.tagCount else { throw .malformed }
        do {
            return [UInt8](
                try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: encryption, authenticating: bound))
        } catch {
            throw .tampered
        }
    }

    private static func derive(_ purpose: String, _ ids: [UInt8], from secret: SymmetricKey) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: secret, info: Array(purpose.utf8) + ids, outputByteCount: SubjectKey.byteCount)
    }
}
