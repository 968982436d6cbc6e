/// A reference inside a text of a workflow: `<block.path>`, `<variable.name>`, `<loop.index>`.
///
/// What counts as one is Sim's own rule: between `<` and the next `>` without another of either, no comparison, and behind the first dot
/// nothing but a path. So `a < b > c`, `<div>` and `{{SECRET}}` are none.
public struct SimReference: Equatable, Sendable {
    /// What stands before the first dot, as it is spelled.
    public let name: String
    /// What stands behind the first dot; `nil` when there is none.
    public let path: String?

    /// The name as Sim compares names.
    public var normalizedName: String { BlockName.normalized(name) }

    /// The reference as it is spelled.
    public var text: String { path.map { "<\(name).\($0)>" } ?? "<\(name)>" }

    /// The references in `text`, in their order. Linear in its length.
    public static func all(in text: String) -> [SimReference] {
        var references: [SimReference] = []
        var opening: String.UTF8View.Index?
        for index in text.utf8.indices {
            switch text.utf8[index] {
            case UInt8(ascii: "<"): opening = index
            case UInt8(ascii: ">"):
                if let start = opening, let found = SimReference(inside: text[text.utf8.index(after: start)..<index]) {
                    references.append(found)
                }
                opening = nil
            default: break
            }
        }
        return references
    }

    /// The reference that stands between two brackets.
    private init?(inside inner: Substring) {
        guard let first = inner.unicodeScalars.first, first != " " else { return nil }
        let dot = inner.utf8.firstIndex(of: UInt8(ascii: "."))
        let name = inner[..<(dot ?? inner.endIndex)]
        let path = dot.map { inner[inner.utf8.index(after: $0)...] }
        guard !name.isEmpty, !name.utf8.contains(where: Self.isOperator) else { return nil }
        if let path {
            guard !path.utf8.contains(UInt8(ascii: " ")), !path.utf8.contains(where: Self.isOperator) else {
                return nil
            }
        } else {
            guard !Self.looksLikeNumber(name) else { return nil }
        }
        self.name = String(name)
        self.path = path.map(String.init)
    }

    /// Whether a reference to nothing is likely to be meant as a reference: it has a path, and both are made of words.
    var isPlain: Bool {
        guard let path, !path.isEmpty, let first = name.unicodeScalars.first else { return false }
        let isName = name.unicodeScalars.allSatisfy { Self.isWord($0) || $0 == " " }
        let isPath = path.unicodeScalars.allSatisfy { Self.isWord($0) || ".[]\"'".unicodeScalars.contains($0) }
        return first.properties.isAlphabetic && isName && isPath
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-"
    }

    private static func isOperator(_ byte: UInt8) -> Bool { "+*/=<>!".utf8.contains(byte) }

    /// `12` is a number, and `a 1` a comparison without its sign.
    private static func looksLikeNumber(_ name: Substring) -> Bool {
        let isDigit: (UInt8) -> Bool = { $0 &- UInt8(ascii: "0") <= 9 }
        if name.utf8.allSatisfy(isDigit) { return true }
        return zip(name.utf8, name.utf8.dropFirst()).contains { $0 == UInt8(ascii: " ") && isDigit($1) }
    }
}

/// Names of blocks and variables as Sim compares them.
public enum BlockName {
    /// Names that references use for something else.
    public static let reserved: Set<String> = ["loop", "parallel", "variable"]

    /// Lower case, without any white space.
    public static func normalized(_ name: String) -> String {
        let lower = name.lowercased()
        guard lower.unicodeScalars.contains(where: \.properties.isWhitespace) else { return lower }
        return String(String.UnicodeScalarView(lower.unicodeScalars.filter { !$0.properties.isWhitespace }))
    }
}
