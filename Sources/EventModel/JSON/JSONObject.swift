/// The members of a JSON object in their order, each key once.
///
/// A look-up walks the members (objects in practice are small); whoever looks up many keys of a wide object builds an
/// index of its own.
public struct JSONObject: Sendable, Equatable {
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
            left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
        }
    }

    /// The members in order.
    public private(set) var members: [Member] = []

    /// An object without members.
    public init() {}

    /// An object with `members`; of a key that appears twice the last value is kept, in the first place.
    public init(_ members: some Sequence<Member>) {
        let members = Array(members)
        guard !Self.areAscending(members) else {
            self.members = members
            return
        }
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

    /// For readers that know the keys to be distinct.
    init(distinct members: [Member]) { self.members = members }

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
            switch (index(of: key), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// This object without the members named in `keys`.
    public func removing(_ keys: Set<String>) -> JSONObject {
        JSONObject(distinct: members.filter { !keys.contains($0.key) })
    }

    private func index(of key: String) -> Int? {
        members.firstIndex { JSONKeyOrder.areSame($0.key, key) }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object with the members in the order written; of a key written twice the last value is kept.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements.map { Member(key: $0.0, value: $0.1) })
    }
}
