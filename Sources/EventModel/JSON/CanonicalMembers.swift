import Crypto

/// Takes the members of an object in canonical order, whatever becomes of them: a value, bytes or a digest.
///
/// A type says once what its canonical form is made of; unknown fields that it keeps beside (`extra`) find their places in between. Keys
/// come in the order of ``JSONKeyOrder``, each once. A known key takes the place of an unknown field of the same name.
public protocol CanonicalMembers: ~Copyable {
    /// A member whose value may be in any form.
    mutating func member(_ key: String, _ value: JSONValue)
    /// A member that is a string.
    mutating func member(_ key: String, _ text: String)
    /// A member that is an array of elements.
    mutating func elements<Element: CanonicalElement>(_ key: String, _ elements: [Element])
    /// A member that is an object of elements by their ids; of elements with the same id the last one.
    mutating func elements<Element: CanonicalElement & Identifiable>(byID key: String, _ elements: [Element])
    where Element.ID == ElementID
    /// No member of this name, not even an unknown field.
    mutating func nothing(_ key: String)
}

/// Something whose canonical form is an object.
public protocol CanonicalElement {
    /// Unknown fields, in any order.
    var unknownFields: JSONObject { get }
    /// Names the members in canonical order.
    func describe(to members: inout some CanonicalMembers & ~Copyable)
}

extension CanonicalMembers where Self: ~Copyable {
    /// A member that is there when there is a value.
    public mutating func optional(_ key: String, _ value: JSONValue?) {
        if let value { member(key, value) } else { nothing(key) }
    }

    /// A member that is there when there is a text.
    public mutating func optional(_ key: String, _ text: String?) {
        if let text { member(key, text) } else { nothing(key) }
    }
}

extension CanonicalElement {
    /// The canonical form as a value.
    public var canonicalValue: JSONValue {
        var members = CanonicalTree(unknownFields)
        describe(to: &members)
        return .object(members.object.canonicalized)
    }

    /// The canonical form as bytes.
    public func canonicalBytes() -> [UInt8] {
        var writing = CanonicalWriting()
        writing.element(self)
        return writing.bytes
    }

    /// SHA-256 of the canonical form. Neither the tree nor the whole of the bytes is ever there.
    public var canonicalDigest: ContentDigest {
        var writing = CanonicalWriting(into: SHA256())
        writing.element(self)
        return writing.digest()
    }
}
