import EventModel

/// Which fields a rule is about: a path in which `*` stands for any one name, and `**` at the end for any number of them, none included.
public struct PathPattern: Hashable, Sendable {
    /// One segment.
    enum Segment: Hashable, Sendable {
        case name(ElementID)
        case any
    }

    /// `nil` for every root: the pattern `**`.
    let root: FieldPath.Root?
    let segments: [Segment]
    /// Whether what is inside is meant as well.
    let isOpen: Bool

    /// Every field.
    public static let everything = PathPattern(root: nil, segments: [], isOpen: true)

    /// The fields of a root, without what is inside of them: `status`, `steps/*`.
    public static func fields(of root: FieldPath.Root) -> PathPattern {
        PathPattern(root: root, segments: Array(repeating: .any, count: root.arity), isOpen: false)
    }

    /// The fields of a root with everything in their data: `variables/*/**`.
    public static func data(of root: FieldPath.Root) -> PathPattern {
        PathPattern(root: root, segments: Array(repeating: .any, count: root.arity), isOpen: true)
    }

    private init(root: FieldPath.Root?, segments: [Segment], isOpen: Bool) {
        self.root = root
        self.segments = segments
        self.isOpen = isOpen
    }

    /// Whether a field, or a member of its data, is meant.
    public func matches(_ path: FieldPath) -> Bool {
        guard let root else { return true }
        guard path.root == root, isOpen ? path.names.count >= segments.count : path.names.count == segments.count else {
            return false
        }
        for place in segments.indices {
            guard case .name(let name) = segments[place] else { continue }
            guard name == path.names[place] else { return false }
        }
        return true
    }

    /// Whether everything that the other one means is meant by this one.
    public func covers(_ other: PathPattern) -> Bool {
        guard let root else { return true }
        let (ours, theirs) = (effective, other.effective)
        guard root == other.root, isOpen || (!other.isOpen && ours.count == theirs.count), theirs.count >= ours.count
        else { return false }
        return zip(ours, theirs).allSatisfy { $0 == .any || $0 == $1 }
    }

    /// Whether both mean some field.
    public func overlaps(_ other: PathPattern) -> Bool {
        guard let root, let otherRoot = other.root else { return true }
        let (ours, theirs) = (effective, other.effective)
        guard root == otherRoot, isOpen || ours.count >= theirs.count, other.isOpen || theirs.count >= ours.count
        else { return false }
        return zip(ours, theirs).allSatisfy { $0 == .any || $1 == .any || $0 == $1 }
    }

    /// The segments that every field has which is meant: `variables/**` means no field without a name.
    private var effective: [Segment] {
        segments + Array(repeating: .any, count: Swift.max(0, (root?.arity ?? 0) - segments.count))
    }

    /// This pattern within a root; `nil` when it means none of its fields.
    func within(_ other: FieldPath.Root) -> PathPattern? { root == nil ? .data(of: other) : root == other ? self : nil }

    /// Whether a field can be like that: names of blocks and variables are there, and words have nothing inside.
    private var meansSomething: Bool {
        guard let root else { return true }
        let hasMembers = root != .status && root != .steps
        return (isOpen || segments.count >= root.arity) && (hasMembers || segments.count <= root.arity)
    }
}

extension PathPattern: CustomStringConvertible {
    /// As it is written.
    public var description: String {
        guard let root else { return "**" }
        let names = segments.map { segment in
            switch segment {
            case .any: "*"
            case .name(let name): FieldPath.escaped(name.text)
            }
        }
        return ([root.rawValue] + names + (isOpen ? ["**"] : [])).joined(separator: "/")
    }

    /// Reads what ``description`` writes.
    public init(_ text: String) throws(PathPatternFlaw) {
        guard text != "**" else {
            self = .everything
            return
        }
        var parts = FieldPath.segments(of: text)
        guard let root = FieldPath.Root(rawValue: parts[0]) else { throw .path(.unknownRoot(parts[0])) }
        parts.removeFirst()
        let isOpen = parts.last == "**"
        if isOpen { parts.removeLast() }
        var segments: [Segment] = []
        for part in parts {
            guard part != "**" else { throw .openInside(text) }
            do throws(FieldPathFlaw) {
                segments.append(part == "*" ? .any : .name(ElementID(try FieldPath.unescaped(part, in: text))))
            } catch {
                throw .path(error)
            }
        }
        self.init(root: root, segments: segments, isOpen: isOpen)
        guard meansSomething else { throw .meansNothing(text) }
    }
}

/// Why a text is no pattern.
public enum PathPatternFlaw: Error, Sendable, Hashable {
    /// It is no path either.
    case path(FieldPathFlaw)
    /// `**` stands elsewhere than at the end.
    case openInside(String)
    /// No field is like that.
    case meansNothing(String)
}

extension PathPatternFlaw: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .path(let flaw): flaw.description
        case .openInside(let pattern): "\"\(pattern)\" has ** in the middle: it may only be the last segment"
        case .meansNothing(let pattern):
            "\"\(pattern)\" means no field: write status, error, steps/<block>, variables/<name>, inputs/<block> or outputs/<block>, with * for any"
        }
    }
}
