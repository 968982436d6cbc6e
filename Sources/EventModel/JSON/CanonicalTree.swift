/// Makes a value of the members that it is given.
struct CanonicalTree: CanonicalMembers {
    private(set) var object: JSONObject

    init(_ unknownFields: JSONObject) {
        object = unknownFields
        object.reserveCapacity(unknownFields.count + 8)
    }

    mutating func member(_ key: String, _ value: JSONValue) { object[key] = value }
    mutating func member(_ key: String, _ text: String) { object[key] = .string(text) }
    mutating func nothing(_ key: String) { object[key] = nil }

    mutating func elements<Element: CanonicalElement>(_ key: String, _ elements: [Element]) {
        object[key] = .array(elements.map(\.canonicalValue))
    }

    mutating func elements<Element: CanonicalElement & Identifiable>(byID key: String, _ elements: [Element])
    where Element.ID == ElementID {
        object[key] = .object(
            JSONObject(elements.map { JSONObject.Member(key: $0.id.text, value: $0.canonicalValue) }))
    }
}
