import Conversion
import EventModel
import JourneyDomain
import WorkflowDomain

/// The decisions of one run: which way was taken where, and how often. The order is left out, because blocks that run side by side decide
/// in any order.
typealias Decisions = [String: Int]

/// All runs of a workflow, by what its blocks and edges mean to Sim; it shares nothing with the conversion.
struct WorkflowRuns {
    private struct TooMany: Error {}

    private let blocks: [ElementID: Block]
    private let outgoing: [ElementID: [Edge]]
    private let entered: Set<ElementID>
    private let order: [ElementID]
    private let limit: Int

    /// The decisions of every run that repeats each container at most once.
    /// - Returns: `nil` when there are more than `limit`, or a circle.
    static func all(of workflow: WorkflowDefinition, limit: Int) -> Set<Decisions>? {
        guard let order = WorkflowPorts(workflow).order else { return nil }
        let runs = WorkflowRuns(workflow, order: order, limit: limit)
        return try? runs.beginnings.reduce(into: []) { $0.formUnion(try runs.context(nil, entries: [$1])) }
    }

    /// Where a run begins: at one of the triggers, or, in what nothing triggers, at one of the blocks that nothing leads to.
    private var beginnings: [ElementID] {
        let top = order.filter {
            blocks[$0]?.parentID == nil && blocks[$0]?.isNote == false && blocks[$0]?.isEnabled == true
        }
        let triggers = top.filter { blocks[$0]?.isTrigger == true }
        return triggers.isEmpty ? top.filter { !entered.contains($0) } : triggers
    }

    private init(_ workflow: WorkflowDefinition, order: [ElementID], limit: Int) {
        blocks = Dictionary(workflow.blocks.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        // Sim makes no node of a block that is switched off, and an edge only between nodes.
        let on = Set(workflow.blocks.filter { $0.isEnabled && !$0.isNote }.map(\.id))
        let edges = workflow.edges.filter { on.contains($0.source) && on.contains($0.target) }
        outgoing = Dictionary(grouping: edges, by: \.source)
        entered = Set(workflow.edges.map(\.target))
        self.order = order
        self.limit = limit
    }

    /// The runs of the blocks inside one container.
    private func context(_ parent: ElementID?, entries: [ElementID]) throws -> [Decisions] {
        let members = order.filter { blocks[$0]?.parentID == parent && blocks[$0]?.isNote == false }
        var runs: [(active: Set<ElementID>, decisions: Decisions)] = [(Set(entries), [:])]
        for member in members {
            var next: [(active: Set<ElementID>, decisions: Decisions)] = []
            for run in runs {
                guard run.active.contains(member) else {
                    next.append(run)
                    continue
                }
                for (targets, decisions) in try outcomes(of: member) {
                    next.append((run.active.union(targets), run.decisions.merging(decisions, uniquingKeysWith: +)))
                }
            }
            guard next.count <= limit else { throw TooMany() }
            runs = next
        }
        return runs.map(\.decisions)
    }

    /// What one execution of a block can do: which blocks it activates, and what was decided.
    private func outcomes(of id: ElementID) throws -> [(targets: [ElementID], decisions: Decisions)] {
        guard let block = blocks[id] else { return [] }
        let edges = outgoing[id] ?? []
        if block.isContainer { return try repetitions(of: block, edges) }
        let ways = Self.ways(of: block, edges)
        return ways.map { way, targets in (targets, ways.count > 1 ? ["\(id.text) \(way)": 1] : [:]) }
    }

    private func repetitions(
        of block: Block, _ edges: [Edge]
    ) throws -> [(targets: [ElementID], decisions: Decisions)] {
        let onwards = edges.filter { blocks[$0.target]?.parentID == block.parentID }.map(\.target)
        var entries = edges.filter { blocks[$0.target]?.parentID == block.id }.map(\.target)
        if entries.isEmpty {
            let entered = Set(outgoing.values.joined().map(\.target))
            entries = order.filter {
                blocks[$0]?.parentID == block.id && !entered.contains($0) && blocks[$0]?.isNote == false
                    && blocks[$0]?.isEnabled == true
            }
        }
        guard !entries.isEmpty else { return [(onwards, [:])] }
        let over: Decisions = ["\(block.id.text) end": 1]
        let rounds = try context(block.id, entries: entries)
        return [(onwards, over)]
            + rounds.map { round in
                let all = round.merging(over, uniquingKeysWith: +)
                return (onwards, all.merging(["\(block.id.text) start": 1], uniquingKeysWith: +))
            }
    }

    /// The ways out of a block by name, each with the blocks that it activates.
    private static func ways(of block: Block, _ edges: [Edge]) -> [(String, [ElementID])] {
        func targets(_ matches: (Handle) -> Bool) -> [ElementID] { edges.filter { matches($0.handle) }.map(\.target) }
        let rows = block.branches
        let named = Self.named(edges, besides: rows)
        if !rows.isEmpty {
            var ways = rows.map { row in
                ("row:" + row.id, edges.filter { $0.sourceHandle == row.sourceHandle }.map(\.target))
            }
            if block.type == "condition" && !rows.contains(where: { $0.title == "else" }) {
                ways.append(("no-row", []))
            }
            return ways + named
        }
        if block.type == "router" && edges.contains(where: { $0.handle == .success || $0.handle == .always }) {
            return Set(edges.map(\.target)).map { ("handle:router-" + $0.text, [$0]) }
        }
        let always = targets { $0 == .always }
        let fails = edges.contains { $0.handle == .failure }
        let success = ("success", targets { $0 == .success } + always)
        let failure = ("failure", targets { $0 == .failure } + always)
        let succeeds = named.isEmpty || !success.1.isEmpty
        return (succeeds ? [success] : []) + (fails ? [failure] : []) + named
    }

    /// The choices that only edges tell of: rows that cannot be read, as in files from before there were rows.
    private static func named(_ edges: [Edge], besides rows: [Branch]) -> [(String, [ElementID])] {
        let known = Set(rows.map(\.sourceHandle) + ["source", "error"])
        let handles = Set(edges.compactMap(\.sourceHandle).filter { !known.contains($0) })
        return handles.map { handle in ("handle:" + handle, edges.filter { $0.sourceHandle == handle }.map(\.target)) }
    }
}

/// All walks through a journey.
struct JourneyWalks {
    private struct TooMany: Error {}

