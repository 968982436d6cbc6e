extension JSONValue {
    /// The canonical form: the same bytes for every text that means the same.
    ///
    /// It is RFC 8785 (members sorted by the UTF-16 code units of their keys, no white space, minimal escapes,
    /// ECMAScript's layout of numbers), except that a number is never rounded to a double; see
    /// ``JSONNumber/canonical``. A text whose numbers all fit doubles therefore has the same canonical bytes in any
    /// other implementation of that RFC.
    public func canonicalBytes() -> [UInt8] { canonicalized.compactBytes() }

    /// This value with members sorted and numbers in their canonical spelling, at every level.
    public var canonicalized: JSONValue { isCanonical ? self : rebuilt }

    /// The same value, built anew in canonical form.
    private var rebuilt: JSONValue {
        switch self {
        case .null, .bool, .string: self
        case .number(let number): .number(JSONNumber(trusted: number.canonical))
        case .array(let elements): .array(elements.map(\.canonicalized))
        case .object(let object): .object(object.canonicalized)
        }
    }

    /// Whether it is in canonical form. Most values are, most of the time, and looking costs far less than building.
    fileprivate var isCanonical: Bool {
        switch self {
        case .null, .bool, .string: true
        case .number(let number): number.isCanonical
        case .array(let elements): elements.allSatisfy(\.isCanonical)
        case .object(let object): object.isCanonical
        }
    }

    /// Whether it is in canonical form for certain. Objects remember that, so no object is walked for the answer.
    var isKnownCanonical: Bool {
        switch self {
        case .null, .bool, .string: true
        case .number(let number): number.isCanonical
        case .array(let elements): elements.allSatisfy(\.isKnownCanonical)
        case .object(let object): object.isKnownCanonical
        }
    }

    /// Compact JSON with the members in their order and the numbers as spelled.
    public func compactBytes() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

extension JSONObject {
    /// This object in canonical form; see ``JSONValue/canonicalBytes()``.
    public var canonicalized: JSONObject {
        guard !isKnownCanonical else { return self }
        guard !isCanonical else { return JSONObject(distinct: members, isKnownCanonical: true) }
        let sorted = members.sorted { JSONKeyOrder.precedes($0.key, $1.key) }
        return JSONObject(
            distinct: sorted.map { Member(key: $0.key, value: $0.value.canonicalized) }, isKnownCanonical: true)
    }

    fileprivate var isCanonical: Bool {
        if isKnownCanonical { return true }
        for index in members.indices {
            guard index == 0 || JSONKeyOrder.precedes(members[index - 1].key, members[index].key),
                members[index].value.isCanonical
            else { return false }
        }
        return true
    }
}

/// The order of keys in the canonical form: by UTF-16 code units, computed on UTF-8.
public enum JSONKeyOrder {
    /// Whether `left` comes before `right`.
    public static func precedes(_ left: String, _ right: String) -> Bool {
        let known: Bool?? = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in precedes(left, right) }
        }
        return (known ?? nil) ?? left.utf8.lexicographicallyPrecedes(right.utf8) { rank($0) < rank($1) }
    }

    /// Whether the keys are the same, byte by byte.
    public static func areSame(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        let known: Bool?? = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in commonPrefix(left, right) == left.count }
        }
        return (known ?? nil) ?? left.utf8.elementsEqual(right.utf8)
    }

    /// How many bytes are the same from the beginning; eight at a time while there are as many.
    @inline(__always)
    private static func commonPrefix(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
        let (left, right) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        let count = min(left.count, right.count)
        var index = 0
        while index + 8 <= count {
            let difference =
                left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                ^ right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard difference == 0 else { return index + UInt64(littleEndian: difference).trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < count && left[index] == right[index] { index += 1 }
        return index
    }

    private static func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        let index = commonPrefix(left, right)
        guard index < left.count && index < right.count else { return left.count < right.count }
        return rank(left[index]) < rank(right[index])
    }

    /// UTF-8 orders as UTF-16 does, but for one thing: surrogates (U+10000 and up, led by 0xF0…0xF4) come before
    /// U+E000…U+FFFF, led by 0xEE and 0xEF.
    private static func rank(_ byte: UInt8) -> UInt8 { byte == 0xEE || byte == 0xEF ? byte | 0x10 : byte }
}
