import EventModel

/// One of the two sides that decide about an execution.
public enum Side: String, Sendable, CaseIterable, Hashable {
    /// The workflow: blocks that an engine runs.
    case workflow
    /// The journey: a conversation with a person.
    case journey

    /// The one that this is not.
    public var other: Side {
        switch self {
        case .workflow: .journey
        case .journey: .workflow
        }
    }
}

/// Where something was said: the event that said it last.
public struct Origin: Hashable, Sendable {
    /// Its place in the log.
    public let position: GlobalPosition
    /// Who did it, if the event names somebody.
    public let actor: String?

    /// An origin by its parts.
    public init(_ position: GlobalPosition, actor: String? = nil) {
        self.position = position
        self.actor = actor
    }
}

/// What one side says of one field.
public struct Claim: Equatable, Sendable {
    /// The field.
    public let path: FieldPath
    /// What it holds.
    public let value: FieldValue
    /// Where that was said.
    public let origin: Origin

    /// A claim by its parts.
    public init(_ path: FieldPath, _ value: FieldValue, _ origin: Origin) {
        self.path = path
        self.value = value
        self.origin = origin
    }
}

/// Everything that one side says of an execution, ordered by path, each path once.
public struct Claims: Equatable, Sendable {
    /// The claims, ordered by path.
    public private(set) var all: [Claim]

    /// Nothing.
    public init() { all = [] }

    /// These claims; of several about one field the one that was said last counts.
    public init(_ claims: some Sequence<Claim>) {
        var latest: [FieldPath: Claim] = [:]
        for claim in claims {
            guard let known = latest[claim.path], known.origin.position > claim.origin.position else {
                latest[claim.path] = claim
                continue
            }
        }
        all = latest.values.sorted { $0.path < $1.path }
    }

    /// What is said of a field.
    public subscript(_ path: FieldPath) -> Claim? {
        let place = place(of: path)
        return place < all.endIndex && all[place].path == path ? all[place] : nil
    }

    /// Says something else of a field from now on.
    public mutating func set(_ claim: Claim) {
        let place = place(of: claim.path)
        if place < all.endIndex, all[place].path == claim.path {
            all[place] = claim
        } else {
            all.insert(claim, at: place)
        }
    }

    /// Says nothing of a field any more.
    public mutating func remove(_ path: FieldPath) {
        let place = place(of: path)
        if place < all.endIndex, all[place].path == path { all.remove(at: place) }
    }

    private func place(of path: FieldPath) -> Int { all.place { $0.path < path } }
}
