import Conversion
import EventModel
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("What a conversion is given") struct HostileTests {
    private func refusal(_ blocks: [Block], _ edges: [Edge] = [], id: String = "wf") -> ConversionError? {
        do throws(ConversionError) {
            _ = try WorkflowToJourney.convert(WorkflowDefinition(blocks: blocks, edges: edges), id: id)
            return nil
        } catch { return error }
    }

    private func refusal(_ states: [JourneyState], _ ways: [JourneyTransition] = [], root: ElementID = "r")
        -> ConversionError?
    {
        do throws(ConversionError) {
            _ = try JourneyToWorkflow.convert(
                JourneyDefinition(title: "T", root: root, states: states, transitions: ways), id: "j")
            return nil
        } catch { return error }
    }

    @Test func `is refused when ids are empty, repeated or reserved`() {
        #expect(refusal([block("")]) == .emptyElementID(.block))
        #expect(refusal([block("a"), block("a")]) == .duplicateID(.block, "a"))
        #expect(refusal([block("a")], [edge("a", "a"), edge("a", "a")]) == .duplicateID(.edge, "a-a"))
        #expect(refusal([block("a")], id: "") == .illegalID("", limit: 512))
        let state = JourneyState(id: "r", kind: nil)
        #expect(refusal([state, state]) == .duplicateID(.state, "r"))
        #expect(refusal([state], root: "other") == .missingRoot("other"))
        #expect(refusal([state, JourneyState(id: "end", kind: .chat)]) == .reservedID("end"))
        let way = JourneyTransition(id: "", source: "r", target: "end")
        #expect(refusal([state], [way]) == .emptyElementID(.transition))
    }

    @Test func `may be empty`() throws {
        let conversion = try converted([], [])
        #expect(conversion.journey.states.map(\.id) == ["wf~root"])
        #expect(
            try JourneyToWorkflow.convert(conversion.journey, id: "wf").workflow
                == WorkflowDefinition(blocks: [], edges: []))
    }

    @Test func `may have containers that contain each other`() throws {
        let blocks = [block("a", "loop", in: "b"), block("b", "loop", in: "a"), block("c", in: "a")]
        let conversion = try converted(blocks, [edge("a", "b"), edge("b", "a")])
        #expect(try JourneyToWorkflow.convert(conversion.journey, id: "wf").workflow.blocks == blocks)
    }

    @Test func `may be deep`() throws {
        let count = 20_000
        let blocks = (0..<count).map { block(ElementID("b\($0)"), $0 == 0 ? "starter" : "agent") }
        let edges = (1..<count).map { edge(ElementID("b\($0 - 1)"), ElementID("b\($0)")) }
        #expect(try converted(blocks, edges).journey.transitions.count == count)
    }

    @Test func `may be wide`() throws {
        let count = 5_000
        let blocks = [block("s", "starter")] + (0..<count).map { block(ElementID("b\($0)")) } + [block("z")]
        let edges = (0..<count).flatMap { [edge("s", ElementID("b\($0)")), edge(ElementID("b\($0)"), "z")] }
        let conversion = try converted(blocks, edges)
        #expect(conversion.journey.transitions.count == count + 2)
    }

    @Test func `may have lost what was kept for the way back`() throws {
        let journey = try converted([block("s", "starter"), block("a")], [edge("s", "a")]).journey
        let garbled = journey.changing("wf.a") {
            $0.with(metadata: JSONObject([.init(key: "sim", value: ["block": 7])]))
        }
        let conversion = try JourneyToWorkflow.convert(garbled, id: "wf")
        #expect(conversion.report.remarks.contains { $0.code == .unreadableComplement && $0.id == "wf.a" })
        let back = try WorkflowToJourney.convert(conversion.workflow, id: "wf").journey
        #expect(back.visible == garbled.visible)
    }

    @Test func `may have a root that Parlant named itself`() throws {
        for blocks in [[block("s", "starter"), block("a")], [block("a"), block("b")]] {
            let workflow = WorkflowDefinition(blocks: blocks, edges: [edge(blocks[0].id, blocks[1].id)])
            let journey = try WorkflowToJourney.convert(workflow, id: "wf").journey
            let named = JourneyDefinition(
                title: journey.title, summary: journey.summary, conditions: journey.conditions, labels: journey.labels,
                root: "BK3Gy0pXvY",
                states: journey.states.map { state in
                    JourneyState(
                        id: state.id == journey.root ? "BK3Gy0pXvY" : state.id, kind: state.kind, action: state.action,
                        summary: state.summary, tools: state.tools, metadata: state.metadata)
                },
                transitions: journey.transitions.map { $0.source == journey.root ? $0.with(source: "BK3Gy0pXvY") : $0 },
                metadata: journey.metadata)
            #expect(try JourneyToWorkflow.convert(named, id: "wf").workflow == workflow)
        }
    }

    @Test func `may hold a copy of a state`() throws {
        let journey = try converted([block("s", "starter"), block("a")], [edge("s", "a")]).journey
        let copy = try #require(journey.state("wf.a"))
        let copied = journey.with(
            states: journey.states + [
                JourneyState(
                    id: "copy", kind: copy.kind, action: copy.action, summary: copy.summary, metadata: copy.metadata)
            ])
        let workflow = try JourneyToWorkflow.convert(copied, id: "wf").workflow
        #expect(workflow.blocks.map(\.id) == ["a", "copy", "s"])
    }

    @Test func `may have blocks that were copied in Sim with all they say`() throws {
        let born = try JourneyToWorkflow.convert(RandomJourney.journey(seed: 3), id: "j").workflow
        let copies = born.blocks.map { block in
            Block(id: ElementID(block.id.text + " copy"), type: block.type, name: block.name, data: block.data)
        }
        let workflow = WorkflowDefinition(blocks: born.blocks + copies, edges: born.edges, metadata: born.metadata)
        let journey = try WorkflowToJourney.convert(workflow, id: "j").journey
        #expect(Set(journey.states.map(\.id)).count == journey.states.count)
        #expect(try JourneyToWorkflow.convert(journey, id: "j").workflow == workflow)
    }
}
