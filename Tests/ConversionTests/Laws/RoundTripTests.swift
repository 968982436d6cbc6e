import Conversion
import EventModel
import EventSourcingTesting
import JourneyDomain
import Testing
import WorkflowDomain

@Suite("There and back") struct RoundTripTests {
    private func returns(_ workflow: WorkflowDefinition, id: String = "wf") throws -> Bool {
        let there = try WorkflowToJourney.convert(workflow, id: id)
        let back = try JourneyToWorkflow.convert(there.journey, id: "journey")
        return back.workflow == workflow && back.workflow.canonicalBytes() == workflow.canonicalBytes()
            && back.workflowID == id
    }

    @Test(arguments: [RandomFlow.Manners.proper, .wild])
    func `a workflow comes back as it was`(_ manners: RandomFlow.Manners) throws {
        for seed in 0..<500 as Range<UInt64> {
            let workflow = RandomFlow.workflow(seed: seed, manners)
            #expect(try returns(workflow), "seed \(seed)")
        }
    }

    @Test func `a journey that was born in Parlant comes back as it was`() throws {
        for seed in 0..<500 as Range<UInt64> {
            let journey = RandomJourney.journey(seed: seed, isHostile: seed % 3 == 0)
            let there = try JourneyToWorkflow.convert(journey, id: "journey")
            let back = try WorkflowToJourney.convert(there.workflow, id: there.workflowID)
            #expect(back.journey == journey, "seed \(seed)")
            #expect(back.mapping.journeyID == "journey")
            #expect(try returns(there.workflow, id: there.workflowID), "seed \(seed)")
        }
    }

    @Test(.enabled(if: RecordedJourneys.arePresent)) func `every journey of a real server comes back as it was`() throws
    {
        let all = try RecordedJourneys.all()
        for (place, reading) in all {
            let there = try JourneyToWorkflow.convert(reading.definition, id: reading.id.text)
            let back = try WorkflowToJourney.convert(there.workflow, id: there.workflowID)
            #expect(back.journey == reading.definition, "\(place)")
            #expect(back.mapping.journeyID == reading.id.text, "\(place)")
        }
        #expect(all.count > 40)
    }

    @Test(.enabled(if: RealWorkflows.arePresent)) func `every real workflow comes back as it was`() throws {
        let all = try RealWorkflows.all()
        for (name, reading) in all { #expect(try returns(reading.definition, id: reading.id.text), "\(name)") }
        #expect(all.count > 90)
    }

    @Test func `our demonstrations come back as they were`() throws {
        for name in try ProjectFiles.names(in: ProjectFiles.demonstrations) {
            let reading = try WorkflowFile.read(
                try ProjectFiles.bytes("\(ProjectFiles.demonstrations)/\(name)"), name: name)
            #expect(try returns(reading.definition, id: reading.id.text), "\(name)")
        }
    }

    @Test func `converting twice gives the same`() throws {
        for seed in 0..<200 as Range<UInt64> {
            let workflow = RandomFlow.workflow(seed: seed, .wild)
            let first = try WorkflowToJourney.convert(workflow, id: "wf")
            let second = try WorkflowToJourney.convert(workflow, id: "wf")
            #expect(first == second)
            #expect(first.journey.canonicalBytes() == second.journey.canonicalBytes())
            #expect(first.mapping.digest == second.mapping.digest)
        }
    }

    @Test(.enabled(if: RealWorkflows.arePresent)) func `converting a real workflow twice gives the same ids`() throws {
        let (first, second) = (try RealWorkflows.all(), try RealWorkflows.all())
        for (one, other) in zip(first, second) {
            let there = try WorkflowToJourney.convert(one.reading.definition, id: one.reading.id.text)
            let again = try WorkflowToJourney.convert(other.reading.definition, id: other.reading.id.text)
            #expect(there.journey.states.map(\.id) == again.journey.states.map(\.id), "\(one.name)")
            #expect(there.journey.transitions.map(\.id) == again.journey.transitions.map(\.id), "\(one.name)")
            #expect(there == again && there.mapping.digest == again.mapping.digest, "\(one.name)")
        }
        #expect(first.count > 90)
    }
}
