import Crypto

/// Writes the members that it is given as canonical JSON, without a tree of values.
struct CanonicalWriting: CanonicalMembers, ~Copyable {
    private var writer = JSONWriter(capacity: 4 << 10)
    /// The unknown fields of the object that is being written which have not found their places yet, in canonical order.
    private var unknown: ArraySlice<JSONObject.Member> = []
    /// Takes what has been written off, from time to time; nobody does when `nil`.
    private var hash: SHA256?

    /// A writing whose bytes are kept.
    init() {}

    /// A writing whose bytes go into a hash.
    init(into hash: SHA256) { self.hash = hash }

    /// What has been written and not been taken off.
    var bytes: [UInt8] { writer.bytes }

    /// The digest of all that has been written into a hash.
    consuming func digest() -> ContentDigest {
        guard var hash else { return ContentDigest(of: writer.bytes) }
        writer.takeOff { hash.update(bufferPointer: $0) }
        return ContentDigest(hash.finalize())
    }

    mutating func element(_ element: some CanonicalElement) {
        let outer = unknown
        unknown = element.unknownFields.canonicalized.members[...]
        writer.beginObject()
        element.describe(to: &self)
        while let field = unknown.popFirst() { write(field) }
        writer.endObject()
        unknown = outer
        takeOff()
    }

    mutating func member(_ key: String, _ value: JSONValue) {
        makePlace(for: key)
        writer.key(key)
        writer.value(value.canonicalized)
    }

    mutating func member(_ key: String, _ text: String) {
        makePlace(for: key)
        writer.key(key)
        writer.string(text)
    }

    mutating func nothing(_ key: String) { makePlace(for: key) }

    mutating func elements<Element: CanonicalElement>(_ key: String, _ elements: [Element]) {
        makePlace(for: key)
        writer.key(key)
        writer.beginArray()
        for element in elements { self.element(element) }
        writer.endArray()
    }

    mutating func elements<Element: CanonicalElement & Identifiable>(byID key: String, _ elements: [Element])
    where Element.ID == ElementID {
        // Whoever is not in order, or has an id twice, is sorted out by the tree.
        for index in elements.indices.dropFirst() where !(elements[index - 1].id < elements[index].id) {
            return member(
                key,
                .object(JSONObject(elements.map { JSONObject.Member(key: $0.id.text, value: $0.canonicalValue) })))
        }
        makePlace(for: key)
        writer.key(key)
        writer.beginObject()
        for element in elements {
            writer.key(element.id.text)
            self.element(element)
        }
        writer.endObject()
    }

    /// Writes the unknown fields that come before `key`, and drops the one that it replaces.
    private mutating func makePlace(for key: String) {
        while let field = unknown.first {
            if JSONKeyOrder.precedes(field.key, key) {
                write(field)
                unknown.removeFirst()
            } else {
                if JSONKeyOrder.areSame(field.key, key) { unknown.removeFirst() }
                return
            }
        }
    }

    private mutating func write(_ field: JSONObject.Member) {
        writer.key(field.key)
        writer.value(field.value)
    }

    private mutating func takeOff() {
        guard hash != nil, writer.count >= Self.piece else { return }
        writer.takeOff { hash?.update(bufferPointer: $0) }
    }

    /// Bytes that are worth a call of the hash and still lie in the nearest cache.
    private static let piece = 8 << 10
}
