/// The master keys of a process: the first wraps, all of them unwrap.
public struct MasterKeys: Sendable {
    /// The most master keys at a time.
    public static let limit = 100

    /// The key that wraps what is new.
    public let current: MasterKey
    private let keys: [String: MasterKey]

    /// The keys that `spellings` are, the current one first.
    /// - Throws: ``MasterKeyFlaw``.
    public init(spellings: some Sequence<some StringProtocol>) throws(MasterKeyFlaw) {
        var current: MasterKey?
        var keys: [String: MasterKey] = [:]
        for spelling in spellings {
            let key = try MasterKey(spelling: spelling)
            guard keys.updateValue(key, forKey: key.id) == nil else { throw .duplicate(id: key.id) }
            guard keys.count <= Self.limit else { throw .tooMany(limit: Self.limit) }
            current = current ?? key
        }
        guard let current else { throw .none }
        self.current = current
        self.keys = keys
    }

    /// The key with an id.
    public subscript(_ id: String) -> MasterKey? { keys[id] }

    /// The ids of all keys, in order.
    public var ids: [String] { keys.keys.sorted() }
}

/// Why a text is no master key. Never holds a part of a key.
public enum MasterKeyFlaw: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no key at all.
    case none
    /// There is no colon behind an id.
    case noID
    /// The id is empty, too long, or has other characters than letters, digits, `.`, `_` and `-`.
    case badID(limit: Int)
    /// What follows the id is not base64.
    case notBase64(id: String)
    /// The key has another length than 32 bytes.
    case wrongLength(id: String, bytes: Int, wanted: Int)
    /// Two keys have one id.
    case duplicate(id: String)
    /// There are more keys than a process takes.
    case tooMany(limit: Int)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .none: "there is no master key in it"
        case .noID: "a master key is written as id:base64, and the colon is missing"
        case .badID(let limit):
            "the id of a master key must have 1 to \(limit) letters, digits, '.', '_' or '-', followed by a colon"
        case .notBase64(let id): "what follows the id of master key \(id) is not base64"
        case .wrongLength(let id, let bytes, let wanted):
            "master key \(id) has \(bytes) bytes and must have \(wanted)"
        case .duplicate(let id): "two master keys have the id \(id)"
        case .tooMany(let limit): "there are more than \(limit) master keys"
        }
    }
}
