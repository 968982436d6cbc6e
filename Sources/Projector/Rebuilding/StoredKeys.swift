import ReadModels

/// The keys of which a table may hold a row: a Bloom filter, so that a key that comes for the first time need not be looked up.
///
/// It is never wrong about a key that is there. Of those that are not, three in a thousand are taken to be there when it knows five million, one in a
/// hundred when it knows seven: they are looked up, as all would be without it.
struct StoredKeys: Sendable {
    /// Takes every key to be there: the table was filled by somebody else.
    static let unknown = StoredKeys(isUnknown: true)
    /// An empty table.
    static let none = StoredKeys(isUnknown: false)

    /// 8 MiB, taken when the first key is known.
    private static let bits = 1 << 26
    /// Places of a key.
    private static let places = 5

    private let isUnknown: Bool
    private var words: [UInt64] = []

    private init(isUnknown: Bool) { self.isUnknown = isUnknown }

    /// Whether the table holds no row.
    var isEmpty: Bool { !isUnknown && words.isEmpty }

    /// Whether the table may hold a row with a key.
    func mayContain(_ key: RowKey) -> Bool {
        guard !isUnknown else { return true }
        guard !words.isEmpty else { return false }
        return Self.places(of: key).allSatisfy { words[$0 >> 6] & 1 << UInt64($0 & 63) != 0 }
    }

    /// The table holds a row with a key, or did.
    mutating func insert(_ key: RowKey) {
        guard !isUnknown else { return }
        if words.isEmpty { words = Array(repeating: 0, count: Self.bits >> 6) }
        for place in Self.places(of: key) { words[place >> 6] |= 1 << UInt64(place & 63) }
    }

    /// Two halves of one hash make as many as are wanted (Kirsch and Mitzenmacher, 2006).
    private static func places(of key: RowKey) -> some Sequence<Int> {
        let hash = UInt64(bitPattern: Int64(key.hashValue))
        let (start, step) = (hash & 0xffff_ffff, hash >> 32 | 1)
        return (0..<UInt64(places)).lazy.map { Int((start &+ $0 &* step) & UInt64(bits - 1)) }
    }
}
