import EventModel
import JourneyDomain
import Testing

@testable import Reconciliation

@Suite struct `The order of a journey's states` {
    /// Asked, then approved or declined; an approval can be taken back to the question.
    private let graph: JourneyGraph = {
        let ways: [(source: ElementID, target: ElementID)] = [
            ("start", "ask"), ("ask", "approve"), ("ask", "decline"), ("approve", "check"), ("check", "approve"),
            ("check", "pay"), ("pay", JourneyState.end), ("decline", JourneyState.end),
        ]
        return JourneyGraph(ways)
    }()

    @Test func `what a way leads through is behind`() {
        #expect(graph.isBehind("start", "pay"))
        #expect(graph.isBehind("ask", "decline"))
        #expect(!graph.isBehind("pay", "start"))
        #expect(!graph.isBehind("ask", "ask"))
    }

    @Test func `in a loop, and between branches, nothing is behind anything`() {
        #expect(!graph.isBehind("approve", "check") && !graph.isBehind("check", "approve"))
        #expect(!graph.isBehind("decline", "pay") && !graph.isBehind("pay", "decline"))
        #expect(!graph.isBehind("elsewhere", "pay") && !graph.isBehind("start", "elsewhere"))
    }

    @Test func `it ends where a transition leads to the end`() {
        #expect(graph.lastStates == ["pay", "decline"])
        #expect(!graph.isBehind("start", JourneyState.end), "nobody stands there")
    }
}
