import EventModel
import WorkflowDomain

/// Conditions and routers: their rows, and the edges that leave by them.
enum BranchRules {
    static func check(_ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        for block in graph.blocks.indices {
            switch graph.blocks[block].type {
            case "condition": checkRows(block, "conditions", graph, &findings)
            case "router_v2": checkRows(block, "routes", graph, &findings)
            case "router": checkOldRouter(block, graph, &findings)
            default: break
            }
        }
    }

    private static func checkRows(
        _ number: Int, _ input: String, _ graph: JudgedWorkflow, _ findings: inout [Finding]
    ) {
        let block = graph.blocks[number]
        let rows = block.branches
        let place = graph.place(number)["subBlocks"][input]
        checkUnconditioned(number, graph, &findings)
        guard !rows.isEmpty else { return reportEmpty(number, at: place, graph, &findings) }
        checkUnique(rows, at: place, &findings)
        checkEdges(number, rows, at: place, graph, &findings)
        if block.type == "condition", !rows.contains(where: isElse) {
            findings.append(
                Finding(
                    .workflowConditionWithoutElse, .warning, at: place,
                    "\(graph.name(number)) has no row for everything else", cure: "add an else row"))
        }
    }

    private static func isElse(_ row: Branch) -> Bool {
        row.title.lowercased() == "else" || row.id == "else" || row.id.hasSuffix("-else")
    }

    /// A condition of the old kind has one expression, and `true` and `false` for rows.
    private static func reportEmpty(
        _ number: Int, at place: JSONPath, _ graph: JudgedWorkflow, _ findings: inout [Finding]
    ) {
        let block = graph.blocks[number]
        if block.type == "condition" {
            if let expression = block.value("condition")?.string, !expression.isEmpty { return }
            return findings.append(
                Finding(
                    .workflowEmptyCondition, .warning, at: place, "\(graph.name(number)) has no rows that can be read",
                    cure: "add a row for each way"))
        }
        let isRouted = graph.outgoing[number].contains { number in
            if case .route = graph.links[number].edge.handle { true } else { false }
        }
        findings.append(
            Finding(
                .workflowEmptyRouter, isRouted ? .warning : .error, at: place,
                "\(graph.name(number)) has no routes that can be read", cure: "add a route for each way"))
    }

    private static func checkUnique(_ rows: [Branch], at place: JSONPath, _ findings: inout [Finding]) {
        var seen: Set<ElementID> = []
        for row in rows where !seen.insert(ElementID(row.id)).inserted {
            findings.append(
                Finding(
                    .workflowDuplicateBranch, .error, at: place, "two rows have the id \(row.id.quoted)",
                    cure: "give one of them another id, and its edge with it"))
        }
    }

    private static func checkEdges(
        _ number: Int, _ rows: [Branch], at place: JSONPath, _ graph: JudgedWorkflow, _ findings: inout [Finding]
    ) {
        let known = Set(rows.map { ElementID($0.id) })
        var connected: Set<ElementID> = []
        for link in graph.outgoing[number].map({ graph.links[$0] }) {
            switch link.edge.handle {
            case .condition(let id), .route(let id):
                connected.insert(ElementID(id))
                guard !known.contains(ElementID(id)) else { continue }
                findings.append(
                    Finding(
                        .workflowUnknownBranch, .error, at: link.place["sourceHandle"],
                        "\(graph.name(number)) has no row \(id.quoted)", cure: "connect the edge to a row that is there"
                    ))
            case .always, .success, .failure, .containerStart, .containerEnd, .other: break
            }
        }
        for row in rows where !connected.contains(ElementID(row.id)) {
            findings.append(
                Finding(
                    .workflowBranchWithoutEdge, .remark, at: place,
                    "nothing leads from the row \((row.title.isEmpty ? row.id : row.title).quoted) of \(graph.name(number)), "
                        + "so the way ends there", cure: ""))
        }
    }

    private static func checkUnconditioned(_ number: Int, _ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        for link in graph.outgoing[number].map({ graph.links[$0] }) {
            guard link.edge.handle == .always || link.edge.handle == .success else { continue }
            findings.append(
                Finding(
                    .workflowUnconditionedBranching, .warning, at: link.place,
                    "the edge leaves \(graph.name(number)) whatever it decides",
                    cure: "connect the edge to one of its rows"))
        }
    }

    /// A router of the old kind chooses among the blocks that it leads to.
    private static func checkOldRouter(_ number: Int, _ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        guard !graph.outgoing[number].contains(where: { graph.links[$0].edge.handle != .failure }) else { return }
        findings.append(
            Finding(
                .workflowEmptyRouter, .error, at: graph.place(number), "\(graph.name(number)) leads nowhere",
                cure: "connect it to each block that it can choose"))
    }
}
