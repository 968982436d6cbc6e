import EventModel
import JourneyDomain
import Testing

@Suite("The numbers of a journey's states") struct JourneyPathIndexTests {
    private func journey(_ ways: [(ElementID, ElementID)], others: [ElementID] = []) -> JourneyDefinition {
        let ids = Set(ways.flatMap { [$0.0, $0.1] } + others + ["root"]).subtracting([JourneyState.end, "gone"])
        return JourneyDefinition(
            title: "T", root: "root", states: ids.map { JourneyState(id: $0, kind: .chat) },
            transitions: ways.enumerated().map { number, way in
                JourneyTransition(id: ElementID("t\(number)"), source: way.0, target: way.1)
            })
    }

    @Test func `begin with the root`() {
        #expect(JourneyPathIndex(journey([])).states == ["root"])
        #expect(JourneyPathIndex(journey([])).index(of: "root") == 1)
    }

    @Test func `go breadth first in the order of the transitions`() {
        let index = JourneyPathIndex(
            journey([("root", "b"), ("b", "d"), ("root", "a"), ("a", "c"), ("d", "a"), ("c", "end")]))
        #expect(index.states == ["root", "b", "a", "d", "c", "end"])
    }

    @Test func `include the end where it is met first`() {
        let index = JourneyPathIndex(journey([("root", "end"), ("root", "a"), ("a", "end")]))
        #expect(index.state(at: 2) == JourneyState.end && index.index(of: "a") == 3)
    }

    @Test func `are not given to states that the root does not reach, or that are not there`() {
        let index = JourneyPathIndex(journey([("root", "gone"), ("x", "y")], others: ["x"]))
        #expect(index.states == ["root"])
        #expect(index.index(of: "x") == nil && index.index(of: "gone") == nil)
    }

    @Test func `survive cycles`() {
        let index = JourneyPathIndex(journey([("root", "a"), ("a", "root"), ("a", "a"), ("a", "b")]))
        #expect(index.states == ["root", "a", "b"])
    }

    @Test func `read stored paths, whatever they hold`() {
        let index = JourneyPathIndex(journey([("root", "a"), ("a", "end")]))
        #expect(
            index.steps(on: ["1", "2", "3", nil, "4", "0", "x", ""])
                == [
                    .state("root"), .state("a"), .state("end"), .left, .unknown("4"), .unknown("0"), .unknown("x"),
                    .unknown(""),
                ])
        #expect(index.path(of: [.state("a"), .left, .unknown("9")]) == ["2", nil, "9"])
        #expect(index.path(of: [.state("nowhere")]) == nil)
        #expect(index.state(at: Int.min) == nil && index.state(at: Int.max) == nil)
    }
}
