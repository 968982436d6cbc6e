import Conversion
import EventModel
import WorkflowDomain

/// For every code a workflow that has it, and one much like it that does not.
struct WorkflowCase: Sendable, CustomStringConvertible {
    let code: FindingCode
    let severity: Finding.Severity
    let place: String
    let bad: WorkflowDefinition
    let good: WorkflowDefinition
    var description: String { "\(code.rawValue) at \(place)" }

    init(
        _ code: FindingCode, _ severity: Finding.Severity, _ place: String, _ bad: WorkflowDefinition,
        good: WorkflowDefinition
    ) {
        self.code = code
        self.severity = severity
        self.place = place
        self.bad = bad
        self.good = good
    }

    static let all = elements + edges + containers + starts + branches + references

    private static let line = Judged.workflow([Judged.block("a")], [Judged.edge("start", "a")])
    private static func one(_ block: Block) -> WorkflowDefinition {
        Judged.workflow([block], [Judged.edge("start", block.id)])
    }

    private static let elements: [WorkflowCase] = [
        WorkflowCase(
            .workflowNoBlocks, .error, "$.blocks", WorkflowDefinition(blocks: [Judged.block("n", "note")], edges: []),
            good: line),
        WorkflowCase(
            .workflowDuplicateID, .error, "$.blocks.a", Judged.workflow([Judged.block("a"), Judged.block("a")]),
            good: line),
        WorkflowCase(
            .workflowDuplicateID, .error, "$.edges.e",
            Judged.workflow(
                [Judged.block("a")], [Judged.edge("start", "a", id: "e"), Judged.edge("start", "a", nil, id: "e")]),
            good: line),
        WorkflowCase(
            .workflowReservedID, .error, "$.blocks.loop-x-sentinel-start", one(Judged.block("loop-x-sentinel-start")),
            good: one(Judged.block("loop-x"))),
        WorkflowCase(.workflowReservedID, .error, #"$.blocks["a₍0₎"]"#, one(Judged.block("a₍0₎")), good: line),
        WorkflowCase(.workflowReservedID, .error, #"$.blocks[""]"#, one(Judged.block("")), good: line),
        WorkflowCase(
            .workflowReservedName, .warning, "$.blocks.a.name", one(Judged.block("a", name: "Vari able")),
            good: one(Judged.block("a", name: "Variables"))),
        WorkflowCase(
            .workflowMissingName, .warning, "$.blocks.a.name", one(Judged.block("a", name: " ")), good: line),
        WorkflowCase(
            .workflowDuplicateName, .remark, "$.blocks.b.name",
            Judged.workflow([Judged.block("a", name: "My Step"), Judged.block("b", name: "mystep")]),
            good: Judged.workflow([Judged.block("a", name: "My Step"), Judged.block("b", "note", name: "mystep")])),
        WorkflowCase(
            .workflowDuplicateName, .warning, "$.blocks.b.name",
            Judged.workflow([
                Judged.block("a", name: "My Step"),
                Judged.block("b", name: "mystep", inputs: ["x": "<My Step.output>"]),
            ]), good: line),
        WorkflowCase(
            .workflowUnknownType, .remark, "$.blocks.a.type", one(Judged.block("a", "brand_new_tool")), good: line),
        WorkflowCase(
            .workflowMalformedType, .error, "$.blocks.a.type", one(Judged.block("a", "Not A Type")), good: line),
        WorkflowCase(
            .workflowLimitExceeded, .error, "$.blocks",
            WorkflowDefinition(
                blocks: (0...WorkflowLimits.blocks).map { Judged.block(ElementID("b\($0)")) }, edges: []), good: line),
        WorkflowCase(
            .workflowLimitExceeded, .warning, "$.loops.l",
            Judged.loop(
                [Judged.block("x", parent: "l")], [], settings: JSONObject([.init(key: "iterations", value: 1_001)])),
            good: Judged.loop(
                [Judged.block("x", parent: "l")], [], settings: JSONObject([.init(key: "iterations", value: 1_000)]))),
    ]

    private static let edges: [WorkflowCase] = [
        WorkflowCase(
            .workflowDanglingEdge, .error, "$.edges.e.target",
            Judged.workflow([], [Judged.edge("start", "gone", id: "e")]), good: line),
        WorkflowCase(
            .workflowDanglingEdge, .error, "$.edges.e.source",
            Judged.workflow([Judged.block("a")], [Judged.edge("gone", "a", id: "e")]), good: line),
        WorkflowCase(
            .workflowSelfEdge, .error, "$.edges.e",
            Judged.workflow([Judged.block("a")], [Judged.edge("a", "a", id: "e")]),
            good: line),
        WorkflowCase(
            .workflowDuplicateEdge, .warning, "$.edges.f",
            Judged.workflow(
                [Judged.block("a")], [Judged.edge("start", "a", nil, id: "e"), Judged.edge("start", "a", id: "f")]),
            good: Judged.workflow(
                [Judged.block("a")], [Judged.edge("start", "a", id: "e"), Judged.edge("start", "a", "error", id: "f")])),
        WorkflowCase(
            .workflowUnknownHandle, .error, "$.edges.e.sourceHandle",
            Judged.workflow([Judged.block("a")], [Judged.edge("start", "a", "else", id: "e")]), good: line),
        WorkflowCase(
            .workflowUnknownHandle, .error, "$.edges.e.sourceHandle",
            Judged.workflow([Judged.block("a")], [Judged.edge("start", "a", "condition-x", id: "e")]), good: line),
        WorkflowCase(
            .workflowUnknownHandle, .warning, "$.edges.e.sourceHandle",
            Judged.workflow(
                [Judged.block("n", "brand_new_tool"), Judged.block("a")], [Judged.edge("n", "a", "third", id: "e")]),
            good: line),
        WorkflowCase(
            .workflowUnknownHandle, .error, "$.edges.e.sourceHandle",
            Judged.loop(
                [Judged.block("x", parent: "l")], [Judged.edge("l", "x", "parallel-start-source", id: "e")]),
            good: Judged.loop([Judged.block("x", parent: "l")], [Judged.edge("l", "x", "loop-start-source", id: "e")])),
        WorkflowCase(
            .workflowCrossesContainer, .error, "$.edges.e",
            Judged.loop([Judged.block("x", parent: "l")], [Judged.edge("start", "x", id: "e")]),
            good: Judged.loop([Judged.block("x", parent: "l")], [Judged.edge("l", "x", "loop-start-source", id: "e")])),
        WorkflowCase(
            .workflowCrossesContainer, .error, "$.edges.e",
            Judged.loop([Judged.block("x", parent: "l")], [Judged.edge("l", "x", "loop-end-source", id: "e")]),
            good: line),
        WorkflowCase(
            .workflowCycle, .error, "$.blocks.a",
            Judged.workflow(
                [Judged.block("a"), Judged.block("b"), Judged.block("c")],
                [
                    Judged.edge("start", "a"), Judged.edge("a", "b"), Judged.edge("b", "c"), Judged.edge("c", "a"),
                ]),
            good: Judged.workflow(
                [Judged.block("a"), Judged.block("b"), Judged.block("c")],
                [Judged.edge("start", "a"), Judged.edge("a", "b"), Judged.edge("b", "c"), Judged.edge("a", "c")])),
        WorkflowCase(
            .workflowCycleInsideLoop, .warning, "$.blocks.x",
            Judged.loop(
                [Judged.block("x", parent: "l"), Judged.block("y", parent: "l")],
                [Judged.edge("l", "x", "loop-start-source"), Judged.edge("x", "y"), Judged.edge("y", "x")]), good: line),
        WorkflowCase(
            .workflowCycleInsideLoop, .warning, "$.blocks.a",
            Judged.workflow(
                [Judged.block("a"), Judged.block("b")],
                [Judged.edge("start", "a"), Judged.edge("a", "b"), Judged.edge("b", "a")],
                loops: [Container(id: "old", nodes: ["a", "b"], settings: JSONObject())]), good: line),
        WorkflowCase(
            .workflowEdgeIntoStart, .warning, "$.edges.e",
            Judged.workflow([Judged.block("a"), Judged.block("s", "schedule")], [Judged.edge("a", "s", id: "e")]),
            good: line),
        WorkflowCase(
            .workflowConnectedNote, .warning, "$.edges.e",
            Judged.workflow([Judged.block("n", "note")], [Judged.edge("start", "n", id: "e")]), good: line),
    ]

    private static let containers: [WorkflowCase] = [
        WorkflowCase(
            .workflowMissingParent, .error, "$.blocks.a.data.parentId", one(Judged.block("a", parent: "gone")),
            good: line),
        WorkflowCase(
            .workflowParentIsNoContainer, .error, "$.blocks.a.data.parentId", one(Judged.block("a", parent: "start")),
            good: Judged.loop([Judged.block("x", parent: "l")], [])),
        WorkflowCase(
            .workflowContainerCycle, .error, "$.blocks.l.data.parentId",
            Judged.workflow([Judged.block("l", "loop", parent: "p"), Judged.block("p", "parallel", parent: "l")]),
            good: Judged.workflow([Judged.block("l", "loop", parent: "p"), Judged.block("p", "parallel")])),
        WorkflowCase(.workflowLimitExceeded, .warning, "$.blocks.l10", nested(11), good: nested(10)),
        WorkflowCase(.workflowLimitExceeded, .error, "$.blocks.l32", nested(33), good: nested(10)),
        WorkflowCase(
            .workflowContainerWithoutBlock, .warning, "$.loops.old",
            Judged.workflow([], loops: [Container(id: "old", nodes: [], settings: JSONObject())]), good: line),
        WorkflowCase(
            .workflowMembersDisagree, .warning, "$.loops.l.nodes",
            Judged.loop([Judged.block("x", parent: "l")], [], nodes: ["start"]),
            good: Judged.loop([Judged.block("x", parent: "l")], [])),
        WorkflowCase(
            .workflowContainerWithoutStart, .warning, "$.blocks.l", Judged.loop([Judged.block("x", parent: "l")], []),
            good: Judged.loop([Judged.block("x", parent: "l")], [Judged.edge("l", "x", "loop-start-source")])),
        WorkflowCase(
            .workflowEmptyContainer, .warning, "$.blocks.l", Judged.loop([], []),
            good: Judged.loop([Judged.block("x", parent: "l")], [])),
        WorkflowCase(
            .workflowStartInsideContainer, .error, "$.blocks.x",
            Judged.loop([Judged.block("x", "schedule", parent: "l")], []),
            good: Judged.loop([Judged.block("x", parent: "l")], [])),
    ]

    private static func nested(_ levels: Int) -> WorkflowDefinition {
        Judged.workflow(
            (0..<levels).map { Judged.block(ElementID("l\($0)"), "loop", parent: $0 == 0 ? nil : "l\($0 - 1)") })
    }

    private static let starts: [WorkflowCase] = [
        WorkflowCase(
            .workflowMissingStart, .warning, "$.blocks", WorkflowDefinition(blocks: [Judged.block("a")], edges: []),
            good: line),
        WorkflowCase(
            .workflowMissingStart, .warning, "$.blocks",
            WorkflowDefinition(blocks: [Judged.block("s", "starter", isEnabled: false)], edges: []), good: line),
        WorkflowCase(
            .workflowSeveralStarts, .warning, "$.blocks.start",
            Judged.workflow([Judged.block("other", "starter")]), good: line),
        WorkflowCase(
            .workflowSeveralStarts, .remark, "$.blocks", Judged.workflow([Judged.block("other", "schedule")]),
            good: line),
        WorkflowCase(
            .workflowUnreachableBlock, .warning, "$.blocks.b", Judged.workflow([Judged.block("b")]),
            good: Judged.workflow([Judged.block("b", isEnabled: false), Judged.block("n", "note")])),
        // Where nothing leads to the first block of a container, Sim begins with those that nothing inside leads to.
        WorkflowCase(
            .workflowUnreachableBlock, .warning, "$.blocks.y",
            Judged.loop(
                [Judged.block("x", parent: "l"), Judged.block("y", parent: "l")],
                [Judged.edge("l", "x", "loop-start-source")]),
            good: Judged.loop(
                [Judged.block("x", parent: "l"), Judged.block("y", parent: "l")], [Judged.edge("x", "y")])),
    ]

    private static let both = Judged.rows([("c-if", "if"), ("c-else", "else")])
    private static let wired = [Judged.edge("c", "a", "condition-c-if"), Judged.edge("c", "b", "condition-c-else")]
    private static let decided = Judged.condition(both, wired)

    private static let branches: [WorkflowCase] = [
        WorkflowCase(
            .workflowEmptyCondition, .warning, "$.blocks.c.subBlocks.conditions", Judged.condition("[]", wired),
            good: decided),
        WorkflowCase(
            .workflowEmptyCondition, .warning, "$.blocks.c.subBlocks.conditions", Judged.condition("[{", []),
            good: decided),
        WorkflowCase(
            .workflowEmptyRouter, .error, "$.blocks.a.subBlocks.routes", one(Judged.block("a", "router_v2")), good: line
        ),
        WorkflowCase(
            .workflowEmptyRouter, .warning, "$.blocks.r.subBlocks.routes",
            Judged.workflow(
                [Judged.block("r", "router_v2"), Judged.block("a")],
                [Judged.edge("start", "r"), Judged.edge("r", "a", "router-x")]), good: line),
        WorkflowCase(
            .workflowEmptyRouter, .error, "$.blocks.a", one(Judged.block("a", "router")),
            good: Judged.workflow(
                [Judged.block("r", "router"), Judged.block("a")],
                [Judged.edge("start", "r"), Judged.edge("r", "a", "router-a")])),
        WorkflowCase(
            .workflowDuplicateBranch, .error, "$.blocks.c.subBlocks.conditions",
            Judged.condition(Judged.rows([("c-if", "if"), ("c-if", "else if"), ("c-else", "else")]), wired),
            good: decided),
        WorkflowCase(
            .workflowConditionWithoutElse, .warning, "$.blocks.c.subBlocks.conditions",
            Judged.condition(Judged.rows([("c-if", "if")]), []), good: decided),
        WorkflowCase(
            .workflowUnknownBranch, .error, "$.edges.e.sourceHandle",
            Judged.condition(both, wired + [Judged.edge("c", "a", "condition-c-maybe", id: "e")]), good: decided),
        WorkflowCase(
            .workflowUnconditionedBranching, .warning, "$.edges.e",
            Judged.condition(both, wired + [Judged.edge("c", "a", id: "e")]),
            good: Judged.condition(both, wired + [Judged.edge("c", "a", "error", id: "e")])),
        WorkflowCase(
            .workflowBranchWithoutEdge, .remark, "$.blocks.c.subBlocks.conditions",
            Judged.condition(both, [wired[0]]), good: decided),
    ]

    private static let references: [WorkflowCase] = [
        WorkflowCase(
            .workflowUnknownReference, .warning, "$.blocks.a.subBlocks.prompt", Judged.saying("about <gone.output>"),
            good: Judged.saying("about <START.input.text> and <Block A.output[0].x>")),
        WorkflowCase(
            .workflowUnknownReference, .warning, "$.blocks.a.subBlocks.prompt",
            Judged.saying([["deep": "in <gone.output>"]]),
            good: Judged.saying("a < b.c > d, <b>, </b.x> and {{SECRET.x}}")),
        WorkflowCase(
            .workflowUnknownReference, .remark, "$.blocks.a.subBlocks.code",
            Judged.saying("Promise<Some.Type>", input: "code"),
            good: Judged.saying("if (a.b<c.d && e.f>g) <a@b.org> <https://x.org> <p class=\"a.b\">")),
        WorkflowCase(
            .workflowUnknownReference, .warning, "$.blocks.l.data.collection",
            Judged.workflow([
                Judged.block("l", "loop", data: JSONObject([.init(key: "collection", value: "<gone.items>")]))
            ]), good: line),
        WorkflowCase(
            .workflowUnknownVariable, .warning, "$.blocks.a.subBlocks.prompt",
            Judged.saying("<variable.user tier> <variable.tier>"),
            good: Judged.saying(
                "<variable.usertier.x> <variable.userTier>",
                variables: [Variable(id: "v", name: "User Tier", type: "string", value: "x")])),
        WorkflowCase(
            .workflowReferenceOutsideContainer, .warning, "$.blocks.a.subBlocks.prompt", Judged.saying("<loop.index>"),
            good: Judged.loop(
                [Judged.block("x", parent: "l", inputs: ["p": "<loop.index> <Block l.results>"])],
                [Judged.edge("l", "x", "loop-start-source")])),
        WorkflowCase(
            .workflowReferenceOutsideContainer, .warning, "$.blocks.x.subBlocks.p",
            Judged.loop([Judged.block("x", parent: "l", inputs: ["p": "<parallel.currentItem>"])], []),
            good: Judged.workflow(
                [
                    Judged.block("p", "parallel"),
                    Judged.block("x", parent: "p", inputs: ["p": "<parallel.currentItem>"]),
                ])),
    ]
}
