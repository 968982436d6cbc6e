import EventModel
import JourneyDomain
import Testing

@Suite("A journey's definition") struct JourneyDefinitionTests {
    @Test func `is the same whatever order its states and labels come in`() {
        let first = JourneyState(id: "a", kind: .chat, action: "Ask", labels: ["y", "x", "y"])
        let second = JourneyState(id: "b", kind: .fork)
        func journey(_ states: [JourneyState], labels: [String]) -> JourneyDefinition {
            JourneyDefinition(title: "Refund", labels: labels, root: "a", states: states, transitions: [])
        }
        let one = journey([first, second], labels: ["sim", "refund"])
        let other = journey([second, first], labels: ["refund", "sim", "sim"])
        #expect(one == other)
        #expect(one.digest == other.digest)
        #expect(one.states[0].labels == ["x", "y"])
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `is written as its value would be`(_ seed: UInt64) {
        let journey = RandomJourney.journey(seed)
        let expected = journey.canonicalValue.canonicalBytes()
        #expect(journey.canonicalBytes() == expected && journey.digest == ContentDigest(of: expected), "seed \(seed)")
    }

    @Test func `is another when its transitions come in another order`() {
        let states = [JourneyState(id: "a", kind: .fork), JourneyState(id: "b", kind: .chat)]
        let ways = [
            JourneyTransition(id: "1", source: "a", target: "b", condition: "yes"),
            JourneyTransition(id: "2", source: "a", target: JourneyState.end, condition: "no"),
        ]
        let one = JourneyDefinition(title: "T", root: "a", states: states, transitions: ways)
        let other = JourneyDefinition(title: "T", root: "a", states: states, transitions: ways.reversed())
        #expect(one.digest != other.digest)
    }
}
