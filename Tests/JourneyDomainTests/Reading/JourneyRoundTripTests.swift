import EventModel
import JourneyDomain
import Testing

@Suite("A journey written and read again") struct JourneyRoundTripTests {
    @Test(arguments: UInt64(1)...200) func `is the same in canonical form`(_ seed: UInt64) throws {
        let journey = RandomJourney.journey(seed)
        #expect(try JourneyDefinition(canonical: journey.canonicalValue) == journey)
        let reading = try JourneyFile.read(journey.canonicalBytes(), name: "x.json", chosenID: "j")
        #expect(reading.definition == journey && reading.digest == journey.digest && reading.format == .canonical)
        #expect(reading.definition.canonicalBytes() == journey.canonicalBytes())
    }

    @Test(arguments: UInt64(1)...200) func `keeps through Parlant all that Parlant has a place for`(_ seed: UInt64)
        throws
    {
        let journey = RandomJourney.journey(seed)
        let id = try #require(JourneyID("wf-1"))
        let answer = journey.graphAnswer(id: id, rootID: "nb4ugSLRiR")
        let texts = Dictionary(
            uniqueKeysWithValues: journey.conditions.enumerated().map { ("condition-\($0)", $1) })
        let reading = try JourneyFile.read(answer, name: "x.json", conditionTexts: texts)
        #expect(reading.definition == journey.heldByParlant)
        #expect(reading.id == id && reading.idOrigin == .file && reading.parlantRoot == "nb4ugSLRiR")
        #expect(journey.heldByParlant.heldByParlant == journey.heldByParlant)
    }

    @Test(arguments: UInt64(1)...50) func `draws the same chart on either side`(_ seed: UInt64) throws {
        let journey = RandomJourney.journey(seed)
        #expect(journey.heldByParlant.mermaid == journey.mermaid)
    }

    @Test(arguments: UInt64(1)...50) func `is created in Parlant with everything but its graph`(_ seed: UInt64) throws {
        let journey = RandomJourney.journey(seed)
        let id = try #require(JourneyID("wf-1"))
        var body = journey.createBody(id: id)
        if case .object(var object) = body {
            // A body that also says the composition mode looks like an answer, in which conditions would be ids.
            object["composition_mode"] = nil
            body = .object(object)
        }
        let reading = try JourneyFile.read(body, name: "x.json")
        #expect(reading.format == .journey && reading.id == id)
        let read = reading.definition
        #expect(read.title == journey.title && read.summary == journey.summary && read.conditions == journey.conditions)
        #expect(read.labels == journey.labels && read.tags == journey.tags && read.priority == journey.priority)
        #expect(read.states == [JourneyState(id: "root", kind: nil)] && read.transitions.isEmpty)
    }

    @Test func `names its root by the alias when its graph is written, and carries its ids in the metadata`() throws {
        let journey = JourneyDefinition(
            title: "T", root: "wf.start",
            states: [
                JourneyState(id: "wf.start", kind: nil),
                JourneyState(
                    id: "wf.a", kind: .chat, action: "Ask",
                    metadata: JSONObject([.init(key: "journey_node", value: ["mine": 1])])),
            ],
            transitions: [
                JourneyTransition(id: "t1", source: "wf.start", target: "wf.a"),
                JourneyTransition(id: "t2", source: "wf.a", target: "wf.start", condition: "again"),
                JourneyTransition(id: "t3", source: "wf.a", target: JourneyState.end, condition: "done"),
            ])
        let body = journey.graphBody
        #expect(body["root"]?["metadata"]?["lockstep"]?["id"] == "wf.start")
        #expect(body["nodes"]?.array?.map { $0["id"]?.string } == ["wf.a"])
        // The kind would be lost if the note of others replaced the engine's.
        #expect(body["nodes"]?[0]?["metadata"]?["journey_node"]?.canonicalized == ["kind": "chat", "mine": 1])
        let edges = body["edges"]?.array ?? []
        let ends = edges.map { [$0["source"]?.string, $0["target"]?.string] }
        #expect(ends == [["root", "wf.a"], ["wf.a", "root"], ["wf.a", "end"]])
        #expect(edges.map { $0["metadata"]?["lockstep"]?["id"]?.string } == ["t1", "t2", "t3"])
    }
}
