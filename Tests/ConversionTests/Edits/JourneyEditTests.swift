import Conversion
import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("What is edited in Parlant") struct JourneyEditTests {
    /// Kinds of single edits.
    enum Edit: String, CaseIterable, Sendable {
        case title, summary, activation, labels, action, noAction, description, kind, tools, metadata
        case condition, noCondition, target, source, newWay, newWayToEnd, lostWay, newState, insertedState, lostState,
            order
    }

    /// The journey after one edit of that kind at a place chosen by `random`.
    private func edited(_ journey: JourneyDefinition, _ edit: Edit, using random: inout SplitMix64)
        -> JourneyDefinition
    {
        let state = random.pick(journey.states).id
        let ids = journey.states.map(\.id) + [JourneyState.end]
        let way = journey.transitions.randomElement(using: &random)
        switch edit {
        case .title: return journey.with(title: "Another title")
        case .summary: return journey.with(summary: random.pick(["", "Another summary"]))
        case .activation: return journey.with(conditions: ["something else happens"])
        case .labels: return journey.with(labels: ["other"])
        case .action: return journey.changing(state) { $0.with(action: "Do something else") }
        case .noAction: return journey.changing(state) { $0.with(action: .some(nil)) }
        case .description: return journey.changing(state) { $0.with(summary: "Another name") }
        case .kind: return journey.changing(state) { $0.with(kind: .tool) }
        case .tools: return journey.changing(state) { $0.with(tools: ["shop:other"]) }
        case .metadata:
            return journey.changing(state) { state in
                var metadata = state.metadata
                metadata["mine"] = ["b": 1]
                return state.with(metadata: metadata)
            }
        case .newState:
            return journey.with(states: journey.states + [JourneyState(id: "wf.new", kind: .chat, action: "Greet")])
        case .lostState: return journey.states.count > 1 && state != journey.root ? journey.removing(state) : journey
        case .order: return journey.with(transitions: journey.transitions.shuffled(using: &random))
        case .newWay, .newWayToEnd:
            let target = edit == .newWay ? random.pick(ids) : JourneyState.end
            let new = JourneyTransition(id: "x1", source: state, target: target, condition: "it is new")
            return journey.with(transitions: journey.transitions + [new])
        case .condition, .noCondition, .target, .source, .lostWay, .insertedState:
            guard let way else { return journey }
            return edited(journey, edit, way, target: random.pick(ids), source: state)
        }
    }

    private func edited(
        _ journey: JourneyDefinition, _ edit: Edit, _ way: JourneyTransition, target: ElementID, source: ElementID
    ) -> JourneyDefinition {
        switch edit {
        case .condition: return journey.changing(way: way.id) { $0.with(condition: "something else is so") }
        case .noCondition: return journey.changing(way: way.id) { $0.with(condition: .some(nil)) }
        case .target: return journey.changing(way: way.id) { $0.with(target: target) }
        case .source: return journey.changing(way: way.id) { $0.with(source: source) }
        case .lostWay: return journey.with(transitions: journey.transitions.filter { $0.id != way.id })
        default:
            let new = JourneyState(id: "new", kind: .tool, action: "Look it up", tools: ["shop:look"])
            let onwards = JourneyTransition(id: "x2", source: "new", target: way.target)
            let changed = journey.changing(way: way.id) { $0.with(target: "new") }
            return changed.with(states: journey.states + [new], transitions: changed.transitions + [onwards])
        }
    }

    @Test(arguments: Edit.allCases)
    func `is there after the way to Sim and back`(_ edit: Edit) throws {
        for seed in 0..<60 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let workflow = RandomFlow.workflow(seed: seed, seed % 2 == 0 ? .proper : .wild)
            let before = try WorkflowToJourney.convert(workflow, id: "wf").journey
            let after = edited(before, edit, using: &random)
            let there = try JourneyToWorkflow.convert(after, id: "wf")
            let back = try WorkflowToJourney.convert(there.workflow, id: "wf").journey
            #expect(back.visible == after.visible, "seed \(seed)")
            let again = try JourneyToWorkflow.convert(back, id: "wf").workflow
            #expect(again == there.workflow, "seed \(seed)")
        }
    }

    @Test(arguments: Edit.allCases)
    func `is there too when the journey was born in Parlant and had been edited in Sim`(_ edit: Edit) throws {
        for seed in 0..<40 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let born = try JourneyToWorkflow.convert(RandomJourney.journey(seed: seed), id: "j")
            let inSim = renamed(born.workflow)
            let before = try WorkflowToJourney.convert(inSim, id: born.workflowID).journey
            #expect(try JourneyToWorkflow.convert(before, id: "j").workflow == inSim, "seed \(seed)")
            let after = edited(before, edit, using: &random)
            let there = try JourneyToWorkflow.convert(after, id: "j")
            let back = try WorkflowToJourney.convert(there.workflow, id: there.workflowID).journey
            #expect(back.visible == after.visible, "seed \(seed)")
        }
    }

    private func renamed(_ workflow: WorkflowDefinition) -> WorkflowDefinition {
        let blocks = workflow.blocks.enumerated().map { index, block in
            index > 0
                ? block
                : Block(
                    id: block.id, type: block.type, name: "Renamed in Sim", position: block.position,
                    subBlocks: block.subBlocks, outputs: block.outputs, isEnabled: block.isEnabled, data: block.data,
                    extra: block.extra)
        }
        return WorkflowDefinition(
            blocks: blocks, edges: workflow.edges, loops: workflow.loops, parallels: workflow.parallels,
            variables: workflow.variables, metadata: workflow.metadata, extra: workflow.extra)
    }
}

