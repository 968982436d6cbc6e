import EventModel
import WorkflowDomain

/// What starts a workflow, and what can be reached from there.
enum StartRules {
    /// Starts of which Sim takes one in a workflow.
    private static let single: Set<String> = [
        "starter", "start_trigger", "chat_trigger", "api_trigger", "input_trigger", "manual_trigger",
    ]

    static func check(_ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        let starts = graph.blocks.indices.filter { graph.blocks[$0].isTrigger && graph.blocks[$0].isEnabled }
        guard !starts.isEmpty else {
            if !graph.blocks.isEmpty { findings.append(missing) }
            return
        }
        checkSeveral(starts, graph, &findings)
        checkReached(starts, graph, &findings)
    }

    private static let missing = Finding(
        .workflowMissingStart, .warning, at: .root["blocks"], "no enabled block starts the workflow",
        cure: "add a start block, or switch one on")

    private static func checkSeveral(_ starts: [Int], _ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        var seen: Set<String> = []
        let repeats = starts.filter { start in
            let type = graph.blocks[start].type
            // The old start block stands for the new one.
            return single.contains(type) && !seen.insert(type == "starter" ? "start_trigger" : type).inserted
        }
        for start in repeats {
            findings.append(
                Finding(
                    .workflowSeveralStarts, .warning, at: graph.place(start),
                    "\(graph.name(start)) is another \(graph.blocks[start].type.quoted); Sim takes one of them",
                    cure: "keep one, or switch the others off"))
        }
        guard repeats.isEmpty, starts.count > 1 else { return }
        findings.append(
            Finding(
                .workflowSeveralStarts, .remark, at: .root["blocks"],
                "\(starts.count) blocks start the workflow; each execution begins at one of them", cure: ""))
    }

    private static func checkReached(_ starts: [Int], _ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        let reached = Reachability.reached(from: starts, ways(graph))
        for block in graph.blocks.indices
        where !reached[block] && graph.blocks[block].isEnabled && !graph.blocks[block].isNote {
            findings.append(
                Finding(
                    .workflowUnreachableBlock, .warning, at: graph.place(block),
                    "no way leads to \(graph.name(block)) from a block that starts the workflow",
                    cure: "connect it, switch it off, or remove it"))
        }
    }

    /// The edges, and where a container has no edge to its first block, the ways to the members that nothing inside leads to: that is where
    /// Sim begins. No execution passes through a note or a block that is switched off: Sim makes no node of it, and no edge that touches it.
    private static func ways(_ graph: JudgedWorkflow) -> [[Int]] {
        let isPassed = graph.blocks.map { $0.isEnabled && !$0.isNote }
        var ways = graph.following.enumerated().map { source, targets in
            isPassed[source] ? targets.filter { isPassed[$0] } : []
        }
        var isFollowing = Array(repeating: false, count: ways.count)
        for link in graph.links {
            guard let source = link.source, let target = link.target, source != target, isPassed[source] else {
                continue
            }
            if graph.parents[source] == graph.parents[target] { isFollowing[target] = true }
        }
        for block in graph.blocks.indices where graph.blocks[block].isContainer && isPassed[block] {
            let isStarted = graph.outgoing[block].contains { number in
                let link = graph.links[number]
                return link.edge.handle == .containerStart && (link.target.map { isPassed[$0] } ?? true)
            }
            if !isStarted { ways[block] += graph.children[block].filter { !isFollowing[$0] && isPassed[$0] } }
        }
        return ways
    }
}
