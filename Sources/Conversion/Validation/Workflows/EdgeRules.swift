import EventModel
import WorkflowDomain

/// The ends of edges, what they repeat, where they lead and by which port they leave.
enum EdgeRules {
    private struct Ends: Hashable {
        let source: ElementID
        let target: ElementID
        let sourceHandle: ElementID
        let targetHandle: ElementID

        init(_ edge: Edge) {
            source = edge.source
            target = edge.target
            sourceHandle = ElementID(edge.sourceHandle ?? "source")
            targetHandle = ElementID(edge.targetHandle ?? "target")
        }
    }

    static func check(_ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        var seen: [Ends: ElementID] = [:]
        for link in graph.links {
            checkEnds(link, graph, &findings)
            checkHandle(link, graph, &findings)
            if let first = seen.updateValue(link.edge.id, forKey: Ends(link.edge)) {
                findings.append(
                    Finding(
                        .workflowDuplicateEdge, .warning, at: link.place, "the edge repeats \(first.quoted)",
                        cure: "remove one of them"))
            }
        }
    }

    private static func checkEnds(_ link: JudgedWorkflow.Link, _ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        let edge = link.edge
        for (end, id, block) in [("source", edge.source, link.source), ("target", edge.target, link.target)]
        where block == nil {
            findings.append(
                Finding(
                    .workflowDanglingEdge, .error, at: link.place[end],
                    "the edge \(end == "source" ? "leaves" : "enters") \(id.quoted), which is not in the workflow",
                    cure: "remove the edge, or add the block"))
        }
        guard edge.source != edge.target else {
            return findings.append(
                Finding(
                    .workflowSelfEdge, .error, at: link.place, "the edge leads from \(edge.source.quoted) to itself",
                    cure: "repeat a block with a loop around it"))
        }
        guard let source = link.source, let target = link.target else { return }
        checkBorder(link, from: source, to: target, graph, &findings)
        checkTarget(link, from: source, to: target, graph, &findings)
    }

    private static func checkBorder(
        _ link: JudgedWorkflow.Link, from source: Int, to target: Int, _ graph: JudgedWorkflow,
        _ findings: inout [Finding]
    ) {
        let isEntry = link.edge.handle == .containerStart && graph.blocks[source].isContainer
        guard graph.parents[target] != (isEntry ? source : graph.parents[source]) else { return }
        findings.append(
            Finding(
                .workflowCrossesContainer, .error, at: link.place,
                "the edge from \(graph.name(source)) to \(graph.name(target)) crosses the border of a container",
                cure: "enter a container at its own block, and leave it by its end port"))
    }

    private static func checkTarget(
        _ link: JudgedWorkflow.Link, from source: Int, to target: Int, _ graph: JudgedWorkflow,
        _ findings: inout [Finding]
    ) {
        if graph.blocks[source].isNote || graph.blocks[target].isNote {
            findings.append(
                Finding(
                    .workflowConnectedNote, .warning, at: link.place, "a note is connected, but notes never run",
                    cure: "remove the edge"))
        }
        if graph.blocks[target].isTrigger {
            findings.append(
                Finding(
                    .workflowEdgeIntoStart, .warning, at: link.place,
                    "the edge enters \(graph.name(target)), which starts executions and follows nothing",
                    cure: "remove the edge, or replace the block by one that does not start executions"))
        }
    }

    private static func checkHandle(_ link: JudgedWorkflow.Link, _ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        guard let source = link.source, let handle = link.edge.sourceHandle else { return }
        let block = graph.blocks[source]
        guard !has(block, link.edge.handle, spelled: handle) else { return }
        let isKnownType = SimBlockTypes.contains(block.type)
        findings.append(
            Finding(
                .workflowUnknownHandle, isKnownType ? .error : .warning, at: link.place["sourceHandle"],
                "\(graph.name(source)) is of type \(block.type.quoted) and has no handle \(handle.quoted)",
                cure: "connect the edge to one of the block's ports again"))
    }

    private static func has(_ block: Block, _ handle: Handle, spelled text: String) -> Bool {
        switch handle {
        case .always, .success, .failure: true
        // A router of the old kind has the targets' ids for routes, and took the handles of conditions before that.
        case .condition: block.type == "condition" || block.type == "router"
        case .route: block.type == "router" || block.type == "router_v2"
        case .containerStart, .containerEnd: text.hasPrefix(block.type + "-")
        case .other: false
        }
    }
}
