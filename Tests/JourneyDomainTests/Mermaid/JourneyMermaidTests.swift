import EventModel
import JourneyDomain
import Testing

@Suite("Charts that the real Parlant drew", .enabled(if: Recordings.arePresent)) struct RecordedMermaidTests {
    struct Case: Sendable, CustomStringConvertible {
        let graph: RecordedExchange
        let chart: RecordedExchange
        var description: String { chart.description }
    }

    /// Every chart with the last graph of that journey before it.
    static let cases: [Case] = RecordedExchange.all.filter { $0.path.hasSuffix("/mermaid") && $0.status == 200 }
        .compactMap { chart in
            RecordedExchange.all.last { graph in
                graph.file == chart.file && graph.number < chart.number && graph.journey == chart.journey
                    && graph.path.hasSuffix("/graph") && graph.status == 200
            }.map { Case(graph: $0, chart: chart) }
        }

    @Test(arguments: cases) func `are ours, byte for byte`(_ drawn: Case) throws {
        let journey = try JourneyFile.read(drawn.graph.body, name: "x").definition
        let chart = try #require(drawn.chart.body.string)
        #expect(Array(journey.mermaid.utf8) == Array(chart.utf8))
    }

    @Test func `are nine`() { #expect(Self.cases.count == 9) }
}

@Suite("The chart of a journey") struct JourneyMermaidTests {
    private func journey(_ states: [JourneyState], _ ways: [(ElementID, ElementID, String?)]) -> JourneyDefinition {
        JourneyDefinition(
            title: "T", root: "r", states: [JourneyState(id: "r", kind: nil)] + states,
            transitions: ways.enumerated().map {
                JourneyTransition(id: ElementID("t\($0)"), source: $1.0, target: $1.1, condition: $1.2)
            })
    }

    @Test func `of nothing is a title`() { #expect(journey([], []).mermaid == "stateDiagram-v2") }

    @Test func `escapes actions, numbers the apostrophe, and leaves conditions as they are`() {
        let chart = journey(
            [JourneyState(id: "a", kind: .chat, action: #"<b> & "c" 'd'"#)], [("r", "a", #"<x> & 'y'"#)]
        ).mermaid
        #expect(
            chart == """
                stateDiagram-v2
                    state "&lt;b&gt; &amp; &quot;c&quot; #39;d#39;" as N0
                    [*] --> N0: <x> & 'y'
                style N0 fill:#006e53,stroke:#ffffff,stroke-width:2px,color:#ffffff
                """)
    }

    @Test func `paints tools, walks the last way first, and names what cannot be reached`() {
        let chart = journey(
            [
                JourneyState(id: "a", kind: .tool, action: "A"), JourneyState(id: "b", kind: .fork),
                JourneyState(id: "c", kind: .chat, action: "C"), JourneyState(id: "x", kind: .chat, action: "X's"),
                JourneyState(id: "y", kind: .fork, action: ""),
            ],
            [("r", "a", "one"), ("r", "b", "two"), ("b", "c", ""), ("a", "end", nil), ("c", "a", nil), ("x", "c", nil)]
        ).mermaid
        #expect(
            chart == """
                stateDiagram-v2
                    %% Unreachable states:
                    %%   N3: X's
                    %%   N4
                    state "A" as N0
                    state "C" as N2
                    state "X#39;s" as N3
                    [*] --> N0: one
                    [*] --> N1: two
                    N1 --> N2
                    N2 --> N0
                    N0 --> [*]
                style N0 fill:#ffeeaa,stroke:#ffeeaa,stroke-width:2px,color:#dd6600
                style N2 fill:#006e53,stroke:#ffffff,stroke-width:2px,color:#ffffff
                style N3 fill:#006e53,stroke:#ffffff,stroke-width:2px,color:#ffffff
                """)
    }

    @Test func `of a root that speaks has its ways twice, as Parlant draws them`() {
        let speaking = JourneyDefinition(
            title: "T", root: "r", states: [JourneyState(id: "r", kind: .chat, action: "Hello")],
            transitions: [JourneyTransition(id: "t", source: "r", target: JourneyState.end)])
        #expect(
            speaking.mermaid == """
                stateDiagram-v2
                    state "Hello" as N0
                    [*] --> [*]
                    N0 --> [*]
                style N0 fill:#006e53,stroke:#ffffff,stroke-width:2px,color:#ffffff
                """)
    }

    @Test func `is drawn in linear time of a long chain`() {
        let count = 10_000
        let states = (0..<count).map { JourneyState(id: ElementID("s\($0)"), kind: .chat, action: "A") }
        let ways = (0..<count).map { number -> (ElementID, ElementID, String?) in
            ("s\(number)" as String == "s0" ? "r" : ElementID("s\(number - 1)"), ElementID("s\(number)"), nil)
        }
        #expect(journey(states, ways).mermaid.utf8.split(separator: UInt8(ascii: "\n")).count == 1 + 3 * count)
    }
}
