/// The members of a JSON object in their order, each key once.
///
/// A look-up walks the members (objects in practice are small); whoever looks up many keys of a wide object builds an
/// index of its own.
///
/// An object remembers that it is in canonical form, so that what is canonical is not looked at again wherever it is put.
/// Whoever sets the members in the order of ``JSONKeyOrder`` gets a canonical object without a search or a sort.
public struct JSONObject: Sendable {
    /// One key with its value.
    public struct Member: Sendable, Equatable {
        /// The key, escapes resolved.
        public let key: String
        /// The value.
        public var value: JSONValue

        /// A member.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }

        /// Exact equality: keys byte by byte.
        public static func == (left: Member, right: Member) -> Bool {
            JSONKeyOrder.areSame(left.key, right.key) && left.value == right.value
        }
    }

    /// The members in order.
    public private(set) var members: [Member] = []
    /// Whether it is in canonical form for certain; otherwise nobody has looked yet.
    private(set) var isKnownCanonical = true

    /// An object without members.
    public init() {}

    /// An object with `members`; of a key that appears twice the last value is kept, in the first place.
    public init(_ members: some Sequence<Member>) { self.init(Array(members)) }

    /// An object with `members`; of a key that appears twice the last value is kept, in the first place.
    public init(_ members: [Member]) {
        guard !Self.areAscending(members) else {
            self.members = members
            isKnownCanonical = members.allSatisfy(\.value.isKnownCanonical)
            return
        }
        isKnownCanonical = false
        var places: [ElementID: Int] = [:]
        for member in members {
            let key = ElementID(member.key)
            if let place = places[key] {
                self.members[place].value = member.value
            } else {
                places[key] = self.members.count
                self.members.append(member)
            }
        }
    }

    /// Whether every key comes after the one before it, so that none appears twice.
    private static func areAscending(_ members: [Member]) -> Bool {
        for index in members.indices.dropFirst()
        where !JSONKeyOrder.precedes(members[index - 1].key, members[index].key) { return false }
        return true
    }

    /// For readers that know the keys to be distinct, and makers that know the form to be canonical.
    init(distinct members: [Member], isKnownCanonical: Bool = false) {
        self.members = members
        self.isKnownCanonical = isKnownCanonical || members.isEmpty
    }

    /// Makes room for `count` members.
    public mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }

    /// How many members there are.
    public var count: Int { members.count }

    /// Whether there are none.
    public var isEmpty: Bool { members.isEmpty }

    /// The keys in order.
    public var keys: [String] { members.map(\.key) }

    /// The value of `key`. Setting `nil` removes the member; a new one goes last.
    public subscript(_ key: String) -> JSONValue? {
        get { index(of: key).map { members[$0].value } }
        set {
            guard let newValue else { return remove(key) }
            let goesBehind = isKnownCanonical && members.last.map { JSONKeyOrder.precedes($0.key, key) } != false
            isKnownCanonical = isKnownCanonical && newValue.isKnownCanonical
            if !goesBehind, let index = index(of: key) {
                members[index].value = newValue
            } else {
                isKnownCanonical = isKnownCanonical && goesBehind
                members.append(Member(key: key, value: newValue))
            }
        }
    }

    private mutating func remove(_ key: String) {
        if let index = index(of: key) { members.remove(at: index) }
    }

    /// This object without the members named in `keys`.
    public func removing(_ keys: Set<String>) -> JSONObject {
        guard members.contains(where: { keys.contains($0.key) }) else { return self }
        return JSONObject(
            distinct: members.filter { !keys.contains($0.key) }, isKnownCanonical: isKnownCanonical)
    }

    private func index(of key: String) -> Int? {
        for index in members.indices where JSONKeyOrder.areSame(members[index].key, key) { return index }
        return nil
    }
}

extension JSONObject: Equatable {
    /// Exact equality: the same members in the same order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool { left.members == right.members }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object with the members in the order written; of a key written twice the last value is kept.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements.map { Member(key: $0.0, value: $0.1) })
    }
}
