import EventModel

/// The structural difference between two revisions, by id.
public struct WorkflowDifference: Equatable, Sendable {
    /// The differences among elements of one kind, each list ordered by id.
    public struct Elements: Equatable, Sendable {
        /// Ids that are new.
        public let added: [ElementID]
        /// Ids that are gone.
        public let removed: [ElementID]
        /// Ids whose element differs in anything.
        public let changed: [ElementID]

        /// The lists as given.
        public init(added: [ElementID] = [], removed: [ElementID] = [], changed: [ElementID] = []) {
            self.added = added
            self.removed = removed
            self.changed = changed
        }

        /// Whether nothing differs.
        public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }
    }

    /// Blocks.
    public let blocks: Elements
    /// Edges.
    public let edges: Elements
    /// Loops and parallels.
    public let containers: Elements
    /// Variables.
    public let variables: Elements
    /// Whether name, description, other metadata or unknown fields of the state differ, volatile ones aside.
    public let metadata: Bool
    /// Whether ids were left out to stay within ``WorkflowLimits/changeBytes``.
    public let isTruncated: Bool

    /// A difference as given.
    public init(
        blocks: Elements, edges: Elements, containers: Elements, variables: Elements, metadata: Bool,
        isTruncated: Bool = false
    ) {
        self.blocks = blocks
        self.edges = edges
        self.containers = containers
        self.variables = variables
        self.metadata = metadata
        self.isTruncated = isTruncated
    }

    /// What is different in `new`; the lists are cut, in the order of the fields, when they would grow beyond
    /// ``WorkflowLimits/changeBytes``.
    public init(from old: WorkflowDefinition, to new: WorkflowDefinition) {
        var budget = IDBudget(bytes: WorkflowLimits.changeBytes)
        func compare<Element>(
            _ old: [Element], _ new: [Element], _ id: (Element) -> ElementID, _ value: (Element) -> JSONValue
        ) -> Elements {
            let before = old.map { (id($0), value($0)) }
            let after = new.map { (id($0), value($0)) }
            return budget.cut(Self.compare(before, after))
        }
        blocks = compare(old.blocks, new.blocks, \.id, \.canonicalValue)
        edges = compare(old.edges, new.edges, \.id, \.canonicalValue)
        containers = compare(
            old.loops + old.parallels, new.loops + new.parallels, \.id, \.canonicalValue)
        variables = compare(old.variables, new.variables, \.id, \.canonicalValue)
        let volatile = WorkflowDefinition.volatileFields
        metadata =
            old.metadata.removing(volatile) != new.metadata.removing(volatile)
            || old.extra.removing(volatile) != new.extra.removing(volatile)
        isTruncated = budget.isExceeded
    }

    private static func compare(_ old: [(ElementID, JSONValue)], _ new: [(ElementID, JSONValue)]) -> Elements {
        let before = Dictionary(old, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(new, uniquingKeysWith: { first, _ in first })
        return Elements(
            added: after.keys.filter { before[$0] == nil }.sorted(),
            removed: before.keys.filter { after[$0] == nil }.sorted(),
            changed: after.filter { id, value in before[id].map { $0 != value } ?? false }.map(\.key).sorted())
    }
}

/// Lets ids pass until their bytes are used up.
private struct IDBudget {
    private var bytes: Int
    private(set) var isExceeded = false

    init(bytes: Int) { self.bytes = bytes }

    mutating func cut(_ elements: WorkflowDifference.Elements) -> WorkflowDifference.Elements {
        WorkflowDifference.Elements(
            added: cut(elements.added), removed: cut(elements.removed), changed: cut(elements.changed))
    }

    private mutating func cut(_ ids: [ElementID]) -> [ElementID] {
        for (index, id) in ids.enumerated() {
            bytes -= JSONValue.string(id.text).compactBytes().count + 1
            guard bytes >= 0 else {
                isExceeded = true
                return Array(ids[..<index])
            }
        }
        return ids
    }
}
