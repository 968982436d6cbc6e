import EventModel
import WorkflowDomain

/// Edges that lead in a circle.
enum CircleRules {
    static func check(_ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        let circles = StrongComponents.circles(graph.following)
        let loops = circles.isEmpty ? [:] : loops(graph)
        for circle in circles {
            guard let first = circle.first else { continue }
            let names = circle.prefix(5).map { graph.name($0) }.joined(separator: ", ")
            let more = circle.count > 5 ? " and \(circle.count - 5) more" : ""
            if isInsideLoop(circle, graph, loops) {
                findings.append(
                    Finding(
                        .workflowCycleInsideLoop, .warning, at: graph.place(first),
                        "edges lead in a circle inside of a loop: \(names)\(more)",
                        cure: "let the loop repeat its blocks, and end the way at its last one"))
            } else {
                findings.append(
                    Finding(
                        .workflowCycle, .error, at: graph.place(first), "edges lead in a circle: \(names)\(more)",
                        cure: "remove an edge, or put the blocks into a loop"))
            }
        }
    }

    /// Whether one loop holds the whole circle, by the blocks' word or by its own.
    private static func isInsideLoop(_ circle: [Int], _ graph: JudgedWorkflow, _ loops: [ElementID: Set<Int>]) -> Bool {
        if let parent = graph.parents[circle[0]], graph.blocks[parent].type == "loop",
            circle.allSatisfy({ graph.parents[$0] == parent })
        {
            return true
        }
        var holders = loops[graph.blocks[circle[0]].id] ?? []
        for block in circle.dropFirst() where !holders.isEmpty {
            holders.formIntersection(loops[graph.blocks[block].id] ?? [])
        }
        return !holders.isEmpty
    }

    /// The loops that list each block.
    private static func loops(_ graph: JudgedWorkflow) -> [ElementID: Set<Int>] {
        var loops: [ElementID: Set<Int>] = [:]
        for (number, loop) in graph.workflow.loops.enumerated() {
            for node in loop.nodes { loops[node, default: []].insert(number) }
        }
        return loops
    }
}
