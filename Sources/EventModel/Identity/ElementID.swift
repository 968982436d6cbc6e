/// The id of an element of a definition (block, edge, variable, container, state, transition), exactly as its file spells it.
///
/// Equality and order are those of JSON keys: two ids that Swift's `String` calls equal because they differ in Unicode
/// normal form only are two ids here, as they are in Sim and Parlant.
public struct ElementID: Hashable, Comparable, Sendable {
    /// The id.
    public let text: String

    /// The id `text`.
    public init(_ text: String) { self.text = text }

    /// Equal when the bytes are.
    public static func == (left: ElementID, right: ElementID) -> Bool { JSONKeyOrder.areSame(left.text, right.text) }

    /// The order of the canonical form.
    public static func < (left: ElementID, right: ElementID) -> Bool { JSONKeyOrder.precedes(left.text, right.text) }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

extension ElementID: ExpressibleByStringLiteral, CustomStringConvertible {
    /// The id spelled by a literal.
    public init(stringLiteral value: String) { text = value }
    /// The id.
    public var description: String { text }
}
