import Crypto
import FoundationEssentials

/// Which key of which subject.
public struct SubjectKeyID: Hashable, Sendable {
    /// The tenant.
    public let workspace: Workspace
    /// Whose key it is.
    public let subject: DataSubject
    /// 1 for a subject's first key, one more after each erasure.
    public let generation: Int32

    /// An id by its parts.
    public init(workspace: Workspace, subject: DataSubject, generation: Int32) {
        self.workspace = workspace
        self.subject = subject
        self.generation = generation
    }

    /// The key that a sealed value names; `nil` when the value names none that we could have made.
    public init?(_ value: SealedValue, in workspace: Workspace) {
        guard let subject = try? DataSubject(value.subject), let generation = Int32(value.key), generation >= 1,
            value.key == String(generation)
        else { return nil }
        self.init(workspace: workspace, subject: subject, generation: generation)
    }

    /// What is bound into whatever is sealed or wrapped with this key.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: workspace.rawValue)
        bytes.append(lengthPrefixed: subject.text)
        bytes.append(bigEndian: UInt32(bitPattern: generation))
        return bytes
    }
}

/// The key that seals one subject's data. Destroying every copy of it destroys the data.
///
/// Two keys are derived from its 32 bytes (HKDF-SHA256): one encrypts, the other makes nonces. A nonce is the beginning of
/// HMAC(place ‖ plaintext): sealing the same value at the same place gives the same bytes, so that a retried append is a repeat; another
/// value there gets another nonce, so that an event id used twice by mistake does not weaken the cipher.
public struct SubjectKey: Sendable {
    /// Length of the key in bytes.
    public static let byteCount = 32
    private static let nonceCount = 12
    private static let tagCount = 16

    /// Which key it is.
    public let id: SubjectKeyID
    let secret: SymmetricKey
    private let encryption: SymmetricKey
    private let nonces: SymmetricKey

    /// A new key.
    /// - Parameter random: must not be predictable where the key is to protect something.
    public init(_ id: SubjectKeyID, using random: inout some RandomNumberGenerator) {
        self.init(id, secret: SymmetricKey(data: [UInt8].random(Self.byteCount, using: &random)))
    }

    init(_ id: SubjectKeyID, secret: SymmetricKey) {
        self.id = id
        self.secret = secret
        encryption = Self.derive("lockstep seal v1 encryption", from: secret)
        nonces = Self.derive("lockstep seal v1 nonce", from: secret)
    }

    /// `value` as the log stores it at `place`.
    public func seal(_ value: JSONValue, at place: SealedPlace) throws(SealFault) -> SealedValue {
        let plain = value.canonicalBytes()
        let bound = id.bytes + place.bytes
        var hash = HMAC<SHA256>(key: nonces)
        hash.update(data: bound)
        hash.update(data: plain)
        do {
            let nonce = try AES.GCM.Nonce(data: Array(hash.finalize())[..<Self.nonceCount])
            let box = try AES.GCM.seal(plain, using: encryption, nonce: nonce, authenticating: bound)
            guard let sealed = box.combined else { throw SealFault.cipher }
            return SealedValue(
                subject: id.subject.text, key: String(id.generation), ciphertext: sealed.base64EncodedString())
        } catch {
            throw .cipher
        }
    }

    /// The value that was sealed at `place`.
    public func open(_ sealed: SealedValue, at place: SealedPlace) throws(SealFault) -> JSONValue {
        guard let bytes = Data(base64Encoded: sealed.ciphertext), bytes.count >= Self.nonceCount + Self.tagCount else {
            throw .malformed
        }
        let plain: Data
        do {
            plain = try AES.GCM.open(
                AES.GCM.SealedBox(combined: bytes), using: encryption, authenticating: id.bytes + place.bytes)
        } catch {
            throw .tampered
        }
        do throws(JSONFlaw) { return try JSONValue([UInt8](plain)) } catch { throw .notJSON }
    }

    private static func derive(_ purpose: String, from secret: SymmetricKey) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: secret, info: Array(purpose.utf8), outputByteCount: byteCount)
    }
}

extension SubjectKey: CustomStringConvertible, CustomReflectable {
    /// Which key it is, never the key.
    public var description: String { "key \(id.generation) of \(id.subject)" }
    /// Nothing: a dump must not show the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension [UInt8] {
    /// Random bytes.
    static func random(_ count: Int, using random: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