    private let ways: [ElementID: [JourneyTransition]]
    private let limit: Int
    private var found: Set<Decisions> = []
    private var steps = 0

    /// The decisions of every walk from the root to the end that repeats each container at most once. Questions whether
    /// something is due are no decisions of the workflow's.
    /// - Returns: `nil` when the walks take too many steps.
    static func all(of journey: JourneyDefinition, limit: Int) -> Set<Decisions>? {
        var walks = JourneyWalks(ways: Dictionary(grouping: journey.transitions, by: \.source), limit: limit)
        do { try walks.walk(journey.root, [:], rounds: [:]) } catch { return nil }
        return walks.found
    }

    private init(ways: [ElementID: [JourneyTransition]], limit: Int) {
        self.ways = ways
        self.limit = limit
    }

    private mutating func walk(_ state: ElementID, _ decisions: Decisions, rounds: [String: Int]) throws {
        steps += 1
        guard steps <= limit else { throw TooMany() }
        guard state != JourneyState.end else {
            found.insert(decisions)
            return
        }
        let ways = self.ways[state] ?? []
        for way in ways {
            var decisions = decisions
            var rounds = rounds
            if ways.count > 1, let block = way.metadata["sim"]?["block"]?.string,
                let port = way.metadata["sim"]?["port"]?.string
            {
                if port == "start" { rounds[block, default: 0] += 1 }
                if port == "end" { rounds[block] = 0 }
                guard rounds[block, default: 0] <= 1 else { continue }
                decisions["\(block) \(port)", default: 0] += 1
            }
            try walk(way.target, decisions, rounds: rounds)
        }
    }
}
