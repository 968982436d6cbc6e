/// A place inside a JSON value, for messages: `$.state.edges[3].target`.
public struct JSONPath: Sendable, Hashable {
    /// One step down.
    public enum Step: Sendable, Hashable {
        /// To the member with this key.
        case key(String)
        /// To the element at this index, counted from 0.
        case index(Int)
    }

    /// The steps from the top.
    public let steps: [Step]

    /// The value itself.
    public static let root = JSONPath([])

    /// The place reached by `steps`.
    public init(_ steps: [Step]) { self.steps = steps }

    /// The member `key` of the value at this place.
    public subscript(_ key: String) -> JSONPath { JSONPath(steps + [.key(key)]) }

    /// The element at `index` of the value at this place.
    public subscript(_ index: Int) -> JSONPath { JSONPath(steps + [.index(index)]) }
}

extension JSONPath: CustomStringConvertible {
    /// `$`, then `.key` for plain names, `["any key"]` for others and `[3]` for elements.
    public var description: String {
        steps.reduce(into: "$") { text, step in
            switch step {
            case .index(let index): text += "[\(index)]"
            case .key(let key) where Self.isPlain(key): text += ".\(key)"
            case .key(let key):
                text += "[\(String(decoding: JSONValue.string(key).compactBytes(), as: UTF8.self))]"
            }
        }
    }

    private static func isPlain(_ key: String) -> Bool {
        let plain = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                JSONByte.zero...JSONByte.nine,
                UInt8(ascii: "_"), JSONByte.minus:
                true
            default: false
            }
        }
        return plain && !key.isEmpty
    }
}

extension JSONValue {
    /// The value at `path`, if there is one.
    public subscript(_ path: JSONPath) -> JSONValue? {
        path.steps.reduce(self as JSONValue?) { value, step in
            switch step {
            case .key(let key): value?[key]
            case .index(let index): value?[index]
            }
        }
    }
}
