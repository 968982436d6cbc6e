import EventModel
import Testing
import WorkflowDomain

@Suite("Editing a workflow") struct WorkflowEditingTests {
    // MARK: Laws

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `edits through events come to the same as edits applied directly`(_ seed: UInt64) throws {
        var history = WorkflowHistory()
        try history.apply(RandomWorkflow(seed: seed).reading().command)
        var edits = RandomEdits(seed: seed)
        var refused = 0
        for step in 0..<40 {
            let edit = edits.next(over: history.definition)
            var direct = NaiveEditor(history.definition)
            let before = history.state
            do {
                let decided = try history.edit(edit)
                direct.apply(edit)
                for event in decided { #expect(event.digest == history.definition.digest, "seed \(seed), \(step)") }
            } catch {
                #expect(error is WorkflowDecider.Rejection && history.state == before)
                refused += 1
                continue
            }
            let found = history.definition
            let difference = found.canonicalValue.firstDifference(from: direct.state.canonicalized)
            #expect(difference == nil, "seed \(seed), step \(step): \(edit)")
            let again = try WorkflowDefinition(canonicalState: found.canonicalValue.object ?? JSONObject())
            let reread = again.canonicalValue.firstDifference(from: found.canonicalValue)
            #expect(reread == nil && again == found, "seed \(seed), step \(step): \(edit)")
            #expect(history.current?.digest == found.digest)
        }
        #expect(refused < 40)
        try history.checkStorage("seed \(seed)")
    }

    @Test func `revisions are counted without gaps, and counts are those of the definition`() throws {
        var history = try WorkflowHistory(Self.chain)
        try history.apply(.rename("Other"))
        try history.edit(.removeBlocks(["b"]))
        try history.apply(.replaceState(try read(Self.chain).definition))
        let revisions = history.events.compactMap { event -> Int? in
            switch event {
            case .edited(let event):
                return event.revision
            case .replaced(let event): return event.revision
            default: return nil
            }
        }
        #expect(revisions == [2, 3, 4] && history.current?.revision == 4)
        guard case .edited(let removal) = history.events[2] else {
            Issue.record("no edit")
            return
        }
        #expect(removal.counts == WorkflowCounts(blocks: 2, edges: 0, loops: 0, parallels: 0, variables: 0))
    }

    @Test func `an event that does not fit leaves the definition as it is`() throws {
        let definition = try read(Self.nested).definition
        for change in [
            .blocksMoved([BlockPlace("x", at: Position(x: JSONNumber(1), y: JSONNumber(1)))]),
            .blockRenamed("x", name: "n"), .blocksRemoved(["x"], edges: ["y"]), .blocksEnabled(["x"], false),
            .blocksAdded(WorkflowPart(blocks: [definition.blocks[0]])), .edgesAdded([definition.edges[0]]),
            .subflowChanged("x", settings: JSONObject(), data: JSONObject()), .variableRemoved("x"),
            .blocksReparented([BlockReparenting("x", into: "y")], removedEdges: []),
        ] as [WorkflowChange] {
            #expect(definition.applying(change) == definition)
            let edited = WorkflowEdited(
                change: change, revision: 9, digest: definition.digest, counts: definition.counts)
            #expect(WorkflowDecider.evolve(.notImported, .edited(edited)) == .notImported)
        }
    }

    // MARK: What belongs together

    @Test func `removing a container removes what is inside, its edges and its settings`() throws {
        var history = try WorkflowHistory(Self.nested)
        let events = try history.edit(.removeBlocks(["outer"]))
        guard case .edited(let event)? = events.first, case .blocksRemoved(let ids, let edges) = event.change else {
            Issue.record("no removal")
            return
        }
        #expect(ids == ["inner", "leaf", "outer"] && edges == ["e-in", "e-inner", "e-out"])
        #expect(history.definition.blocks.map(\.id) == ["after", "start"] && history.definition.loops.isEmpty)
        #expect(history.definition.parallels.isEmpty && history.definition.edges.isEmpty)
    }

    @Test func `taking a block out of its container removes the edges that would cross the border`() throws {
        var history = try WorkflowHistory(Self.nested)
        let events = try history.edit(.reparentBlocks([BlockReparenting("leaf", into: nil)]))
        guard case .edited(let event)? = events.first, case .blocksReparented(_, let removed) = event.change else {
            Issue.record("no change")
            return
        }
        #expect(removed == ["e-inner"])
        #expect(history.definition.block("leaf")?.data.isEmpty == true)
        #expect(history.definition.parallels.map(\.nodes) == [[]])
    }

    @Test func `a new container brings its settings, and is in the list of the one around it`() throws {
        var history = try WorkflowHistory(Self.nested)
        let data = JSONObject([.init(key: "parentId", value: "outer"), .init(key: "count", value: 4)])
        try history.edit(.addBlocks(WorkflowPart(blocks: [Block(id: "l2", type: "loop", name: "L2", data: data)])))
        let loops = history.definition.loops
        #expect(loops.map(\.id) == ["l2", "outer"] && loops[0].times == 4 && loops[1].nodes == ["inner", "l2"])
    }

    @Test func `a container's settings and its block's data say the same`() throws {
        var history = try WorkflowHistory(Self.nested)
        let settings: JSONValue = [
            "id": "x", "nodes": ["foreign"], "iterations": 9, "loopType": "forEach", "forEachItems": "<start.items>",
        ]
        try history.edit(.configureSubflow("outer", settings: settings.object ?? JSONObject()))
        let loop = try #require(history.definition.loops.first)
        #expect(loop.nodes == ["inner"] && loop.times == 9 && loop.items == "<start.items>")
        let data = history.definition.block("outer")?.data
        #expect(data?["count"] == 9 && data?["collection"] == "<start.items>" && data?["loopType"] == "forEach")
    }

    @Test func `all blocks may be removed, and the empty canvas is read back`() throws {
        var history = try WorkflowHistory(Self.chain)
        try history.edit(.removeBlocks(["a", "b", "c"]))
        #expect(history.definition.blocks.isEmpty)
        try history.apply(.replaceState(try read(Self.nested).definition))
        try history.apply(.replaceState(WorkflowDefinition(blocks: [], edges: [])))
        try history.checkStorage("empty")
    }

    // MARK: Refusals

    static let refusals: [(WorkflowEdit, EditRejection)] = [
        (.renameBlock("x", name: "n"), .unknownBlock("x")),
        (.renameBlock("a", name: ""), .illegalName(bytes: 0, limit: WorkflowLimits.nameBytes)),
        (.addBlocks(part("a", "api")), .duplicateID("a")),
        (.addBlocks(part("", "api")), .illegalID(bytes: 0, limit: WorkflowLimits.idBytes)),
        (.addBlocks(part("d", "No Type")), .malformedType("d", "No Type")),
        (.addBlocks(part("d", "api", parent: "x")), .unknownBlock("x")),
        (.addBlocks(part("d", "api", parent: "a")), .noContainer("a")),
        (.addBlocks(part("d", "loop", parent: "d")), .containerCycle("d")),
        (.addEdges([Edge(id: "n", source: "a", target: "x")]), .edgeToNowhere("n", block: "x")),
        (.addEdges([Edge(id: "n", source: "a", target: "a")]), .selfEdge("n")),
        (.addEdges([Edge(id: "n", source: "c", target: "a")]), .cycle("n")),
        (.addEdges([Edge(id: "ab", source: "a", target: "c")]), .duplicateID("ab")),
        (.addEdges([Edge(id: "n", source: "a", target: "b")]), .duplicateEdge("n", of: "ab")),
        (.addEdges([Edge(id: "n", source: "a", target: "in")]), .crossesContainer("n")),
        (.addEdges([Edge(id: "n", source: "a", target: "note")]), .edgeToNote("n", block: "note")),
        (.reparentBlocks([BlockReparenting("a", into: "b")]), .noContainer("b")),
        (.reparentBlocks([BlockReparenting("loop", into: "loop")]), .containerCycle("loop")),
        (.reparentBlocks([BlockReparenting("a", into: "vault")]), .locked("vault")),
        (.moveBlocks([BlockPlace("gold", at: Position(x: JSONNumber(1), y: JSONNumber(1)))]), .locked("vault")),
        (.removeBlocks(["vault"]), .locked("vault")), (.enableBlocks(["vault"], false), .locked("vault")),
        (.addBlocks(part("d", "api", parent: "vault")), .locked("vault")),
        (.configureSubflow("a", settings: JSONObject()), .noContainer("a")),
        (
            .configureBlocks([BlockConfiguration("a", fields: JSONObject([.init(key: "type", value: "x")]))]),
            .illegalField("a", "type")
        ),
        (
            .setSubBlocks([SubBlockEdit(SubBlockChange("a", "p", value: 1), expecting: 7)]),
            .changedMeanwhile("a", subBlock: "p")
        ),
        (.changeVariable("v", field: "value", value: 1), .unknownVariable("v")),
        (.removeEdges(["gold-edge"]), .locked("vault")),
        (
            .removeBlocks((0...WorkflowLimits.batch).map { ElementID("b\($0)") }),
            .batchTooLarge(count: WorkflowLimits.batch + 1, limit: WorkflowLimits.batch)
        ),
    ]

    @Test(arguments: refusals.indices) func `the editor's rules refuse what Sim's editor refuses`(_ index: Int) throws {
        let (edit, rejection) = Self.refusals[index]
        let history = try WorkflowHistory(Self.guarded)
        #expect(throws: WorkflowDecider.Rejection.edit(rejection)) {
            try WorkflowDecider.decide(.edit(edit), history.state)
        }
        #expect(!rejection.description.isEmpty)
    }

