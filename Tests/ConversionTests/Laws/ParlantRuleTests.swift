import Conversion
import EventModel
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("What Parlant asks of a journey") struct ParlantRuleTests {
    private static let seeds: Range<UInt64> = 0..<300

    private func journeys(_ check: (JourneyDefinition, UInt64) throws -> Void) throws {
        for seed in Self.seeds {
            let workflow = RandomFlow.workflow(seed: seed, seed % 2 == 0 ? .wild : .proper)
            try check(try WorkflowToJourney.convert(workflow, id: "wf").journey, seed)
        }
    }

    @Test func `ids are unique, begin with the workflow's and are never that of the end`() throws {
        try journeys { journey, seed in
            #expect(Set(journey.states.map(\.id)).count == journey.states.count, "seed \(seed)")
            #expect(Set(journey.transitions.map(\.id)).count == journey.transitions.count, "seed \(seed)")
            #expect(journey.states.allSatisfy { $0.id.text.hasPrefix("wf.") || $0.id.text.hasPrefix("wf~") })
        }
    }

    @Test func `transitions lead from states to states or the end`() throws {
        try journeys { journey, seed in
            let states = Set(journey.states.map(\.id))
            #expect(states.contains(journey.root), "seed \(seed)")
            for way in journey.transitions {
                #expect(states.contains(way.source), "seed \(seed)")
                #expect(states.contains(way.target) || way.target == JourneyState.end, "seed \(seed)")
            }
        }
    }

    @Test func `each of several ways out of a state has a condition`() throws {
        try journeys { journey, seed in
            for (_, ways) in Dictionary(grouping: journey.transitions, by: \.source) where ways.count > 1 {
                #expect(ways.allSatisfy { $0.condition?.isEmpty == false }, "seed \(seed)")
            }
        }
    }

    @Test func `every state but the root has an action, so none ends the journey silently`() throws {
        try journeys { journey, seed in
            for state in journey.states where state.id != journey.root {
                #expect(state.action?.isEmpty == false, "seed \(seed)")
                #expect(state.kind != nil)
            }
        }
    }

    @Test func `a title has 1 to 100 characters, and a longer name is kept`() throws {
        try journeys { journey, seed in #expect((1...100).contains(journey.title.count), "seed \(seed)") }
        let name = String(repeating: "é", count: 140)
        let workflow = WorkflowDefinition(
            blocks: [Block(id: "s", type: "starter", name: "")], edges: [],
            metadata: JSONObject([.init(key: "name", value: .string(name))]))
        let conversion = try WorkflowToJourney.convert(workflow, id: "wf")
        #expect(conversion.journey.title == String(name.prefix(100)))
        #expect(conversion.report.remarks.contains { $0.code == .adjustedTitle })
        #expect(try JourneyToWorkflow.convert(conversion.journey, id: "wf").workflow.name == name)
    }
}
