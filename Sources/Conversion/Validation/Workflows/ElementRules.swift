import EventModel
import WorkflowDomain

/// Ids, names, types and limits.
enum ElementRules {
    static func check(_ graph: JudgedWorkflow, _ findings: inout [Finding]) {
        checkCounts(graph.workflow, &findings)
        checkUnique(graph.blocks.map(\.id), "blocks", &findings)
        checkUnique(graph.workflow.edges.map(\.id), "edges", &findings)
        checkUnique(graph.workflow.loops.map(\.id), "loops", &findings)
        checkUnique(graph.workflow.parallels.map(\.id), "parallels", &findings)
        checkUnique(graph.workflow.variables.map(\.id), "variables", &findings)
        for (number, block) in graph.blocks.enumerated() {
            checkID(block, at: graph.place(number), &findings)
            checkName(block, at: graph.place(number), &findings)
            checkType(block, at: graph.place(number), &findings)
        }
        for container in graph.workflow.loops + graph.workflow.parallels { checkTimes(container, &findings) }
    }

    private static func checkCounts(_ workflow: WorkflowDefinition, _ findings: inout [Finding]) {
        if workflow.blocks.allSatisfy(\.isNote) {
            findings.append(
                Finding(
                    .workflowNoBlocks, .error, at: .root["blocks"], "the workflow has no blocks that could run",
                    cure: "add one, or export the workflow again"))
        }
        for (what, count, limit) in [
            ("blocks", workflow.blocks.count, WorkflowLimits.blocks),
            ("edges", workflow.edges.count, WorkflowLimits.edges),
        ] where count > limit {
            findings.append(
                Finding(
                    .workflowLimitExceeded, .error, at: .root[what],
                    "\(count) \(what) are more than the limit of \(limit)",
                    cure: "split the workflow with workflow blocks"))
        }
    }

    private static func checkUnique(_ ids: [ElementID], _ what: String, _ findings: inout [Finding]) {
        var seen: Set<ElementID> = []
        for id in ids where !seen.insert(id).inserted {
            findings.append(
                Finding(
                    .workflowDuplicateID, .error, at: .root[what][id.text], "the id \(id.quoted) is taken by another",
                    cure: "give one of them another id, and its edges with it"))
        }
        for id in ids where id.text.utf8.count > WorkflowLimits.idBytes {
            findings.append(
                Finding(
                    .workflowLimitExceeded, .error, at: .root[what][id.text],
                    "an id of \(id.text.utf8.count) bytes is longer than the limit of \(WorkflowLimits.idBytes)",
                    cure: "shorten it"))
        }
    }

    /// The executor makes ids for the ends of containers, branches and copies out of the blocks' own.
    private static func checkID(_ block: Block, at place: JSONPath, _ findings: inout [Finding]) {
        let id = block.id.text
        let isSentinel =
            (id.hasPrefix("loop-") || id.hasPrefix("parallel-"))
            && (id.hasSuffix("-sentinel-start") || id.hasSuffix("-sentinel-end"))
        let isCopy = id.unicodeScalars.contains("₍") || id.contains("__obranch-") || id.contains("__clone")
        guard id.isEmpty || isSentinel || isCopy else { return }
        findings.append(
            Finding(
                .workflowReservedID, .error, at: place,
                id.isEmpty ? "the id is empty" : "the id \(id.quoted) is one that Sim's executor makes for its own use",
                cure: "give the block another id, and its edges with it"))
    }

    private static func checkName(_ block: Block, at place: JSONPath, _ findings: inout [Finding]) {
        guard !block.isNote else { return }
        let name = BlockName.normalized(block.name)
        if name.isEmpty {
            findings.append(
                Finding(
                    .workflowMissingName, .warning, at: place["name"], "the block has no name",
                    cure: "name it, so that references can"))
        }
        if BlockName.reserved.contains(name) {
            findings.append(
                Finding(
                    .workflowReservedName, block.isContainer ? .remark : .warning, at: place["name"],
                    "references to \(block.name.quoted) mean the \(name) around a block, never this block",
                    cure: "give it another name"))
        }
    }

    private static func checkType(_ block: Block, at place: JSONPath, _ findings: inout [Finding]) {
        guard !SimBlockTypes.contains(block.type) else { return }
        if SimBlockTypes.isWellFormed(block.type) {
            findings.append(
                Finding(
                    .workflowUnknownType, .remark, at: place["type"],
                    "Sim v0.8.9 has no block type \(block.type.quoted)", cure: "check the spelling"))
        } else {
            findings.append(
                Finding(
                    .workflowMalformedType, .error, at: place["type"],
                    "\(block.type.quoted) cannot be a block type: types are lower-case letters, digits and underscores",
                    cure: "correct the type or export the workflow again"))
        }
    }

    private static func checkTimes(_ container: Container, _ findings: inout [Finding]) {
        guard let times = container.times else { return }
        let (kind, limit) =
            container.loopType == nil && container.settings["iterations"] == nil
            ? ("parallel", SimLimits.branches) : ("loop", SimLimits.iterations)
        guard times > limit else { return }
        findings.append(
            Finding(
                .workflowLimitExceeded, .warning, at: .root[kind + "s"][container.id.text],
                "\(times) times are more than the \(limit) that Sim allows a \(kind)",
                cure: "lower the number, or run over a collection"))
    }
}

/// What Sim allows at most, at v0.8.9.
enum SimLimits {
    /// Iterations of a loop.
    static let iterations = 1_000
    /// Branches of a parallel.
    static let branches = 20
    /// Containers inside containers.
    static let nesting = 10
}
