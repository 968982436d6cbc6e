import EventModel
import WorkflowDomain

/// A workflow made ready to be run: for the whole and for each container, which blocks follow which.
struct WorkflowGraph: Sendable {
    /// Blocks that run together: those of the workflow that are in no container, or those of one container.
    struct Scope: Sendable {
        /// The blocks that begin.
        var starts: [ElementID] = []
        /// The edges by the block they leave; those that lead back, or into nothing, are left out.
        var edges: [ElementID: [Edge]] = [:]
        /// How many edges enter a block.
        var entrances: [ElementID: Int] = [:]
    }

    let id: String
    /// The definition's digest.
    let digest: ContentDigest
    let blocks: [ElementID: Block]
    let containers: [ElementID: Container]
    /// The scopes by container; the workflow's own under `nil`.
    let scopes: [ElementID?: Scope]
    private let failureEdges: Set<ElementID>

    init(id: String, _ definition: WorkflowDefinition) {
        self.id = id
        digest = definition.digest
        let active = definition.blocks.filter { !$0.isNote && $0.isEnabled }
        blocks = Dictionary(active.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        containers = Dictionary(
            (definition.loops + definition.parallels).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        failureEdges = Set(definition.edges.filter { $0.handle == .failure }.map(\.source))
        var scopes: [ElementID?: Scope] = [:]
        for (parent, members) in Dictionary(grouping: active, by: \.parentID) {
            scopes[parent] = Self.scope(of: members, in: parent, definition.edges)
        }
        self.scopes = scopes
    }

    /// Whether somebody deals with the failure of `block`.
    func handlesFailure(of block: ElementID) -> Bool { failureEdges.contains(block) }

    private static func scope(of members: [Block], in parent: ElementID?, _ edges: [Edge]) -> Scope {
        let ids = Set(members.map(\.id))
        let inside = edges.filter { ids.contains($0.source) && ids.contains($0.target) && $0.handle != .containerStart }
        let entered = Set(inside.map(\.target))
        let first = edges.filter { $0.source == parent && $0.handle == .containerStart && ids.contains($0.target) }
        let triggers = members.filter { parent == nil && $0.isTrigger && !entered.contains($0.id) }
        let starts: [ElementID] =
            if let trigger = triggers.first(where: { $0.type == "start_trigger" || $0.type == "starter" })
                ?? triggers.first
            {
                [trigger.id]
            } else if !first.isEmpty {
                first.map(\.target)
            } else {
                members.map(\.id).filter { !entered.contains($0) }
            }
        return walk(from: starts, Dictionary(grouping: inside, by: \.source))
    }

    /// What can be reached, without the edges that lead back to where the walk is.
    private static func walk(from starts: [ElementID], _ edges: [ElementID: [Edge]]) -> Scope {
        var scope = Scope(starts: starts)
        var done: Set<ElementID> = []
        var onPath: Set<ElementID> = []
        for start in starts where !done.contains(start) {
            var path: [(id: ElementID, next: Int)] = [(start, 0)]
            onPath.insert(start)
            while let (id, next) = path.last {
                let out = edges[id] ?? []
                guard next < out.count else {
                    path.removeLast()
                    onPath.remove(id)
                    done.insert(id)
                    continue
                }
                path[path.count - 1].next += 1
                let edge = out[next]
                guard !onPath.contains(edge.target) else { continue }
                scope.edges[id, default: []].append(edge)
                scope.entrances[edge.target, default: 0] += 1
                if !done.contains(edge.target) {
                    onPath.insert(edge.target)
                    path.append((edge.target, 0))
                }
            }
        }
        return scope
    }
}
