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
    var edges: [Int] = []
    /// The blocks that they enter, each once, in that order.
    var targets: [Int] = []

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
    static func kind(of edge: Edge, from block: Block, rows: [ElementID: Int]) -> Kind {
        switch edge.handle {
        case .always, .success:
            if block.isContainer { return .end }
            return block.type == "router" ? .named("router-" + edge.target.text) : .success
        case .failure: return .failure
        case .condition(let id):
            guard block.type == "condition", let row = rows[ElementID(id)] else { return .named("condition-" + id) }
            return .row(row)
        case .route(let id):
            guard block.type == "router_v2", let row = rows[ElementID(id)] else { return .named("router-" + id) }
            return .row(row)
        case .containerStart: return block.isContainer ? .start : .named(edge.sourceHandle ?? "")
        case .containerEnd: return block.isContainer ? .end : .named(edge.sourceHandle ?? "")
        case .other(let text): return .named(text)
        }
    }
}

extension Branch {
    /// Whether it is taken when no other is.
    var isElse: Bool { title == "else" || (expression.isEmpty && (id == "else" || id.hasSuffix("-else"))) }
}