@Suite("An edit in Parlant becomes an edit in Sim") struct NativeEditTests {
    private let workflow = WorkflowDefinition(
        blocks: [
            Block(id: "s", type: "start_trigger", name: "Start"),
            Block(
                id: "a", type: "agent", name: "Ask",
                subBlocks: [SubBlock(id: "systemPrompt", type: "long-input", value: "Ask for the order")]),
            Block(
                id: "c", type: "condition", name: "Old?",
                subBlocks: [
                    SubBlock(
                        id: "conditions", type: "condition-input",
                        value:
                            #"[{"id":"c-if","title":"if","value":"<a.age> > 30"},{"id":"c-else","title":"else","value":""}]"#
                    )
                ]),
            Block(id: "d", type: "slack", name: "Decline"), Block(id: "r", type: "api", name: "Refund"),
        ],
        edges: [
            Edge(id: "1", source: "s", target: "a"), Edge(id: "2", source: "a", target: "c", sourceHandle: "source"),
            Edge(id: "3", source: "c", target: "d", sourceHandle: "condition-c-if"),
            Edge(id: "4", source: "c", target: "r", sourceHandle: "condition-c-else"),
        ])

    private func after(_ edit: (JourneyDefinition) -> JourneyDefinition) throws -> WorkflowDefinition {
        let journey = try WorkflowToJourney.convert(workflow, id: "wf").journey
        return try JourneyToWorkflow.convert(edit(journey), id: "wf").workflow
    }

    private func differences(_ changed: WorkflowDefinition) -> [ElementID] {
        let difference = WorkflowDifference(from: workflow, to: changed)
        let kinds = [difference.blocks, difference.edges, difference.containers, difference.variables]
        return kinds.flatMap { $0.added + $0.removed + $0.changed }
    }

    @Test func `a title is the workflow's name`() throws {
        let changed = try after { $0.with(title: "Refunds") }
        #expect(changed.name == "Refunds")
        #expect(differences(changed).isEmpty)
    }

    @Test func `an action is the input that it was derived from`() throws {
        let changed = try after { $0.changing("wf.a") { $0.with(action: "Ask kindly") } }
        #expect(changed.block("a")?.value("systemPrompt") == "Ask kindly")
        #expect(changed.block("a")?.data.isEmpty == true)
        #expect(differences(changed) == ["a"])
    }

    @Test func `a description is the block's name`() throws {
        let changed = try after { $0.changing("wf.r") { $0.with(summary: "Pay back") } }
        #expect(changed.block("r")?.name == "Pay back")
        #expect(differences(changed) == ["r"])
    }

    @Test func `a condition is the row's expression`() throws {
        let changed = try after { $0.changing(way: "wf.3") { $0.with(condition: "the order is old") } }
        #expect(changed.block("c")?.branches.map(\.expression) == ["the order is old", ""])
        #expect(differences(changed) == ["c"])
    }

    @Test func `a target is the edge's target`() throws {
        let changed = try after { $0.changing(way: "wf.3") { $0.with(target: "wf.r") } }
        #expect(changed.edges.first { $0.id == "3" }?.target == "r")
        #expect(Set(differences(changed)) == ["3"])
    }

    @Test func `a removed state takes its block and edges with it, and nothing else`() throws {
        let changed = try after { $0.removing("wf.d") }
        #expect(changed.block("d") == nil)
        #expect(changed.block("c")?.branches.map(\.id) == ["c-else"])
        #expect(Set(differences(changed)) == ["d", "c", "3"])
    }

    @Test func `a new state behind a fork is a new block behind a new row`() throws {
        let changed = try after { journey in
            let state = JourneyState(id: "wf.new", kind: .chat, action: "Offer a voucher", summary: "Voucher")
            let ways = [
                JourneyTransition(id: "wf.5", source: "wf.c", target: "wf.new", condition: "the customer is angry"),
                JourneyTransition(id: "wf.6", source: "wf.new", target: "wf.r"),
            ]
            return journey.with(states: journey.states + [state], transitions: journey.transitions + ways)
        }
        #expect(changed.block("new")?.type == "agent")
        #expect(changed.block("new")?.name == "Voucher")
        #expect(changed.block("c")?.branches.map(\.expression) == ["<a.age> > 30", "", "the customer is angry"])
        #expect(changed.edges.first { $0.id == "6" }?.target == "r")
        #expect(changed.edges.first { $0.id == "5" }?.sourceHandle == "condition-c-5")
        #expect(changed.metadata.isEmpty)
        #expect(Set(differences(changed)) == ["new", "c", "5", "6"])
    }
}
