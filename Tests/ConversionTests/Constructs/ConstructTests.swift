import Conversion
import EventModel
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("A workflow's construct in a journey") struct ConstructTests {
    private let start = block("s", "start_trigger")

    private func rows(_ ids: String...) -> [(ElementID, JSONValue)] {
        let rows = ids.map { #"{"id":"\#($0)","title":"\#($0)","value":"\#($0 == "else" ? "" : "x is \($0)")"}"# }
        return [("conditions", .string("[" + rows.joined(separator: ",") + "]"))]
    }

    @Test func `one trigger is the root, and its kind the condition of activation`() throws {
        let journey = try converted([start, block("a")], [edge("s", "a")]).journey
        #expect(journey.root == "wf.s")
        #expect(journey.state("wf.s")?.kind == nil && journey.state("wf.s")?.action == nil)
        #expect(journey.conditions == ["the customer asks for “wf”"])
        #expect(journey.ways == ["a -> end", "s -> a"])
    }

    @Test func `several triggers are ways out of a root that asks which`() throws {
        let conversion = try converted(
            [start, block("t", "schedule"), block("a")], [edge("s", "a"), edge("t", "a")])
        #expect(conversion.journey.root == "wf~root")
        #expect(
            conversion.journey.ways.prefix(2) == [
                "wf~root -> s [the conversation begins with “s”]", "wf~root -> t [the conversation begins with “t”]",
            ])
        #expect(conversion.journey.conditions.count == 2)
        #expect(conversion.report.remarks.contains { $0.code == .severalStarts })
    }

    @Test func `no trigger means that the journey begins where nothing leads to`() throws {
        let conversion = try converted([block("a"), block("b")], [edge("a", "b")])
        #expect(conversion.journey.ways.first == "wf~root -> a")
        #expect(conversion.report.remarks.contains { $0.code == .noStart })
    }

    @Test func `an agent talks, integrations and unknown types are tools, decisions are forks with an action`() throws {
        let types = [
            "agent", "slack", "api", "function", "learned_last_week", "condition", "router_v2", "human_in_the_loop",
            "wait", "response",
        ]
        let journey = try converted([start] + types.map { block(ElementID($0), $0) }, []).journey
        let kinds = types.map { journey.state(ElementID("wf." + $0))?.kind }
        #expect(kinds == [.chat, .tool, .tool, .tool, .tool, .fork, .fork, .chat, .tool, .chat])
        #expect(journey.state("wf.slack")?.tools == ["sim:slack"])
    }

    @Test func `an agent's prompt is what it is told to do`() throws {
        let messages: JSONValue = [["role": "user", "content": "Hello"], ["role": "system", "content": "Be kind"]]
        let journey = try converted(
            [
                start, block("a", inputs: [("messages", messages)]),
                block("b", inputs: [("systemPrompt", "Refund it")]), block("c"),
            ], []
        ).journey
        #expect(["wf.a", "wf.b", "wf.c"].map { journey.state($0)?.action } == ["Be kind", "Refund it", "Do “c”"])
    }

    @Test func `a condition's rows are conditioned ways, its else is otherwise`() throws {
        let journey = try converted(
            [start, block("c", "condition", inputs: rows("if", "else")), block("a"), block("b")],
            [edge("s", "c"), edge("c", "a", "condition-if"), edge("c", "b", "condition-else")]
        ).journey
        #expect(journey.ways.filter { $0.hasPrefix("c ") } == ["c -> a [x is if]", "c -> b [otherwise]"])
    }

    @Test func `a condition without else, or with a row that leads nowhere, goes on behind it`() throws {
        let journey = try converted(
            [start, block("c", "condition", inputs: rows("if", "more")), block("a")],
            [edge("s", "c"), edge("c", "a", "condition-if")]
        ).journey
        #expect(
            journey.ways.filter { $0.hasPrefix("c ") } == [
                "c -> a [x is if]", "c -> end [x is more]", "c -> end [otherwise]",
            ])
    }

    @Test func `success and error of one block are two conditioned ways`() throws {
        let journey = try converted(
            [start, block("a", "api"), block("b"), block("e")],
            [edge("s", "a"), edge("a", "b", "source"), edge("a", "e", "error")]
        ).journey
        #expect(journey.ways.filter { $0.hasPrefix("a ") } == ["a -> b [“a” succeeded]", "a -> e [“a” failed]"])
    }

    @Test func `a loop is a fork that leads into its members again until no round is left`() throws {
        let journey = try converted(
            [start, block("l", "loop"), block("x", in: "l"), block("y", in: "l"), block("z")],
            [edge("s", "l"), edge("l", "x", "loop-start-source"), edge("x", "y"), edge("l", "z", "loop-end-source")]
        ).journey
        #expect(
            journey.ways == [
                "l -> x [another round is needed]", "l -> z [no further round is needed]", "s -> l", "x -> y", "y -> l",
                "z -> end",
            ])
    }

    @Test func `containers inside containers return to the inner one first`() throws {
        let journey = try converted(
            [start, block("l", "loop"), block("p", "parallel", in: "l"), block("x", in: "p")],
            [edge("s", "l"), edge("l", "p", "loop-start-source"), edge("p", "x", "parallel-start-source")]
        ).journey
        #expect(journey.ways.contains("x -> p"))
        #expect(journey.ways.contains("p -> l [all branches have been visited]"))
        #expect(journey.ways.contains("l -> end [no further round is needed]"))
    }

    @Test func `blocks that run side by side are a group, visited in order, with the fan-in behind it`() throws {
        let conversion = try converted(
            [start, block("a"), block("b"), block("j")],
            [edge("s", "a"), edge("s", "b"), edge("a", "j"), edge("b", "j")])
        #expect(conversion.journey.ways == ["a -> b", "b -> j", "j -> end", "s -> a"])
        let way = conversion.journey.transitions.first { $0.source == "wf.s" }
        #expect(way?.metadata["sim"]?["group"] == ["a", "b", "j"])
        #expect(conversion.report.remarks.contains { $0.code == .parallelVisit && $0.id == "s" })
    }

    @Test func `a join that depends on decisions of several branches is asked for`() throws {
        let conversion = try converted(
            [
                start, block("a", "condition", inputs: rows("if", "else")),
                block("b", "condition", inputs: rows("if", "else")), block("j"),
            ],
            [edge("s", "a"), edge("s", "b"), edge("a", "j", "condition-if"), edge("b", "j", "condition-if")])
        #expect(conversion.journey.ways.contains("wf~due~j -> j [“j” is due]"))
        #expect(conversion.report.remarks.contains { $0.code == .conditionalJoin && $0.id == "j" })
    }

    /// Sim's executor makes no node of a block that is not enabled, and an edge only where both nodes are there.
    @Test func `what only a disabled block leads to does not run, and its edges come back`() throws {
        let (blocks, edges) = (
            [start, block("a", enabled: false), block("b"), block("c")],
            [edge("s", "a"), edge("a", "b"), edge("s", "c")]
        )
        let conversion = try converted(blocks, edges)
        let ways = conversion.journey.transitions.map { "\($0.source) -> \($0.target)" }
        #expect(!ways.contains { $0.hasSuffix("-> wf.a") } && !ways.contains { $0.hasSuffix("-> wf.b") })
        #expect(ways.contains { $0.hasSuffix("-> wf.c") })
        let codes = conversion.report.remarks.map { "\($0.code.rawValue) \($0.id?.text ?? "")" }
        #expect(codes.contains("disabled_block a") && codes.contains("unreachable_block b"))
        #expect(codes.filter { $0.hasPrefix("disabled_edge") }.count == 2)
        let back = try JourneyToWorkflow.convert(conversion.journey, id: "wf")
        #expect(
            back.workflow.edges.count == 3
                && back.workflow.digest == WorkflowDefinition(blocks: blocks, edges: edges).digest)
    }

    @Test func `a loop does not begin with a disabled member`() throws {
        let conversion = try converted(
            [start, block("l", "loop"), block("x", in: "l", enabled: false), block("y", in: "l")],
            [edge("s", "l"), edge("l", "x", "loop-start-source"), edge("x", "y")])
        #expect(!conversion.journey.transitions.contains { $0.target == "wf.x" })
        #expect(conversion.journey.transitions.contains { $0.target == "wf.y" }, "nothing that runs leads to it")
    }

    @Test func `a disabled block and a note have no way in, an unreached block keeps its state`() throws {
        let conversion = try converted(
            [start, block("a", enabled: false), block("n", "note"), block("u")], [edge("s", "a")])
        #expect(conversion.journey.state("wf.a")?.kind == .fork)
        #expect(conversion.journey.state("wf.n") == nil)
        #expect(conversion.journey.state("wf.u") != nil)
        let codes = conversion.report.remarks.map(\.code)
        #expect(Set(codes).isSuperset(of: [.disabledBlock, .note, .unreachableBlock]))
        #expect(conversion.mapping.statesByBlock["n"] == [])
    }

    @Test func `edges without native form are kept and reported`() throws {
        let edges = [
            edge("s", "a"), edge("a", "gone"), edge("a", "x"), edge("a", "n"), edge("b", "b"), edge("s", "b"),
        ]
        let conversion = try converted(
            [start, block("a"), block("b"), block("l", "loop"), block("x", in: "l"), block("n", "note")], edges)
        let codes = conversion.report.remarks.filter { $0.element == .edge }.map(\.code)
        #expect(Set(codes) == [.danglingEdge, .crossingEdge, .noteEdge])
        #expect(conversion.report.remarks.contains { $0.code == .cycle && $0.id == "b" })
        #expect(try JourneyToWorkflow.convert(conversion.journey, id: "wf").workflow.edges.count == edges.count)
    }

    @Test func `a child workflow is named, a wait waits, an approval asks`() throws {
        let journey = try converted(
            [
                start, block("w", "workflow", inputs: [("workflowId", "child-7")]),
                block("t", "wait", inputs: [("amount", "5"), ("unit", "minutes")]),
                block("h", "human_in_the_loop", inputs: [("display", "Approve?")]),
            ], []
        ).journey
        #expect(journey.state("wf.w")?.action == "Go through the journey of the workflow “child-7” and come back")
        #expect(journey.state("wf.t")?.action == "Wait 5 minutes before going on")
        #expect(journey.state("wf.h")?.action == "Ask for a decision and wait for it: Approve?")
    }

    @Test func `a variable is a key of the conversation's context`() throws {
        func variable(_ id: ElementID, _ name: String) -> Variable { Variable(id: id, name: name, type: nil, value: 1) }
        let workflow = WorkflowDefinition(
            blocks: [start], edges: [], variables: [variable("1", "n"), variable("2", "n"), variable("3", "m")])
        let mapping = try WorkflowToJourney.convert(workflow, id: "wf").mapping
        #expect(mapping.contexts.map(\.key) == ["n#1", "n#2", "m"])
    }
}
