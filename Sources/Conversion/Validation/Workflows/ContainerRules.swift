import EventModel
import WorkflowDomain

/// Loops and parallels, and the blocks in them.
enum ContainerRules {
    static func check(_ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        for block in graph.blocks.indices { checkParent(block, graph, &findings) }
        checkNesting(graph, &findings)
        for (kind, containers) in [("loops", graph.workflow.loops), ("parallels", graph.workflow.parallels)] {
            for container in containers {
                checkMembers(container, at: .root[kind][container.id.text], graph, &findings)
            }
        }
        for block in graph.blocks.indices where graph.blocks[block].isContainer {
            checkStart(block, graph, &findings)
        }
    }

    private static func checkParent(_ number: Int, _ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        let block = graph.blocks[number]
        guard let id = block.parentID else { return }
        let place = graph.place(number)["data"]["parentId"]
        guard let parent = graph.parents[number] else {
            return findings.append(
                Finding(
                    .workflowMissingParent, .error, at: place,
                    "\(graph.name(number)) is in the container \(id.quoted), which is not in the workflow",
                    cure: "take it out, or add the container"))
        }
        if !graph.blocks[parent].isContainer {
            findings.append(
                Finding(
                    .workflowParentIsNoContainer, .error, at: place,
                    "\(graph.name(number)) is in \(graph.name(parent)), which is neither a loop nor a parallel",
                    cure: "take it out"))
        }
        if block.isTrigger {
            findings.append(
                Finding(
                    .workflowStartInsideContainer, .error, at: graph.place(number),
                    "\(graph.name(number)) starts executions, but is in the container \(graph.name(parent))",
                    cure: "take it out"))
        }
    }

    /// Depths are found once per block: a chain that reaches a block whose depth is known ends there.
    private static func checkNesting(_ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        var depths: [Int?] = Array(repeating: nil, count: graph.blocks.count)
        var circled: Set<Int> = []
        for block in graph.blocks.indices {
            var chain: [Int] = []
            var onChain: Set<Int> = []
            var next: Int? = block
            while let here = next, depths[here] == nil, onChain.insert(here).inserted {
                chain.append(here)
                next = graph.parents[here]
            }
            var depth = -1
            if let next {
                if let known = depths[next] {
                    depth = known
                } else if let start = chain.firstIndex(of: next) {
                    circled.formUnion(chain[start...])
                }
            }
            for member in chain.reversed() {
                depth += 1
                depths[member] = depth
            }
        }
        report(depths, circled, graph, &findings)
    }

    private static func report(
        _ depths: [Int?], _ circled: Set<Int>, _ graph: JudgedWorkflow, _ findings: inout [Finding]
    ) {
        for block in circled.sorted() {
            findings.append(
                Finding(
                    .workflowContainerCycle, .error, at: graph.place(block)["data"]["parentId"],
                    "\(graph.name(block)) is inside of itself", cure: "take one of the containers out of the other"))
        }
        for block in graph.blocks.indices where graph.blocks[block].isContainer && !circled.contains(block) {
            guard let depth = depths[block], depth >= SimLimits.nesting else { continue }
            findings.append(
                Finding(
                    .workflowLimitExceeded, depth >= WorkflowLimits.containerDepth ? .error : .warning,
                    at: graph.place(block),
                    "\(graph.name(block)) is in \(depth) containers, and Sim runs at most \(SimLimits.nesting) levels",
                    cure: "flatten the containers or use workflow blocks"))
        }
    }

    private static func checkMembers(
        _ container: Container, at place: JSONPath, _ graph: JudgedWorkflow, _ findings: inout [Finding]
    ) {
        guard let block = graph.index[container.id] else {
            return findings.append(
                Finding(
                    .workflowContainerWithoutBlock, .warning, at: place,
                    "\(container.id.quoted) has no block of its own",
                    cure: "export the workflow from a current version of Sim"))
        }
        let members = Set(graph.children[block].map { graph.blocks[$0].id })
        guard members != Set(container.nodes) else { return }
        findings.append(
            Finding(
                .workflowMembersDisagree, .warning, at: place["nodes"],
                "\(graph.name(block)) lists other members than the blocks that say they are in it",
                cure: "make the lists the same; what the blocks say counts"))
    }

    private static func checkStart(_ number: Int, _ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        guard graph.children[number].contains(where: { !graph.blocks[$0].isNote }) else {
            return findings.append(
                Finding(
                    .workflowEmptyContainer, .warning, at: graph.place(number),
                    "\(graph.name(number)) has nothing in it",
                    cure: "put blocks into it, or remove it"))
        }
        let isStarted = graph.outgoing[number].contains { graph.links[$0].edge.handle == .containerStart }
        guard !isStarted else { return }
        findings.append(
            Finding(
                .workflowContainerWithoutStart, .warning, at: graph.place(number),
                "nothing leads from \(graph.name(number)) to its first block",
                cure: "connect its start port to the block that comes first"))
    }
}
