/// A personal value as the log stores it: `{"$sealed":{"ct":…,"key":…,"subject":…}}`.
///
/// Whoever has the right reads the plain value in its place; others read this. When the subject's key has been destroyed, the right
/// is of no use any more, and ``erased(subject:)`` stands there for everybody who had it.
public struct SealedValue: Hashable, Sendable {
    /// Whose data it is.
    public let subject: String
    /// Which key of the subject it is sealed with.
    public let key: String
    /// AES-256-GCM: nonce, ciphertext and tag in base64.
    public let ciphertext: String

    /// A sealed value by its parts.
    public init(subject: String, key: String, ciphertext: String) {
        self.subject = subject
        self.key = key
        self.ciphertext = ciphertext
    }

    /// The sealed value that `value` is.
    /// - Returns: `nil` when it is anything else.
    public init?(_ value: JSONValue) {
        guard let object = value.object, object.count == 1, let sealed = object["$sealed"],
            let subject = sealed["subject"]?.string, let key = sealed["key"]?.string, let text = sealed["ct"]?.string
        else { return nil }
        self.init(subject: subject, key: key, ciphertext: text)
    }

    /// The form that is stored, canonical.
    public var value: JSONValue {
        ["$sealed": ["ct": .string(ciphertext), "key": .string(key), "subject": .string(subject)]]
    }

    /// Bytes that a sealed value has at most beside its ciphertext: subject, key and the form of it.
    private static let envelopeBytes = 512

    /// Bytes of a value of so many canonical bytes when it is sealed, at most: nonce and tag come to it, and base64 makes four bytes of three.
    public static func storedBytes(sealing bytes: Int) -> Int { (bytes + 30) / 3 * 4 + envelopeBytes }

    /// What stands in the place of a value whose key is gone: `{"$erased":{"subject":…}}`.
    public static func erased(subject: String) -> JSONValue { ["$erased": ["subject": .string(subject)]] }
}

extension JSONValue {
    /// The subject whose erasure took this value away; `nil` when it is anything else.
    public var erasedSubject: String? {
        guard let object, object.count == 1 else { return nil }
        return object["$erased"]?["subject"]?.string
    }

    /// Whether this is personal data that this reader cannot see: sealed, or erased.
    public var isHidden: Bool { SealedValue(self) != nil || erasedSubject != nil }
}

extension SubjectErased {
    /// `value` with everything that this erasure took away shown as erased: for folds that keep sealed values, at any depth.
    public func applied(to value: JSONValue) -> JSONValue {
        if let sealed = SealedValue(value) {
            let isGone =
                sealed.subject.utf8.elementsEqual(subject.text.utf8) && keys.contains { String($0) == sealed.key }
            return isGone ? SealedValue.erased(subject: sealed.subject) : value
        }
        switch value {
        case .array(let elements): return .array(elements.map(applied))
        case .object(let object):
            return .object(JSONObject(object.members.map { .init(key: $0.key, value: applied(to: $0.value)) }))
        case .null, .bool, .number, .string: return value
        }
    }
}