    @Test func `an edge of a batch sees the edges before it`() throws {
        let history = try WorkflowHistory(Self.guarded)
        let edges = [Edge(id: "n1", source: "loop", target: "a"), Edge(id: "n2", source: "c", target: "loop")]
        #expect(throws: WorkflowDecider.Rejection.edit(.cycle("n2"))) {
            try WorkflowDecider.decide(.edit(.addEdges(edges)), history.state)
        }
    }

    @Test func `containers nested too deep are refused`() throws {
        let blocks = (0..<WorkflowLimits.containerDepth).map {
            block("n\($0)", "loop", parent: $0 == 0 ? nil : "n\($0 - 1)")
        }
        let deep = state(
            .object(
                JSONObject(
                    (blocks + [block("p", "loop"), block("q", parent: "p")]).map {
                        .init(key: $0["id"]?.string ?? "", value: $0)
                    })))
        let history = try WorkflowHistory(deep)
        let last = ElementID("n\(WorkflowLimits.containerDepth - 1)")
        #expect(throws: WorkflowDecider.Rejection.edit(.containersTooDeep("p", limit: WorkflowLimits.containerDepth))) {
            try WorkflowDecider.decide(.edit(.reparentBlocks([BlockReparenting("p", into: last)])), history.state)
        }
    }

    @Test func `values that no event holds are refused with their size`() throws {
        let history = try WorkflowHistory(Self.chain)
        let value = JSONValue.string(String(repeating: "x", count: 800_000))
        let edit = WorkflowEdit.setSubBlocks([SubBlockEdit(SubBlockChange("a", "p", value: value))])
        #expect {
            try WorkflowDecider.decide(.edit(edit), history.state)
        } throws: { error in
            guard case .editTooLarge(let bytes, let limit)? = error as? WorkflowDecider.Rejection else { return false }
            return bytes > limit
        }
    }

    // MARK: Workflows

    private static func part(_ id: ElementID, _ type: String, parent: String? = nil) -> WorkflowPart {
        let data = parent.map { JSONObject([.init(key: "parentId", value: .string($0))]) } ?? JSONObject()
        return WorkflowPart(blocks: [Block(id: id, type: type, name: "N", data: data)])
    }

    static let chain = state(
        ["a": block("a"), "b": block("b"), "c": block("c")], edges: [edge("ab", "a", "b"), edge("bc", "b", "c")])

    static let nested = state(
        [
            "start": block("start", "start_trigger"), "outer": block("outer", "loop"),
            "inner": block("inner", "parallel", parent: "outer"), "leaf": block("leaf", parent: "inner"),
            "after": block("after"),
        ],
        edges: [
            edge("e-in", "outer", "inner", "loop-start-source"),
            edge("e-inner", "inner", "leaf", "parallel-start-source"),
            edge("e-out", "outer", "after", "loop-end-source"),
        ])

    static let guarded: JSONValue = {
        var vault = block("vault", "loop").object ?? JSONObject()
        vault["locked"] = true
        return state(
            [
                "a": block("a"), "b": block("b"), "c": block("c"), "loop": block("loop", "loop"),
                "in": block("in", parent: "loop"), "note": block("note", "note"), "vault": .object(vault),
                "gold": block("gold", parent: "vault"),
            ],
            edges: [
                edge("ab", "a", "b"), edge("bc", "b", "c"), edge("gold-edge", "vault", "gold", "loop-start-source"),
            ])
    }()
}
