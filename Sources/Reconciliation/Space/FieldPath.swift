import EventModel

/// One thing about an execution that both of its sides may know: an address in the space that they have in common.
///
/// The first segment is one of ``Root``; what follows names a block, a variable, a member of a value. Written with `/` between the segments, and
/// `~1` for a `/` inside of one, `~0` for a `~`, as in RFC 6901.
public struct FieldPath: Hashable, Sendable {
    /// What the fields of an execution are about.
    public enum Root: String, Sendable, CaseIterable {
        /// How the execution stands: one field.
        case status
        /// How far a block has come: `steps/<block>`.
        case steps
        /// A variable of the workflow, which is a key of the conversation's context: `variables/<name>/…`.
        case variables
        /// What a block was given by a person: `inputs/<block>/…`.
        case inputs
        /// What a block has answered: `outputs/<block>/…`.
        case outputs
        /// What has ended the execution: `error/…`.
        case error

        /// How many names address one field; what follows them is a member of its value.
        public var arity: Int {
            switch self {
            case .status, .error: 0
            case .steps, .variables, .inputs, .outputs: 1
            }
        }
    }

    /// What it is about.
    public let root: Root
    /// What follows the root.
    public let names: [ElementID]

    /// A path by its parts.
    public init(_ root: Root, _ names: [ElementID] = []) {
        self.root = root
        self.names = names
    }

    /// How the execution stands.
    public static let status = FieldPath(.status)

    /// How far a block has come.
    public static func step(_ block: ElementID) -> FieldPath { FieldPath(.steps, [block]) }

    /// The field that this is, or is a member of.
    public var field: FieldPath { FieldPath(root, Array(names.prefix(root.arity))) }

    /// The way from the field to its member; empty for the field itself.
    public var members: ArraySlice<ElementID> { names.dropFirst(root.arity) }

    /// A member of the value at this path.
    public func appending(_ name: String) -> FieldPath { FieldPath(root, names + [ElementID(name)]) }
}

extension FieldPath: Comparable {
    /// By the order of the roots, then name by name; a path before what is inside of it.
    public static func < (left: FieldPath, right: FieldPath) -> Bool { order(left, right) < 0 }

    /// Less than 0 when the left one comes first, 0 when they are the same, else more: one look where `==` and `<` would be two.
    static func order(_ left: FieldPath, _ right: FieldPath) -> Int {
        let byRoot = left.root.rank - right.root.rank
        guard byRoot == 0 else { return byRoot }
        return left.names.withUnsafeBufferPointer { left in
            right.names.withUnsafeBufferPointer { right in
                // Paths that were handed on are not spelled out again.
                guard left.baseAddress != right.baseAddress || left.count != right.count else { return 0 }
                for place in 0..<Swift.min(left.count, right.count) where left[place] != right[place] {
                    return left[place] < right[place] ? -1 : 1
                }
                return left.count - right.count
            }
        }
    }
}

extension FieldPath.Root {
    /// Its place in the order.
    var rank: Int {
        switch self {
        case .status: 0
        case .steps: 1
        case .variables: 2
        case .inputs: 3
        case .outputs: 4
        case .error: 5
        }
    }
}

extension FieldPath: CustomStringConvertible {
    /// `variables/customer/address`.
    public var description: String {
        ([root.rawValue] + names.map { Self.escaped($0.text) }).joined(separator: "/")
    }

    /// Reads what ``description`` writes.
    public init(_ text: String) throws(FieldPathFlaw) {
        let segments = Self.segments(of: text)
        guard let root = Root(rawValue: segments[0]) else { throw .unknownRoot(segments[0]) }
        var names: [ElementID] = []
        for segment in segments.dropFirst() { names.append(ElementID(try Self.unescaped(segment, in: text))) }
        self.init(root, names)
    }

    /// What stands between the slashes, at least one text. A slash ends a segment also where the name behind it begins with a mark that would be drawn over it.
    static func segments(of text: String) -> [String] {
        text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    }

    static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        var text = ""
        for character in name.unicodeScalars {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }

    static func unescaped(_ segment: String, in text: String) throws(FieldPathFlaw) -> String {
        guard segment.utf8.contains(UInt8(ascii: "~")) else { return segment }
        var name = ""
        var rest = segment.unicodeScalars[...]
        while let character = rest.popFirst() {
            guard character == "~" else {
                name.unicodeScalars.append(character)
                continue
            }
            switch rest.popFirst() {
            case "0": name += "~"
            case "1": name += "/"
            default: throw .badEscape(text)
            }
        }
        return name
    }
}

/// Why a text is no path of a field.
public enum FieldPathFlaw: Error, Sendable, Hashable {
    /// It begins with something else than one of ``FieldPath/Root``.
    case unknownRoot(String)
    /// A `~` that neither `0` nor `1` follows.
    case badEscape(String)
}

extension FieldPathFlaw: CustomStringConvertible {
    /// One sentence: what is wrong, and what is allowed.
    public var description: String {
        switch self {
        case .unknownRoot(let root):
            "\"\(root)\" is nothing that an execution has: begin a path with "
                + FieldPath.Root.allCases.map(\.rawValue).joined(separator: ", ")
        case .badEscape(let path): "\"\(path)\" holds a ~ that is neither ~0, which is a ~, nor ~1, which is a /"
        }
    }
}
