/// A JSON value that loses nothing: members keep their order, numbers keep their spelling, strings their exact scalars.
///
/// Equality is exact in the same sense: two strings are equal when their bytes are (Swift's `String` would also call
/// different normal forms equal, which in JSON are different keys), two numbers when they are spelled alike, two objects
/// when they have the same members in the same order. Compare ``canonicalBytes()`` for equality of meaning.
public enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number as it was spelled.
    case number(JSONNumber)
    /// A string, escapes resolved.
    case string(String)
    /// The elements of an array, in order.
    case array([JSONValue])
    /// The members of an object, in order.
    case object(JSONObject)
}

extension JSONValue: Equatable {
    /// Exact equality; see the type.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): JSONKeyOrder.areSame(left, right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }
}

extension JSONValue {
    /// The member `key`, if this is an object that has it.
    public subscript(_ key: String) -> JSONValue? { object?[key] }

    /// The element at `index`, if this is an array that long.
    public subscript(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The string, if this is one.
    public var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    /// The truth value, if this is one.
    public var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    /// The number, if this is one.
    public var number: JSONNumber? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    /// The whole number, if this is a number without a fraction that fits.
    public var int: Int? { number?.int }

    /// The elements, if this is an array.
    public var array: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The object, if this is one.
    public var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// What kind of value this is, in JSON's words: `null`, `boolean`, `number`, `string`, `array` or `object`.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

// Not by `nil`: where an optional value is expected, `nil` must keep meaning "none".
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object with the members in the order written; of a key written twice the last value is kept.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
}
