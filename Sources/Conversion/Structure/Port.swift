import EventModel
import WorkflowDomain

/// One way out of a block: the edges that are followed together.
struct Port {
    /// What the way is; spelled into the ids of transitions that have no edge.
    enum Kind: Equatable {
        /// On, after success or whatever the outcome.
        case success
        /// On, after a failure.
        case failure
        /// A row of a condition, or a route, by its place among the block's ports.
        case row(Int)
        /// None of the rows of a condition without else.
        case noRow
        /// A row, route or port that the block does not list, by its handle.
        case named(String)
        /// Into a container, for one more round.
        case start
        /// Out of a container, after the last round.
        case end
    }

    /// What the way is.
    let kind: Kind
    /// The row's edge handle and texts, for rows.
    let branch: Branch?
    /// The edges by their numbers, in their order.
    var edges = IndexList()
    /// The blocks that they enter, each once, in that order.
    var targets = IndexList()

    init(_ kind: Kind, branch: Branch? = nil) {
        self.kind = kind
        self.branch = branch
    }

    /// A word for it, unique among the ports of a block.
    var key: String {
        switch kind {
        case .success: "success"
        case .failure: "failure"
        case .row: "row:" + (branch?.id ?? "")
        case .noRow: "no-row"
        case .named(let handle): "handle:" + handle
        case .start: "start"
        case .end: "end"
        }
    }
}

extension Port {
    /// The ports of `block` before any edge is attached: those that it has whether or not an edge leaves by them.
    static func own(of block: Block) -> [Port] {
        if block.isContainer { return [Port(.start), Port(.end)] }
        let branches = block.branches
        guard !branches.isEmpty else { return [] }
        var ports: [Port] = []
        var seen: Set<ElementID> = []
        for branch in branches where seen.insert(ElementID(branch.id)).inserted {
            ports.append(Port(.row(ports.count), branch: branch))
        }
        let mayMatchNone = block.type == "condition" && !branches.contains(where: \.isElse)
        if mayMatchNone && !Overrides(of: block).isComplete { ports.append(Port(.noRow)) }
        return ports
    }

    /// Which port of `block` an edge leaves by.
    static func kind(
        of handle: Handle, spelled: String?, to target: ElementID, from block: BlockTraits, rows: [ElementID: Int]
    ) -> Kind {
        switch handle {
        case .always, .success:
            if block.isContainer { return .end }
            return block.isRouter ? .named("router-" + target.text) : .success
        case .failure: return .failure
        case .condition(let id):
            guard block.isCondition, let row = rows[ElementID(id)] else { return .named("condition-" + id) }
            return .row(row)
        case .route(let id):
            guard block.hasRoutes, let row = rows[ElementID(id)] else { return .named("router-" + id) }
            return .row(row)
        case .containerStart: return block.isContainer ? .start : .named(spelled ?? "")
        case .containerEnd: return block.isContainer ? .end : .named(spelled ?? "")
        case .other(let text): return .named(text)
        }
    }
}

extension Port.Kind {
    var isRow: Bool { if case .row = self { true } else { false } }
    var isSuccess: Bool { if case .success = self { true } else { false } }
    var isFailure: Bool { if case .failure = self { true } else { false } }
    var isStart: Bool { if case .start = self { true } else { false } }
    var isEnd: Bool { if case .end = self { true } else { false } }

    /// Whether both are the same way; handles are compared byte by byte, as they are in ``Port/key``.
    func isSame(as other: Self) -> Bool {
        switch (self, other) {
        case (.named(let handle), .named(let other)): JSONKeyOrder.areSame(handle, other)
        case (.named, _), (_, .named): false
        default: self == other
        }
    }
}

extension Branch {
    /// Whether it is taken when no other is.
    var isElse: Bool { title == "else" || (expression.isEmpty && (id == "else" || id.hasSuffix("-else"))) }
}
